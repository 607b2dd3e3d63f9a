#pragma once
// Samples as arrays of token ids and puzzle ids, for the commands that take them raw.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "models/model.hpp"

namespace trm {

struct RawInputOptions {
  std::string inputs;
  std::string puzzle_identifiers;  // empty: id 0 for all
  std::string start;               // empty: the family's own
};
// --inputs, which it returns, and --puzzle-identifiers.
CLI::Option* add_raw_input_options(CLI::App& command, RawInputOptions& options);

struct RawInputs {
  std::vector<std::int32_t> tokens;  // [B, S]
  std::vector<float> start;          // [B, latents, T, D]
  std::vector<Sample> samples;       // of these tokens
};
// Throws Error(input) for arrays that do not fit the model or are parts of a data set of other puzzles, Error(usage)
// where it needs puzzle ids and there are none.
[[nodiscard]] RawInputs read_raw_inputs(const RawInputOptions& options, const Model& model,
                                        const std::string& model_name);

// Throws Error(io).
void make_folder(const std::filesystem::path& folder);

}  // namespace trm
