#pragma once
// Where the buffers of KernelSet::scan lie in its scratch.

#include <cstdint>

#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/packed_matrix.hpp"

namespace trm {

// Places and sizes in floats, all of them multiples of a vector.
struct ScanLayout {
  std::int64_t b = 0;         // [d_state, chunk]
  std::int64_t scores = 0;    // [chunk, chunk]
  std::int64_t left = 0;      // [chunk, left_stride]
  std::int64_t weight = 0;    // [chunk]
  std::int64_t weighted = 0;  // [chunk, a panel]
  std::int64_t right = 0;     // of each head, packed [head_dim, d_state + chunk]
  std::int64_t total = 0;
  std::int64_t left_stride = 0;
  std::int64_t right_of_head = 0;
};

[[nodiscard]] inline ScanLayout scan_layout(std::int64_t vector, std::int64_t heads, std::int64_t head_dim,
                                            std::int64_t d_state) {
  const std::int64_t chunk = 2 * vector;
  ScanLayout at;
  at.left_stride = round_up(d_state, vector) + chunk;
  at.right_of_head = round_up(head_dim, vector) * (d_state + chunk);
  at.scores = at.b + d_state * chunk;
  at.left = at.scores + chunk * chunk;
  at.weight = at.left + chunk * at.left_stride;
  at.weighted = at.weight + chunk;
  at.right = at.weighted + chunk * chunk;
  at.total = at.right + heads * at.right_of_head;
  return at;
}

// Floats that a scan needs beside its operands, whatever they hold.
[[nodiscard]] inline std::int64_t scan_scratch(const KernelSet& kernels, std::int64_t heads, std::int64_t head_dim,
                                               std::int64_t d_state) {
  return scan_layout(kernels.vector_columns, heads, head_dim, d_state).total;
}

}  // namespace trm
