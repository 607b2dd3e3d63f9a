#pragma once
// What a Model holds. Not for programs that embed the runtime.

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
  Arena arena;  // where the weights are
};

}  // namespace trm
