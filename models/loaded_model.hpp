#pragma once
// The parts of a Model, for the rooms of this project that look into it. Programs that embed the runtime include
// model.hpp only.

#include "io/gguf.hpp"
#include "models/family.hpp"
#include "models/model.hpp"
#include "models/puzzle_table.hpp"
#include "models/weights.hpp"

namespace trm {

struct Model::Impl {
  gguf::File file;
  Hyperparameters hyperparameters;
  const KernelSet& kernels;
  const Family& family;
  PuzzleTable puzzles;
  Weights weights{};
  Arena arena;  // the memory of the weights
};

// Throws Error(input) if a sample does not fit the model; `index` is its number, for the message.
void check_sample(const Model::Impl& model, const Sample& sample, std::size_t index);

}  // namespace trm
