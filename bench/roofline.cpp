// The peak speed of this machine in loops of each instruction that a matrix product can be made of.
// bench_roofline [--isa NAME --type f32|int8] [--threads N] [--seconds S] [--json]

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "bench/roof.hpp"

namespace trm {
namespace {

struct Options {
  std::string isa;
  std::string type = "int8";
  int threads = 1;
  double seconds = 0.5;
  bool json = false;
};

// The loop that is asked for, or all.
std::vector<Roof> chosen_roofs(const Options& options) {
  std::vector<Roof> all = available_roofs();
  if (options.isa.empty()) return all;
  const Roof* roof = roof_of(all, options.isa, options.type);
  return roof == nullptr ? std::vector<Roof>{} : std::vector{*roof};
}

void report(const std::vector<Roof>& roofs, const Options& options) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  if (!options.json) std::printf("%-34s %-6s %14s %14s\n", "loop", "type", "fastest GMAC/s", "median GMAC/s");
  for (const Roof& roof : roofs) {
    const auto [fastest, median] = speed_of(roof, options.seconds, options.threads);
    rows.push_back({{"loop", roof.name}, {"type", roof.weight}, {"gmacs", fastest}, {"median_gmacs", median}});
    if (!options.json) std::printf("%-34s %-6s %14.1f %14.1f\n", roof.name.data(), roof.weight.data(), fastest, median);
  }
  if (options.json) std::printf("%s\n", nlohmann::ordered_json{{"roofs", rows}}.dump().c_str());
}

}  // namespace
}  // namespace trm

int main(int argc, char** argv) {
  CLI::App app("What cores do in bare loops of an instruction, in 10^9 multiply-accumulates a second.");
  trm::Options options;
  app.add_option("--isa", options.isa, "Only the loop of this kernel set's products");
  app.add_option("--type", options.type, "Weights of these products, f32 or int8")->capture_default_str();
  app.add_option("--threads", options.threads, "How many run at once; their speeds are added")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  app.add_option("--seconds", options.seconds, "How long to measure each")->capture_default_str();
  app.add_flag("--json", options.json, "One JSON object instead of a table");
  CLI11_PARSE(app, argc, argv);
  const auto roofs = trm::chosen_roofs(options);
  if (roofs.empty()) {
    std::fprintf(stderr, "bench_roofline: no loop for %s products of \"%s\" on this machine\n", options.type.c_str(),
                 options.isa.c_str());
    return 1;
  }
  trm::report(roofs, options);
  return 0;
}
