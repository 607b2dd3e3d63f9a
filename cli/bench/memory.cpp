// trm bench memory: bytes by part, and what the process holds at most.

#include <vector>

#include "cli/bench/bench.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"
#include "cli/terminal.hpp"
#include "models/loaded_model.hpp"

namespace trm {
namespace {

struct Part {
  std::string name;
  std::string what;
  std::int64_t bytes = 0;
};

std::int64_t bytes_of(MatrixView<float> matrix) {
  return matrix.rows * matrix.cols * static_cast<std::int64_t>(sizeof(float));
}

// What one run needs beside the weights, as run() takes it: a scratch a thread, a state a sample under way.
std::vector<Part> parts_of(const CommandSession& session) {
  const auto& model = session.model.impl();
  Scratch scratch;
  State state;
  const auto scratch_arena =
      Arena::sized([&](Arena& arena) { scratch = take_scratch(arena, model.kernels, model.weights.networks()); });
  const auto state_arena = Arena::sized(
      [&](Arena& arena) { state = take_state(arena, model.kernels, model.hyperparameters, model.weights); });
  const std::int64_t x = bytes_of(state.input_embedding), logits = bytes_of(state.logits);
  const std::int64_t latents = static_cast<std::int64_t>(model.weights.initial_latents.size()) * x;
  const auto whole = static_cast<std::int64_t>(state_arena.bytes());
  const std::int64_t table = model.puzzles.rows() * model.puzzles.cols() * static_cast<std::int64_t>(sizeof(float));
  return {{"file", "the model file, on disk", static_cast<std::int64_t>(model.file.source().size())},
          {"puzzle_embeddings", "of the file: the id table, of which a sample reads a row", table},
          {"weights", "packed for the kernels", static_cast<std::int64_t>(session.model.weight_bytes())},
          {"scratch", "each thread's", static_cast<std::int64_t>(scratch_arena.bytes())},
          {"state", "each sample's under way, one a thread; of it:", whole},
          {"latents", "z_high and z_low", latents},
          {"input_embedding", "", x},
          {"logits", "", logits},
          {"mixing", "attention's or Mamba-2's between phases, and alignment", whole - latents - x - logits}};
}

}  // namespace

void bench_memory(const CommonOptions& common, const CommandSession& session, const BenchOptions& options) {
  const std::int64_t loaded = peak_rss_bytes();
  const BenchBatch batch(session.model, options.batch);
  RunOptions run_options = session.run;
  run_options.steps = 1;
  run(session.model, batch.samples(), run_options, [](const auto&) {});
  const std::int64_t ran = peak_rss_bytes();
  auto object = bench_json(session, options);
  object["threads"] = threads_of(session);
  std::string text = "memory; " + bench_text(session, options) + ", " + std::to_string(threads_of(session)) +
                     " threads\n       bytes\n";
  const auto add = [&](const std::string& name, const std::string& what, std::int64_t bytes) {
    object[name + "_bytes"] = bytes;
    text += column(std::to_string(bytes), 12) + "  " + name + (what.empty() ? "" : ": " + what) + '\n';
  };
  for (const Part& part : parts_of(session)) add(part.name, part.what, part.bytes);
  add("peak_rss_loaded", "the most this process held until the model was loaded", loaded);
  add("peak_rss", "the same after a step of the batch", ran);
  print(common.json ? json_line(object) : text);
}

}  // namespace trm
