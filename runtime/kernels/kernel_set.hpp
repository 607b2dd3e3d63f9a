#pragma once
// The kernels of one instruction set, as data: the runtime, the tests and the benchmarks loop over the sets.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "runtime/cpu.hpp"
#include "runtime/tensor.hpp"

namespace trm {

struct PackedMatrix;
struct Prepared;

// What happens to a finished tile while it is still in registers.
enum class Epilogue : std::uint8_t {
  store,   // out[M, N] = A W^T
  add,     // out[M, N] = A W^T + residual[M, N]; out and residual may be the same
  swiglu,  // out[M, N/2] = silu(gate) * up, W packed in PanelOrder::gate_up; quantized at a relative error of 1.2e-4
};

// A matrix product without its left-hand side, which is the argument beside it.
struct MatmulTask {
  const PackedMatrix* b = nullptr;     // [N, K]
  MatrixView<float> out;               // [M, N] or [M, N/2]
  MatrixView<const float> residual{};  // [M, N], for Epilogue::add
  Epilogue epilogue = Epilogue::store;
};

// Rows quantized to seven bits: x = scale (q - zero_point), q in [0, 127]. Activations
// have zero point 64, probabilities 0; the zero point is accounted for in the
// right-hand side (PackedMatrix::compensation). Rows are padded to multiples of k_group bytes.
struct QuantizedRows {
  std::uint8_t* data = nullptr;  // [M, K]
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t stride = 0;  // bytes, a multiple of 4
  float* scale = nullptr;   // of row r: scale[r * scale_stride]
  std::int64_t scale_stride = 1;
  bool eight_bits = false;  // q in [0, 255], for KernelSet::eight_bit_rows

  [[nodiscard]] std::uint8_t* row(std::int64_t r) const { return data + r * stride; }
};

// What KernelSet::probabilities makes of the scores of M queries [M, N], a chunk of N keys. high and low have zero
// point 0; their scales are not written. If low.data is null there is one plane of eight bits, `high` alone.
struct Probabilities {
  QuantizedRows high;  // [M, N]
  QuantizedRows low;   // [M, N] or null
  // The queries' softmax over this chunk and those before it, each [query_rows rounded up to vectors]. Before the first
  // chunk top is minus infinity, sum and lost are 0.
  float* top = nullptr;   // the largest score
  float* sum = nullptr;   // of exp(scale (score - top))
  float* lost = nullptr;  // what rounding took from the sum of exp(scale (score - top)) factor
  // By which the sums over earlier chunks and the sums over this one are to be multiplied, both at most 1: their
  // exponentials are relative to a largest score of their own. After the first chunk weight is 1.
  float* keep = nullptr;
  float* weight = nullptr;
};

// Heads of Mamba-2's recursion over the tokens (arXiv 2405.21060) that share b and c: for each token t and head
//   S <- decay[t] S + dt[t] x[t] b[t]^T,  y[t] = S c[t] + d x[t],   S [head_dim, d_state], zero before the first token.
struct ScanTask {
  MatrixView<const float> x{};      // [T, heads * head_dim]
  MatrixView<const float> b{};      // [T, d_state]
  MatrixView<const float> c{};      // [T, d_state]
  MatrixView<const float> dt{};     // [T, heads], >= 0
  MatrixView<const float> decay{};  // [T, heads], in [0, 1]
  const float* d = nullptr;         // [heads]
  float* scratch = nullptr;         // [scan_scratch] (scan_layout.hpp)
  MatrixView<float> y{};            // [T, heads * head_dim]
};

// Rows [n] that are added up, each channel of each row times a weight of its own: bias + sum over j of weights[j]
// rows[j].
struct WeightedRows {
  std::span<const float* const> rows;
  std::span<const float* const> weights;  // as many as rows
  const float* bias = nullptr;            // null: zero
};

// FPRM's residual scales of tokens that each compute their own [M, N]: a is the factor of what stays, b of what is
// added. a1 and b1 belong to each of the network's sub-layers, a2 and b2 to the sum of latent and input before them.
struct ResidualScaleTask {
  // In: the projection, without its bias, whose sigmoid a is. Out: a. If a1 has no data, a1 is 1 and there is no b1.
  MatrixView<float> a1{};
  MatrixView<float> a2{};
  const float* bias1 = nullptr;  // [N], of a1's projection
  const float* bias2 = nullptr;  // [N], of a2's
  MatrixView<float> b1{};
  MatrixView<float> b2{};
  std::int64_t branches = 1;  // the network's sub-layers, at least 1
};

// Every function may be called from any thread and allocates nothing. An element of an output does not depend on which
// rows are computed in the same call.
struct KernelSet {
  std::string_view name;
  bool CpuFeatures::*needs;     // nullptr: nothing. No function: that would be compiled with the set's instructions
  std::int64_t vector_columns;  // 32-bit lanes of a vector
  std::int64_t panel_columns;   // output channels of a full panel, two vectors
  std::int64_t tile_rows;       // rows of the largest register tile of matmul_f32
  std::int64_t query_rows;      // queries that int8 attention takes at once: whole tiles of matmul_int8, at most 16
  // matmul_int8 takes rows of bytes up to 255 where no weight's magnitude is above 64, with exact sums.
  bool eight_bit_rows;
  bool sums_in_int16;  // the int8 kernel adds four products in 16 bits where they fit (PackedMatrix::safe_pairs)

