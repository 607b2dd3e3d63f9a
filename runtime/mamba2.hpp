#pragma once
// A Mamba-2 sub-layer (arXiv 2405.21060) in four phases: input projection of a block of
// tokens; convolution of a block; the recursion of some heads over all tokens; gate and norm of a block, which the
// output projection follows.

#include <cstdint>

#include "runtime/arena.hpp"
#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/scratch.hpp"
#include "runtime/tensor.hpp"

namespace trm {

// The most heads of one scan: enough to share the work on B and C, few enough for the second cache.
inline constexpr std::int64_t max_scan_heads = 8;

struct Mamba2 {
  std::int64_t heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t d_state = 0;
  std::int64_t groups = 0;  // heads of a group share B and C

  PackedMatrix in_proj{};                   // [inner + channels + heads, D]: z, (x, B, C), dt
  MatrixView<const float> convolution{};    // [taps, channels]
  const float* convolution_bias = nullptr;  // [channels]
  const float* dt_bias = nullptr;           // [heads]
  const float* a = nullptr;                 // [heads]: A = -exp(A_log)
  const float* d = nullptr;                 // [heads]: D
  const float* norm_weight = nullptr;       // [inner]
  PackedMatrix out_proj{};                  // [D, inner]

  [[nodiscard]] std::int64_t heads_of_group() const { return heads / groups; }
  [[nodiscard]] std::int64_t inner() const { return heads * head_dim; }
  [[nodiscard]] std::int64_t channels() const { return inner() + 2 * groups * d_state; }
};

// What one sample keeps between the phases. All Mamba-2 sub-layers have the same sizes and use it in turn.
struct Mamba2State {
  MatrixView<float> projected{};  // [T, inner + channels + heads]
  MatrixView<float> mixed{};      // [T, channels], after the convolution
  MatrixView<float> dt{};         // [T, heads]: softplus(projected dt + dt_bias)
  MatrixView<float> decay{};      // [T, heads]: exp(dt A)
  MatrixView<float> y{};          // [T, inner]
};
[[nodiscard]] Mamba2State take_mamba2_state(Arena& arena, const Mamba2& mamba, std::int64_t tokens);

namespace mamba2 {

// The input projection of the tokens from `first` on, rows [rows, D]. Returns its rows in the state.
MatrixView<float> project(const KernelSet& kernels, const Mamba2& mamba, const Scratch& scratch,
                          MatrixView<const float> rows, std::int64_t first, const Mamba2State& state);
// Tokens [first, first + count): reads up to taps - 1 tokens before them.
void convolve(const KernelSet& kernels, const Mamba2& mamba, std::int64_t first, std::int64_t count,
              const Mamba2State& state);
// All tokens of heads [first, first + count), all of one group.
void scan(const KernelSet& kernels, const Mamba2& mamba, std::int64_t first, std::int64_t count, const Scratch& scratch,
          const Mamba2State& state);
// What out_proj takes, of tokens [first, first + count): rms_norm(y * silu(z)) * norm_weight, [count, inner], in the
// scratch.
[[nodiscard]] MatrixView<float> gate(const KernelSet& kernels, const Mamba2& mamba, float eps, std::int64_t first,
                                     std::int64_t count, const Scratch& scratch, const Mamba2State& state);

}  // namespace mamba2
}  // namespace trm
