// The peak speed of one core of this machine in loops of each instruction that a matrix product can be made of.
// bench_roofline [--seconds S] [--json]

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "bench/roof.hpp"

int main(int argc, char** argv) {
  CLI::App app("What one core does in bare loops of an instruction, in 10^9 multiply-accumulates a second.");
  double seconds = 0.5;
  bool json = false;
  app.add_option("--seconds", seconds, "How long to measure each")->capture_default_str();
  app.add_flag("--json", json, "One JSON object instead of a table");
  CLI11_PARSE(app, argc, argv);

  nlohmann::ordered_json report = nlohmann::ordered_json::array();
  if (!json) std::printf("%-34s %-6s %10s\n", "loop", "type", "GMAC/s");
  for (const trm::Roof& roof : trm::available_roofs()) {
    const double speed = trm::gmacs(roof, seconds);
    report.push_back({{"loop", roof.name}, {"type", roof.weight}, {"gmacs", speed}});
    if (!json) std::printf("%-34s %-6s %10.1f\n", roof.name.data(), roof.weight.data(), speed);
  }
  if (json) std::printf("%s\n", nlohmann::ordered_json{{"roofs", report}}.dump().c_str());
  return 0;
}
