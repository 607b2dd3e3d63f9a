// The model's matrix products on one core: every kernel set, each product with its epilogue and in the blocks of
// the runtime, against oneDNN's product without an epilogue. All contenders of a row of the table take turns.
// bench_matmul [--seconds S] [--whole] [--isa NAME] [--type f32|int8|q4_0] [--json]

#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/onednn.hpp"
#include "bench/operands.hpp"
#include "bench/roof.hpp"
#include "runtime/scratch.hpp"

namespace trm {
namespace {

struct Options {
  double seconds = 1;  // for each row of the table
  bool whole = false;
  bool json = false;
  std::string isa;   // empty: all
  std::string type;  // empty: all
};

struct Contender {
  std::string name;
  std::function<void()> once;
  double roof = 0;  // GMAC/s; 0: unknown
  int calls = 1;    // in a turn: about a millisecond
  std::vector<double> seconds{};
};

double seconds_of(const std::function<void()>& once, int calls) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) once();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / calls;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// Runs at least five rounds, in each of which every contender has a turn.
void take_turns(std::vector<Contender>& contenders, double seconds) {
  for (Contender& c : contenders) {
    c.once();
    c.calls = std::max(1, static_cast<int>(1e-3 / seconds_of(c.once, 1)));
  }
  double spent = 0;
  for (int round = 0; round < 5 || spent < seconds; ++round) {
    for (Contender& c : contenders) {
      c.seconds.push_back(seconds_of(c.once, c.calls));
      spent += c.seconds.back() * c.calls;
    }
  }
}

// The runtime's products with `rows` rows, attention's included where the rows are the tokens of one sample.
std::vector<ProductCase> products(std::int64_t rows, bool whole) {
  const std::int64_t block = whole ? rows : largest_block;
  std::vector<ProductCase> all = {
      {"qkv", {rows, 1536, 512}, Epilogue::store, block},
      {"o", {rows, 512, 512}, Epilogue::add, block},
      {"gate_up", {rows, 3072, 512}, Epilogue::swiglu, block},
      {"down", {rows, 512, 1536}, Epilogue::add, block},
  };
  if (rows == 776) return all;  // eight samples of 97
  all.push_back({"scores", {rows, rows, 64}, Epilogue::store, 0});
  all.push_back({"values", {rows, 64, rows}, Epilogue::store, 0});
  return all;
}

class Roofs {
 public:
  explicit Roofs(const std::vector<Roof>& roofs) : roofs_(roofs) {
    for (const Roof& roof : roofs_) speeds_.push_back(speed_of(roof, 0.2).fastest);
  }
  [[nodiscard]] double of(std::string_view kernel_set, std::string_view type) const {
    const Roof* roof = roof_of(roofs_, kernel_set, type);
    return roof == nullptr ? 0 : speeds_[static_cast<std::size_t>(roof - roofs_.data())];
  }

 private:
  std::vector<Roof> roofs_;
  std::vector<double> speeds_;
};

std::vector<Contender> contenders(const ProductCase& product, std::string_view type, const Options& options,
                                  const Roofs& roofs, Operands& operands, std::vector<std::int32_t>& peer_out) {
  std::vector<Contender> all;
  for (const KernelSet* set : available_kernel_sets()) {
    if (!options.isa.empty() && options.isa != set->name) continue;
    all.push_back({std::string(set->name),
                   type == "int8"   ? product_int8(*set, product, operands)
                   : type == "q4_0" ? product_q4(*set, product, operands)
                                    : product_f32(*set, product, operands),
                   roofs.of(set->name, type == "q4_0" ? "int8" : type)});
  }
  if (type == "q4_0") return all;
  auto peer = type == "int8" ? onednn_u8s8s32(product.shape, operands.rows_int8.data(), operands.weights_int8.data(),
                                              peer_out.data())
                             : onednn_f32(product.shape, operands.activations.data(), operands.weights.data(),
                                          reinterpret_cast<float*>(peer_out.data()));
  if (peer) all.push_back({"onednn", std::move(peer)});
  return all;
}

void report(const ProductCase& product, std::string_view type, const std::vector<Contender>& all, bool json,
            nlohmann::ordered_json& rows) {
  const auto& [m, n, k] = product.shape;
  const auto speed = [&, m = m, n = n, k = k](const Contender& c) {
    return static_cast<double>(m * n * k) / median(c.seconds) * 1e-9;
  };
  const double peer = all.back().name == "onednn" ? speed(all.back()) : 0;
  for (const Contender& c : all) {
    const double gmacs = speed(c);
    nlohmann::ordered_json row{{"product", product.name}, {"m", m},        {"n", n}, {"k", k}, {"type", type},
                               {"kernels", c.name},       {"gmacs", gmacs}};
    if (peer > 0) row["over_onednn"] = gmacs / peer;
    if (c.roof > 0) row["of_roof"] = gmacs / c.roof;
    rows.push_back(row);
    if (json) continue;
    std::printf("%-8s %4d %5d %5d  %-5s %-12s %8.1f", product.name.data(), static_cast<int>(m), static_cast<int>(n),
                static_cast<int>(k), type.data(), c.name.c_str(), gmacs);
    if (peer > 0) std::printf(" %10.2f", gmacs / peer);
    if (c.roof > 0) std::printf(" %9.0f %%", 100 * gmacs / c.roof);
    std::printf("\n");
  }
}

void bench(const Options& options) {
  omp_set_num_threads(1);
  const Roofs roofs(available_roofs());
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  if (!options.json) {
    std::printf("One core, GMAC/s, medians of turns; oneDNN %s without an epilogue\n", onednn_version().c_str());
    std::printf("%-8s %4s %5s %5s  %-5s %-12s %8s %10s %11s\n", "product", "M", "N", "K", "type", "kernels", "GMAC/s",
                "to onednn", "of roof");
  }
  for (const std::string_view type : {"int8", "q4_0", "f32"}) {
    if (!options.type.empty() && options.type != type) continue;
    for (const std::int64_t m : {97, 776, 916}) {
      for (const ProductCase& product : products(m, options.whole)) {
        if (type == "q4_0" && (product.name == "scores" || product.name == "values")) continue;  // no weights
        Operands operands(product.shape);
        std::vector<std::int32_t> peer_out(static_cast<std::size_t>(m * product.shape.n));
        auto all = contenders(product, type, options, roofs, operands, peer_out);
        take_turns(all, options.seconds);
        report(product, type, all, options.json, rows);
      }
    }
  }
  if (options.json) {
    std::printf("%s\n", nlohmann::ordered_json{{"onednn", onednn_version()}, {"products", rows}}.dump().c_str());
  }
}

}  // namespace
}  // namespace trm

int main(int argc, char** argv) {
  CLI::App app("The model's matrix products on one core, beside oneDNN's and beside what the instructions allow.");
  trm::Options options;
  app.add_option("--seconds", options.seconds, "How long to measure a row's contenders")->capture_default_str();
  app.add_flag("--whole", options.whole, "All rows in one call, not in the runtime's blocks");
  app.add_flag("--json", options.json, "One JSON object instead of a table");
  app.add_option("--isa", options.isa, "Only this kernel set");
  app.add_option("--type", options.type, "Only this type of weights")->check(CLI::IsMember({"f32", "int8", "q4_0"}));
  CLI11_PARSE(app, argc, argv);
  trm::bench(options);
  return 0;
}
