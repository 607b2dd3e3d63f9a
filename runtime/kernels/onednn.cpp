// The onednn kernel set (-DTRM_WITH_ONEDNN=ON): products with a model's weights by oneDNN, everything else, attention's
// products among it, as in the avx2 set. For comparison and for instruction sets that only oneDNN serves (AMX).
// Unlike the other sets it allocates: oneDNN's primitives, one a number of rows, and buffers a thread.

#include <omp.h>

#include <dnnl.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/kernels/dot_avx2.hpp"
#include "runtime/kernels/kernel_set_of.hpp"
#include "runtime/kernels/matmul_int8.hpp"
#include "runtime/kernels/matmul_q4.hpp"
#include "runtime/kernels/simd_avx2.hpp"
#include "runtime/scratch.hpp"

namespace trm {
namespace {

using dnnl::memory;

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

struct Product {
  memory::desc a, out, scratchpad;
  dnnl::matmul primitive;
};

dnnl::matmul::primitive_desc describe(const memory::desc& a, const memory::desc& weights, const memory::desc& out) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);  // oneDNN's own is not for several threads
#if DNNL_VERSION_MAJOR >= 3
  return {cpu_engine(), a, weights, out, attributes};
#else
  return {dnnl::matmul::desc(a, weights, out), attributes, cpu_engine()};
#endif
}

// oneDNN takes the calling thread alone: the runtime has already dealt the work to its threads.
class OneThread {
 public:
  OneThread() { omp_set_num_threads(1); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread() { omp_set_num_threads(before_); }

 private:
  int before_ = omp_get_max_threads();
};

struct Buffers {
  dnnl::stream stream{cpu_engine()};
  std::vector<std::byte> out, scratchpad;

  static Buffers& of_this_thread() {
    thread_local Buffers buffers;
    return buffers;
  }
  static void* at_least(std::vector<std::byte>& buffer, std::size_t bytes) {
    if (buffer.size() < bytes) buffer.resize(bytes);
    return buffer.data();
  }
};

}  // namespace

// A right-hand side in oneDNN's layout, [K, columns] with columns in packed order.
struct Prepared {
  explicit Prepared(const PackedMatrix& b)
      : int8(b.type == WeightType::int8), k(b.k), columns(round_up(b.n, Avx2::width)) {
    const std::int64_t group = int8 ? k_group : 1;
    const std::int64_t padded_k = round_up(k, group);
    const auto type = int8 ? memory::data_type::s8 : memory::data_type::f32;
    const std::int64_t size = int8 ? 1 : sizeof(float);
    std::vector<std::byte> plain(static_cast<std::size_t>(columns * k * size));  // [columns, K]
    for (std::int64_t c = 0; c < columns; ++c) {
      const auto [offset, stride] = packed_position(Avx2::width, b.n, padded_k, c, group);
      for (std::int64_t i = 0; i < k; ++i) {
        std::copy_n(b.data + (offset + i / group * stride + i % group) * size, size, plain.data() + (c * k + i) * size);
      }
    }
    const OneThread one_thread;
    const memory from({{k, columns}, type, memory::format_tag::ba}, cpu_engine(), plain.data());
    const memory::desc any({k, columns}, type, memory::format_tag::any);  // what it likes best for a block's rows
    const auto chosen = describe(a_desc(largest_block, round_up(k, k_group)), any, out_desc(largest_block));
    weights = memory(chosen.weights_desc(), cpu_engine());
    dnnl::stream stream(cpu_engine());
    dnnl::reorder(from, weights).execute(stream, const_cast<memory&>(from), weights);
    stream.wait();
  }

  // This thread's buffer, [rows, columns] of float32 or int32, with a W^T. `stride` in elements.
  const void* multiply(const void* a, std::int64_t rows, std::int64_t stride) const {
    const OneThread one_thread;
    const Product& product = product_of(rows, stride);
    Buffers& buffers = Buffers::of_this_thread();
    void* out = Buffers::at_least(buffers.out, product.out.get_size());
    void* scratchpad = Buffers::at_least(buffers.scratchpad, product.scratchpad.get_size());
    product.primitive.execute(buffers.stream,
                              {{DNNL_ARG_SRC, memory(product.a, cpu_engine(), const_cast<void*>(a))},
                               {DNNL_ARG_WEIGHTS, weights},
                               {DNNL_ARG_DST, memory(product.out, cpu_engine(), out)},
                               {DNNL_ARG_SCRATCHPAD, memory(product.scratchpad, cpu_engine(), scratchpad)}});
    buffers.stream.wait();
    return out;
  }

