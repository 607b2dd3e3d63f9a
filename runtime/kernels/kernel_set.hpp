#pragma once
// The kernels of one instruction set, as data that the runtime, the tests and
// the benchmarks loop over.

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu.hpp"
#include "runtime/tensor.hpp"

namespace trm {

struct PackedMatrix;

// What happens to a finished tile while it is still in registers.
enum class Epilogue : std::uint8_t {
  store,   // out[M, N] = A W^T
  add,     // out[M, N] = A W^T + residual[M, N]; out and residual may be the same
  swiglu,  // out[M, N/2] = silu(gate) * up; W packed in PanelOrder::gate_up
};

struct MatmulTask {
  MatrixView<const float> a;           // [M, K]
  const PackedMatrix* b = nullptr;     // [N, K]
  MatrixView<float> out;               // [M, N] or [M, N/2]
  MatrixView<const float> residual{};  // [M, N], for Epilogue::add
  Epilogue epilogue = Epilogue::store;
};

// Every function may be called from any thread and allocates nothing. The value
// of an output element does not depend on which rows are computed with it.
struct KernelSet {
  std::string_view name;
  bool (*supported)(const CpuFeatures& cpu);
  std::int64_t vector_columns;  // float32 lanes of a vector
  std::int64_t panel_columns;   // output channels of a full panel, two vectors
  std::int64_t tile_rows;       // rows of the largest register tile

  void (*matmul_f32)(const MatmulTask& task);
  // h[M, N] += each of the injections [M, N].
  void (*add)(MatrixView<float> h, std::span<const MatrixView<const float>> injections);
  // h[M, N] <- h / sqrt(mean(h^2) + eps) over the last axis, no gain.
  void (*rms_norm)(MatrixView<float> h, float eps);
  // scores[M, N] <- exp(scale (score - max of its row)); inverse_sum[M] <- 1 / sum of the row. scale > 0.
  void (*softmax)(MatrixView<float> scores, float scale, float* inverse_sum);
  // h[M, N] <- h * factor[M], a factor a row.
  void (*scale_rows)(MatrixView<float> h, const float* factor);
  // One head's rotary embedding in the "rotate half" form, in place: x[M, head_dim], cos and sin [M, head_dim / 2].
  void (*rotate)(MatrixView<float> x, MatrixView<const float> cos, MatrixView<const float> sin);
};

// Those this CPU can run, slowest first ("portable" is always there).
[[nodiscard]] std::span<const KernelSet* const> available_kernel_sets();

// The named one, or the fastest for an empty name. Throws Error(usage) listing
// the available names when this CPU cannot run it.
[[nodiscard]] const KernelSet& kernel_set(std::string_view name = {});

[[nodiscard]] inline std::string_view kernel_set_name(const KernelSet& kernels) {
  return kernels.name;
}

}  // namespace trm
