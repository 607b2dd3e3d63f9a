#pragma once
// Depthwise convolutions along the tokens or over a board: each channel of an output is a weighted sum of that channel
// at a few tokens.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/kernels/kernel_set.hpp"
#include "runtime/tensor.hpp"

namespace trm {

inline constexpr std::int64_t max_taps = 81;  // of a 9 x 9 convolution

// Which tokens the taps of a convolution read. Tokens before `first` (the prefix) are not convolved, nor are they read.
struct Stencil {
  static constexpr std::int32_t nothing = -1;  // a tap beyond the sequence or the board reads zero

  std::int64_t first = 0;
  std::int64_t taps = 0;
  std::vector<std::int32_t> sources;  // [T - first, taps] tokens

  [[nodiscard]] std::span<const std::int32_t> of(std::int64_t token) const {
    return std::span(sources).subspan(static_cast<std::size_t>((token - first) * taps), static_cast<std::size_t>(taps));
  }
};

// Along the tokens [first, tokens): tap j of token t reads token t - behind + j.
[[nodiscard]] Stencil line_stencil(std::int64_t first, std::int64_t tokens, std::int64_t taps, std::int64_t behind);

// Over a board of side x side cells, row by row, after `first` tokens: taps [k, k], k odd, centred; the first axis is
// the row.
[[nodiscard]] Stencil board_stencil(std::int64_t first, std::int64_t side, std::int64_t k);

// Weights of a convolution's taps, per channel.
struct Convolution {
  MatrixView<const float> taps{};  // [taps, channels]; no data: there is no convolution
  const float* bias = nullptr;     // [channels]; null: zero
  const float* ones = nullptr;     // [channels], for tokens that are not convolved
};

// What a convolution adds up at one token. `in` holds all tokens [T, channels].
class TapRows {
 public:
  TapRows(const Convolution& convolution, const Stencil& stencil, MatrixView<const float> in, std::int64_t token)
      : bias_(convolution.bias) {
    const auto sources = stencil.of(token);
    for (std::size_t j = 0; j < sources.size(); ++j) {
      if (sources[j] == Stencil::nothing) continue;
      rows_[count_] = in.row(sources[j]);
      weights_[count_] = convolution.taps.row(static_cast<std::int64_t>(j));
      ++count_;
    }
  }
  [[nodiscard]] WeightedRows view() const {
    return {std::span(rows_).first(count_), std::span(weights_).first(count_), bias_};
  }

 private:
  std::array<const float*, max_taps> rows_;
  std::array<const float*, max_taps> weights_;
  std::size_t count_ = 0;
  const float* bias_;
};

}  // namespace trm