  bool int8;
  std::int64_t k;
  std::int64_t columns;

 private:
  [[nodiscard]] memory::desc a_desc(std::int64_t rows, std::int64_t stride) const {
    return {{rows, k}, int8 ? memory::data_type::u8 : memory::data_type::f32, memory::dims{stride, 1}};
  }
  [[nodiscard]] memory::desc out_desc(std::int64_t rows) const {
    return {{rows, columns}, int8 ? memory::data_type::s32 : memory::data_type::f32, memory::format_tag::ab};
  }
  const Product& product_of(std::int64_t rows, std::int64_t stride) const {
    const std::lock_guard lock(mutex);
    const auto found = products.find({rows, stride});
    if (found != products.end()) return found->second;
    const auto a = a_desc(rows, stride), out = out_desc(rows);
    const auto chosen = describe(a, weights.get_desc(), out);
    const Product product{a, out, chosen.scratchpad_desc(), dnnl::matmul(chosen)};
    return products.emplace(std::pair(rows, stride), product).first->second;
  }

  memory weights;
  mutable std::mutex mutex;
  mutable std::map<std::pair<std::int64_t, std::int64_t>, Product> products;
};

namespace {

// The epilogue over rows of results; value(row, column) is a vector of them.
template <auto silu, class Value>
void finish(const MatmulTask& task, std::int64_t rows, std::int64_t columns, Value&& value) {
  const auto panel = [&]<int Vectors>(std::int64_t column) {
    finish_rows<Avx2, silu, Vectors>(task, column, [&](auto&& finish) {
      for (std::int64_t r = 0; r < rows; ++r) {
        Avx2::Vector sum[Vectors];
        for (int v = 0; v < Vectors; ++v) sum[v] = value(r, column + v * Avx2::width);
        finish(r, sum);
      }
    });
  };
  for (std::int64_t column = 0; column < columns; column += 2 * Avx2::width) {
    const bool wide = column + Avx2::width < columns;
    wide ? panel.template operator()<2>(column) : panel.template operator()<1>(column);
  }
}

void onednn_f32(MatrixView<const float> a, const MatmulTask& task) {
  const Prepared* b = task.b->prepared.get();
  if (b == nullptr) return matmul_f32<Avx2>(a, task);
  const auto* out = static_cast<const float*>(b->multiply(a.data, a.rows, a.stride));
  finish<silu<Avx2>>(task, a.rows, b->columns, [&](auto r, auto c) { return Avx2::load(out + r * b->columns + c); });
}

void onednn_int8(const QuantizedRows& a, const MatmulTask& task) {
  const Prepared* b = task.b->prepared.get();
  if (b == nullptr) return matmul_int8<Avx2, DotAvx2>(a, task);
  const auto* out = static_cast<const std::int32_t*>(b->multiply(a.data, a.rows, a.stride));
  finish<silu_coarse<Avx2>>(task, a.rows, b->columns, [&](auto r, auto c) {
    const auto sum = _mm256_add_epi32(DotAvx2::load(out + r * b->columns + c), DotAvx2::load(task.b->compensation + c));
    const auto scale = Avx2::mul(Avx2::set(a.scale[r * a.scale_stride]), Avx2::load(task.b->scale + c));
    return Avx2::mul(DotAvx2::to_float(sum), scale);
  });
}

}  // namespace

extern const KernelSet onednn_kernels;
constinit const KernelSet onednn_kernels = [] {
  // What is not prepared is attention's, whose magnitudes of at most 63 no sum in 16 bits needs care for.
  KernelSet set = kernel_set_of<Avx2>("onednn", &CpuFeatures::avx2, false, DotAvx2::tile_rows, onednn_int8,
                                      matmul_q4<Avx2, DotAvx2>, true);
  set.matmul_f32 = onednn_f32;
  set.prepare = [](const PackedMatrix& packed) { return std::make_shared<const Prepared>(packed); };
  return set;
}();

}  // namespace trm
