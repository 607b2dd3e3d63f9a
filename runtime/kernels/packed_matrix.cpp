#include "runtime/kernels/packed_matrix.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/half.hpp"
#include "runtime/cpu.hpp"
#include "runtime/threads.hpp"

namespace trm {
namespace {

// The output channel in column `column` of the packed order, or -1 for padding.
std::int64_t channel_of(std::int64_t column, std::int64_t n, std::int64_t vector, PanelOrder order) {
  if (order == PanelOrder::plain) return column < n ? column : -1;
  const std::int64_t panel = column / (2 * vector);
  const std::int64_t lane = column % (2 * vector);
  return lane < vector ? panel * vector + lane : n / 2 + panel * vector + lane - vector;
}

// Writes the panels, `group` features side by side. The target is zero before.
template <class Source, class T, class Convert>
void pack_panels(MatrixView<const Source> weights, PanelOrder order, std::int64_t vector, std::int64_t group, T* out,
                 Convert&& convert) {
  const std::int64_t n = weights.rows;
  const std::int64_t k = weights.cols;
  const std::int64_t padded_k = round_up(k, group);
  constexpr std::int64_t worth_threads = 1 << 18;  // elements: below it, starting threads takes longer than packing
  constexpr std::int64_t features_at_once = 64;    // so that the cache lines being written stay in the first cache
  const std::int64_t panels = (n + 2 * vector - 1) / (2 * vector);
  const int threads = n * k > worth_threads ? available_threads() : 1;
  for_each(panels, threads, [&](std::int64_t panel) {
    const std::int64_t first = panel * 2 * vector;
    const std::int64_t width = std::min(round_up(n - first, vector), 2 * vector);
    T* target = out + first * padded_k;
    for (std::int64_t k0 = 0; k0 < k; k0 += features_at_once) {
      const std::int64_t k1 = std::min(k, k0 + features_at_once);
      for (std::int64_t c = 0; c < width; ++c) {
        const std::int64_t channel = channel_of(first + c, n, vector, order);
        if (channel < 0) continue;
        const Source* source = weights.row(channel);
        for (std::int64_t i = k0; i < k1; ++i) {
          target[(i / group * width + c) * group + i % group] = convert(source[i]);
        }
      }
    }
  });
}

template <class Source, class Convert>
PackedMatrix pack_floats(const KernelSet& kernels, MatrixView<const Source> weights, PanelOrder order, Arena& arena,
                         Convert&& convert) {
  auto* out = arena.take<float>(packed_elements(kernels, weights.rows, weights.cols));
  if (!arena.counting()) pack_panels(weights, order, kernels.vector_columns, 1, out, convert);
  PackedMatrix packed;
  packed.n = weights.rows;
  packed.k = weights.cols;
  packed.data = reinterpret_cast<std::byte*>(out);
  if (kernels.prepare != nullptr && !arena.counting()) packed.prepared = kernels.prepare(packed);
  return packed;
}

// Four products of weights with activations up to 127 fit 16 bits if neither the positive nor the
// negative ones of the four weights sum to more than this.
constexpr int largest_sum = 32767 / 127;

// Whether a kernel may add the products of the features {0, 1, 4, 5} and {2, 3, 6, 7} of a pair of k-groups in 16
// bits, in every column. `weights` is [2, columns, k_group].
bool is_safe(const std::int8_t* weights, std::int64_t columns) {
  for (std::int64_t c = 0; c < columns; ++c) {
    const auto* low = weights + c * k_group;
    const auto* high = low + columns * k_group;
    for (std::int64_t pair = 0; pair < k_group; pair += 2) {
      int positive = 0, negative = 0;
      for (const std::int8_t w : {low[pair], low[pair + 1], high[pair], high[pair + 1]}) {
        (w > 0 ? positive : negative) += w;
      }
      if (positive > largest_sum || -negative > largest_sum) return false;
    }
  }
  return true;
}

// Brings the safe pairs of k-groups of every panel to its front and records the order.
void order_pairs(PackedMatrix& packed, std::int64_t vector) {
  const std::int64_t padded_k = round_up(packed.k, k_group);
  const std::int64_t pairs = padded_k / k_pair;  // an odd k-group stays at the end
  const std::int64_t columns = round_up(packed.n, vector);
  std::vector<std::int8_t> copy;
  for (std::int64_t first = 0; first < columns; first += 2 * vector) {
    const std::int64_t width = std::min(columns - first, 2 * vector);
    const std::int64_t bytes = width * k_pair;
    auto* panel = packed.as<std::int8_t>() + first * padded_k;
    std::vector<std::int32_t> order(static_cast<std::size_t>(pairs));
    std::iota(order.begin(), order.end(), 0);
    const auto unsafe =
        std::stable_partition(order.begin(), order.end(), [&](auto s) { return is_safe(panel + s * bytes, width); });
    copy.assign(panel, panel + pairs * bytes);
    for (std::int64_t s = 0; s < pairs; ++s) {
      std::copy_n(copy.data() + order[static_cast<std::size_t>(s)] * bytes, bytes, panel + s * bytes);
    }
    packed.safe_pairs.push_back(static_cast<std::int32_t>(unsafe - order.begin()));
    packed.pair_order.insert(packed.pair_order.end(), order.begin(), order.end());
  }
}

}  // namespace

PackedMatrix::PackedMatrix() = default;
PackedMatrix::PackedMatrix(const PackedMatrix& other) = default;
PackedMatrix::PackedMatrix(PackedMatrix&& other) noexcept = default;
PackedMatrix& PackedMatrix::operator=(const PackedMatrix& other) = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&& other) noexcept = default;
PackedMatrix::~PackedMatrix() = default;

