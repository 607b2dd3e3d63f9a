#pragma once
// A matrix product with weights of any type.

#include "runtime/kernels/kernel_set.hpp"
#include "runtime/kernels/packed_matrix.hpp"
#include "runtime/scratch.hpp"

namespace trm {

// task.out = epilogue(a W^T), a [M, K] with M <= largest_block. For quantized weights the rows of `a` are quantized
// first, into the scratch: the kernel before has just written them, so that they are read from the first cache.
inline void linear(const KernelSet& kernels, const Scratch& scratch, MatrixView<const float> a,
                   const MatmulTask& task) {
  switch (task.b->type) {
    case WeightType::f32:
      return kernels.matmul_f32(a, task);
    case WeightType::int8:
    case WeightType::q4_0: {
      const QuantizedRows q{.data = scratch.quantized,
                            .rows = a.rows,
                            .cols = a.cols,
                            .stride = round_up(a.cols, k_group),
                            .scale = scratch.quantized_scale};
      kernels.quantize(a, q);
      return task.b->type == WeightType::int8 ? kernels.matmul_int8(q, task) : kernels.matmul_q4(q, task);
    }
  }
}

}  // namespace trm
