#pragma once
// Which families a checkpoint's tensors may be of, by their names alone.

#include <vector>

#include "convert/checkpoint/checkpoint.hpp"
#include "models/family.hpp"

namespace trm {

// Families all of whose inits and networks are among the tensors, under whatever prefix, and no other family's.
[[nodiscard]] std::vector<const Family*> recognise(const Checkpoint& checkpoint);

}  // namespace trm