PackedMatrix pack(const KernelSet& kernels, MatrixView<const float> weights, PanelOrder order, Arena& arena) {
  return pack_floats(kernels, weights, order, arena, [](float w) { return w; });
}

PackedMatrix pack_f16(const KernelSet& kernels, MatrixView<const std::uint16_t> weights, PanelOrder order,
                      Arena& arena) {
  return pack_floats(kernels, weights, order, arena, half_to_float);
}

PackedMatrix pack_int8(const KernelSet& kernels, MatrixView<const std::int8_t> weights, const float* scale,
                       PanelOrder order, Arena& arena) {
  const std::int64_t n = weights.rows;
  const std::int64_t k = weights.cols;
  const std::int64_t vector = kernels.vector_columns;
  const std::int64_t columns = round_up(n, vector);
  auto* out = arena.take<std::int8_t>(packed_bytes_int8(kernels, n, k));
  PackedMatrix packed;
  packed.type = WeightType::int8;
  packed.n = n;
  packed.k = k;
  packed.data = reinterpret_cast<std::byte*>(out);
  packed.scale = arena.take<float>(columns);
  packed.compensation = arena.take<std::int32_t>(columns);
  if (arena.counting()) return packed;

  pack_panels(weights, order, vector, k_group, out, [](std::int8_t w) { return w; });
  for (std::int64_t c = 0; c < columns; ++c) {
    const std::int64_t channel = channel_of(c, n, vector, order);
    if (channel < 0) continue;
    std::int32_t sum = 0;
    for (std::int64_t i = 0; i < k; ++i) sum += weights.row(channel)[i];
    packed.scale[c] = scale[channel];
    packed.compensation[c] = -activation_zero_point * sum;
  }
  if (kernels.prepare != nullptr) {
    packed.prepared = kernels.prepare(packed);
  } else if (kernels.sums_in_int16) {
    order_pairs(packed, vector);
  }
  return packed;
}

PackedMatrix pack_q4(const KernelSet& kernels, MatrixView<const Q4Block> blocks, PanelOrder order, Arena& arena) {
  const std::int64_t vector = kernels.vector_columns;
  PackedMatrix packed;
  packed.type = WeightType::q4_0;
  packed.n = blocks.rows;
  packed.k = blocks.cols * q4_block_weights;
  const std::int64_t columns = round_up(packed.n, vector);
  auto* out = arena.take<std::uint8_t>(packed_bytes_q4(kernels, packed.n, packed.k));
  packed.data = reinterpret_cast<std::byte*>(out);
  packed.scale = arena.take<float>(columns * blocks.cols);
  packed.compensation = arena.take<std::int32_t>(columns * blocks.cols);
  if (arena.counting()) return packed;

  constexpr std::int64_t block_bytes = sizeof(Q4Block::nibbles);
  for (std::int64_t c = 0; c < columns; ++c) {
    const std::int64_t channel = channel_of(c, packed.n, vector, order);
    if (channel < 0) continue;
    const std::int64_t first = c / (2 * vector) * (2 * vector);  // of the panel
    const std::int64_t width = std::min(columns - first, 2 * vector);
    for (std::int64_t b = 0; b < blocks.cols; ++b) {
      const Q4Block& block = blocks.row(channel)[b];
      const std::int64_t at = first * blocks.cols + b * width;  // of the block's first column
      for (std::int64_t i = 0; i < block_bytes; i += k_group) {
        std::copy_n(block.nibbles.data() + i, k_group, out + at * block_bytes + (i * width + (c - first) * k_group));
      }
      std::int32_t sum = 0;
      for (std::int64_t i = 0; i < q4_block_weights; ++i) sum += q4_value(block, i);
      packed.scale[at + c - first] = half_to_float(block.scale);
      packed.compensation[at + c - first] = -activation_zero_point * sum;
    }
  }
  return packed;
}

}  // namespace trm
