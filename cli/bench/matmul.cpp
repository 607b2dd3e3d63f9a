// trm bench matmul: the products of a layer.

#include <algorithm>
#include <vector>

#include "cli/bench/bench.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/terminal.hpp"
#include "models/loaded_model.hpp"
#include "runtime/linear.hpp"

namespace trm {

std::vector<LayerProduct> layer_products(const Layer& layer) {
  std::vector<LayerProduct> products;
  const auto add = [&](const char* name, const PackedMatrix& b, Epilogue epilogue) {
    if (b.n > 0) products.push_back({name, &b, epilogue});
  };
  for (const Mamba2& mamba : layer.mamba) {
    add("mamba in_proj", mamba.in_proj, Epilogue::store);
    add("mamba out_proj", mamba.out_proj, Epilogue::add);
  }
  add("qkv", layer.qkv, Epilogue::store);
  add("o", layer.o, Epilogue::add);
  add("token gate_up", layer.token_mlp.gate_up, Epilogue::swiglu);
  add("token down", layer.token_mlp.down, Epilogue::add);
  add("gate_up", layer.mlp.gate_up, Epilogue::swiglu);
  add("down", layer.mlp.down, Epilogue::add);
  return products;
}

// The products of a layer, quantization and epilogue included, on one core, a block of rows at a time as a pass calls
// them. Prints a line or an object each.
void bench_matmul(const CommonOptions& common, const CommandSession& session, const BenchOptions& options) {
  const auto& model = session.model.impl();
  const auto products = layer_products(model.weights.networks().front()->layers.front());
  std::int64_t widest = 0;
  for (const auto& product : products) widest = std::max({widest, product.b->n, product.b->k});
  Scratch scratch;
  float *in = nullptr, *out = nullptr;
  const Arena arena = Arena::sized([&](Arena& a) {
    scratch = take_scratch(a, model.kernels, model.weights.networks());
    in = a.take<float>(largest_block * widest);
    out = a.take<float>(largest_block * widest);
  });
  for (std::int64_t i = 0; i < largest_block * widest; ++i) in[i] = static_cast<float>(i % 17 - 8) / 8.0F;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& product : products) {
    const auto& name = product.name;
    const auto* b = product.b;
    const auto epilogue = product.epilogue;
    const std::int64_t cols = epilogue == Epilogue::swiglu ? b->n / 2 : b->n;
    const MatrixView<float> result(out, largest_block, cols);
    const MatmulTask task{.b = b, .out = result, .residual = as_const(result), .epilogue = epilogue};
    const Timing timing = measure(options.seconds / static_cast<double>(products.size()), [&] {
      std::fill_n(out, largest_block * cols, 0.0F);
      linear(model.kernels, scratch, {in, largest_block, b->k}, task);
    });
    const double gmacs = static_cast<double>(largest_block * b->n * b->k) / timing.median_s / 1e9;
    list.push_back({{"product", name},
                    {"m", largest_block},
                    {"n", b->n},
                    {"k", b->k},
                    {"median_s", timing.median_s},
                    {"gmacs_per_s", gmacs},
                    {"isa", model.kernels.name},
                    {"type", session.model.type()}});
    if (!common.json) {
      print(name + " [" + std::to_string(largest_block) + ", " + std::to_string(b->k) + "] x [" + std::to_string(b->k) +
            ", " + std::to_string(b->n) + "]: " + fixed(gmacs, 1) + " GMAC/s on one core, " +
            std::string(model.kernels.name) + ", " + std::string(session.model.type()) + "\n");
    }
  }
  if (!common.json) return;
  nlohmann::ordered_json object = bench_json(session, options);
  object["products"] = std::move(list);
  print(json_line(object));
}

}  // namespace trm
