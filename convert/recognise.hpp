#pragma once
// What a checkpoint's tensors tell by their names alone, under whatever prefix.

#include <vector>

#include "convert/checkpoint/checkpoint.hpp"
#include "models/family.hpp"

namespace trm {

struct Recognised {
  // Families all of whose inits and networks are among the tensors, and no other family's.
  std::vector<const Family*> families;
  bool puzzle_table = false;  // there is a table of puzzle embeddings
};
[[nodiscard]] Recognised recognise(const Checkpoint& checkpoint);

}  // namespace trm
