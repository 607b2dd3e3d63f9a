#include "cli/raw_inputs.hpp"

#include <span>
#include <utility>

#include "base/error.hpp"
#include "io/io_error.hpp"
#include "io/npy.hpp"
#include "io/shape.hpp"
#include "models/family.hpp"
#include "puzzles/same_puzzles.hpp"

namespace trm {
namespace {

NpyArray<std::int32_t> read_tokens(const std::string& path, const Hyperparameters& model,
                                   const std::string& model_name) {
  auto tokens = read_npy<std::int32_t>(path);
  if (tokens.shape.size() == 2 && tokens.shape[1] == model.seq_len && tokens.shape[0] > 0) return tokens;
  throw input_error(path, "", "has the shape " + shape_text(tokens.shape),
                    model_name + " takes [B, " + std::to_string(model.seq_len) + "]");
}

std::vector<std::int64_t> read_puzzle_ids(const std::string& path, const Hyperparameters& model,
                                          const std::string& model_name, std::size_t batch) {
  if (path.empty()) {
    if (model.puzzle_emb_ndim > 0 && model.num_puzzle_identifiers > 1) {
      throw Error(ErrorKind::usage, model_name + " knows " + std::to_string(model.num_puzzle_identifiers) +
                                        " puzzles; say which the inputs are with --puzzle-identifiers");
    }
    return std::vector<std::int64_t>(batch, 0);
  }
  auto ids = read_npy<std::int64_t>(path);
  if (ids.values.size() == batch) return std::move(ids.values);
  throw input_error(path, "", "has " + std::to_string(ids.values.size()) + " ids",
                    "one for each of the " + std::to_string(batch) + " inputs is needed");
}

// The start of each sample, [B, latents, T, D], of a file with the latents outermost.
std::vector<float> read_start(const std::string& path, const Hyperparameters& h, std::size_t batch) {
  if (path.empty()) return {};
  const auto given = read_npy<float>(path);
  const auto size = static_cast<std::size_t>(h.tokens() * h.hidden_size);
  const std::size_t latents = family(h.family).initial_latents.size();
  if (given.values.size() != latents * batch * size) {
    throw input_error(path, "", "has the shape " + shape_text(given.shape),
                      "the model takes [" + std::to_string(latents) + ", " + std::to_string(batch) + ", " +
                          std::to_string(h.tokens()) + ", " + std::to_string(h.hidden_size) + "]");
  }
  std::vector<float> start;
  start.reserve(given.values.size());
  for (std::size_t sample = 0; sample < batch; ++sample) {
    for (std::size_t latent = 0; latent < latents; ++latent) {
      const auto first = given.values.begin() + static_cast<std::ptrdiff_t>((latent * batch + sample) * size);
      start.insert(start.end(), first, first + static_cast<std::ptrdiff_t>(size));
    }
  }
  return start;
}

}  // namespace

CLI::Option* add_raw_input_options(CLI::App& command, RawInputOptions& options) {
  CLI::Option* inputs = command.add_option("--inputs", options.inputs, "Token ids, integers [B, S] (.npy)");
  inputs->type_name("FILE");
  command
      .add_option("--puzzle-identifiers", options.puzzle_identifiers,
                  "Puzzle ids, integers [B] (.npy); needed where the model knows several")
      ->type_name("FILE");
  command
      .add_option("--start", options.start,
                  "Latents to start from in place of the model's own start, floats\n[latents, B, T, D], z_high first, "
                  "or [B, T, D] (.npy)")
      ->type_name("FILE");
  return inputs;
}

RawInputs read_raw_inputs(const RawInputOptions& options, const Model& model, const std::string& model_name) {
  const Hyperparameters& h = model.hyperparameters();
  auto tokens = read_tokens(options.inputs, h, model_name);
  const auto batch = static_cast<std::size_t>(tokens.shape[0]), cells = static_cast<std::size_t>(h.seq_len);
  const auto ids = read_puzzle_ids(options.puzzle_identifiers, h, model_name, batch);
  for (const std::filesystem::path file : {options.inputs, options.puzzle_identifiers}) {
    if (!file.empty()) require_same_puzzles(file.parent_path(), model, model_name);
  }
  RawInputs inputs{.tokens = std::move(tokens.values),
                   .start = read_start(options.start, h, batch),
                   .samples = std::vector<Sample>(batch)};
  for (std::size_t i = 0; i < batch; ++i) {
    inputs.samples[i] = {std::span(inputs.tokens).subspan(i * cells, cells), ids[i]};
    inputs.samples[i].noise_key = i;
    const std::size_t size = inputs.start.size() / batch;
    inputs.samples[i].start = std::span(std::as_const(inputs.start)).subspan(i * size, size);
  }
  return inputs;
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw io_error(folder, "cannot create the folder", failure.value());
}

}  // namespace trm