  // Matrix products; b is packed for this set, in the type of the name.
  void (*matmul_f32)(MatrixView<const float> a, const MatmulTask& task);
  void (*matmul_int8)(const QuantizedRows& a, const MatmulTask& task);
  void (*matmul_q4)(const QuantizedRows& a, const MatmulTask& task);

  // h[M, N] += each of the injections [M, N].
  void (*add)(MatrixView<float> h, std::span<const MatrixView<const float>> injections);
  // h[M, N] <- h / sqrt(mean(h^2) + eps) over the last axis, without a weight.
  void (*rms_norm)(MatrixView<float> h, float eps);
  // scores[M, N] <- exp(scale (score - max of its row)); inverse_sum[M] <- 1 / sum of the row. scale > 0.
  void (*softmax)(MatrixView<float> scores, float scale, float* inverse_sum);
  // h[M, N] <- h * factor[M], a factor a row.
  void (*scale_rows)(MatrixView<float> h, const float* factor);
  // One head's rotary embedding in the "rotate half" form, in place: x[M, head_dim], cos and sin [M, head_dim / 2].
  void (*rotate)(MatrixView<float> x, MatrixView<const float> cos, MatrixView<const float> sin);
  // out[N, M] = in[M, N]^T
  void (*transpose)(MatrixView<const float> in, MatrixView<float> out);
  // Quantizes rows to seven bits around zero point 64, with one scale for each row: the largest magnitude becomes 63.
  // A row whose magnitudes are all below 1e-36 becomes zero. A row that holds an infinity or a NaN gets the scale NaN,
  // and so does everything computed from it.
  void (*quantize)(MatrixView<const float> in, const QuantizedRows& out);
  // softmax in seven-bit numbers, over a chunk of keys: with p = exp(scale (score - largest of the chunk's row)), scale
  // > 0, and factor[N] in [0, 16383], or in [0, 255] with one plane,
  //   p factor ~ 128 high + low,  or ~ high with one plane,
  // with an error of half a unit plus 1.1e-4 p factor. A NaN among a row's scores makes its sum NaN. N is a multiple of
  // probability_group; rows are padded with scores of minus infinity, whose p is 0. At most query_rows rows.
  void (*probabilities)(MatrixView<const float> scores, float scale, const float* factor, const Probabilities& out);

  // Causal convolution of each channel, then silu: out[M, C] = silu(bias + sum_k weight[k] in[m - taps + 1 + k]), the
  // last M rows of in [rows, C]; rows before the first count as zero. weight [taps, C], bias [C].
  void (*convolve)(MatrixView<const float> in, MatrixView<const float> weight, const float* bias,
                   MatrixView<float> out);
  // The heads' time steps and the factors by which their states decay: dt[M, H] = softplus(in + bias), decay[M, H] =
  // exp(dt a), at least e^-87. bias [H]; a [H], <= 0.
  void (*dt_and_decay)(MatrixView<const float> in, const float* bias, const float* a, MatrixView<float> dt,
                       MatrixView<float> decay);
  void (*scan)(const ScanTask& task);
  // out[M, N] = v weight / sqrt(mean(v^2) + eps) over the last axis, where v = y silu(z); weight [N].
  void (*gated_rms_norm)(MatrixView<const float> y, MatrixView<const float> z, const float* weight, float eps,
                         MatrixView<float> out);

  // out[n] = the sum of the weighted rows [n]; out may be one of them.
  void (*weighted_sum)(const WeightedRows& in, float* out, std::int64_t n);
  // old[n] <- stays old + moves next.
  void (*blend)(float* old, const float* next, std::int64_t n, float stays, float moves);
  // a1 <- sigmoid(a1 + bias1), a2 <- sigmoid(a2 + bias2), b2 = 1 - a2 a1^branches,
  // b1 = b2 (1 - a1) / (1 - a1^branches + 1e-5).
  void (*residual_scales)(const ResidualScaleTask& task);
  // max |from - to| / (max |to| + eps) over the channels of a row [n].
  float (*relative_change)(const float* from, const float* to, std::int64_t n, float eps);
  // out[n] = silu(gate) up, where gate and up are the halves of the sum of the weighted rows [2 n].
  void (*weighted_swiglu)(const WeightedRows& in, float* out, std::int64_t n);

  // For a set that computes with a library: the library's own form of packed weights. Null in our own sets.
  std::shared_ptr<const Prepared> (*prepare)(const PackedMatrix& packed) = nullptr;
};

// The sets that this CPU can run, slowest first. "portable" is always among them.
[[nodiscard]] std::span<const KernelSet* const> available_kernel_sets();

// The set of this name, or the fastest for an empty name. Throws Error(usage) listing
// the available names when this CPU cannot run it.
[[nodiscard]] const KernelSet& kernel_set(std::string_view name = {});

// KernelSet::probabilities computes so many at a time: four vectors.
[[nodiscard]] inline std::int64_t probability_group(const KernelSet& kernels) {
  return 4 * kernels.vector_columns;
}

[[nodiscard]] inline std::string_view kernel_set_name(const KernelSet& kernels) {
  return kernels.name;
}

}  // namespace trm
