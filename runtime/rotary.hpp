#pragma once
// Rotary position embedding: cosine and sine of every position's angles.

#include <cstdint>

#include "runtime/arena.hpp"
#include "runtime/tensor.hpp"

namespace trm {

struct RotaryTable {
  MatrixView<const float> cos{};  // [T, head_dim / 2]; no data: no rotary positions
  MatrixView<const float> sin{};
  // The number of equal parts of a head. In each part the first half is paired with the second.
  std::int64_t parts = 1;
};

// The angle of position t and pair i is t / theta^(2i / head_dim), computed in float32 as the training code does
// (TinyRecursiveModels, models/layers.py): at t = 915 the rounding of the angle to float32 is larger than the tolerance
// of the tests.
[[nodiscard]] RotaryTable rotary_table(std::int64_t tokens, std::int64_t head_dim, double theta, Arena& arena);

// What a token's angles tell: its place in the sequence, or row and column of its cell on a board.
enum class RotaryPlaces : std::uint8_t {
  sequence,
  // Rows turn the first quarter of a head against its third, columns the second against the fourth, both at the
  // frequencies of the first head_dim / 4 pairs of a sequence. Tokens before the board turn as in a sequence
  // (nano-trm).
  board_pairs,
  // Rows turn the first half of a head, columns the second, each like a head of head_dim / 2 in a sequence (EqR).
  board_halves,
};

struct RotaryShape {
  RotaryPlaces places = RotaryPlaces::sequence;
  std::int64_t tokens = 0;
  std::int64_t prefix = 0;  // tokens before the board
  std::int64_t width = 1;   // of the board
  std::int64_t head_dim = 0;
  double theta = 10000;
};

// Frequencies and angles in double; only cosine and sine are rounded to float32.
[[nodiscard]] RotaryTable exact_rotary_table(const RotaryShape& shape, Arena& arena);

}  // namespace trm
