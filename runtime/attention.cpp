#include "runtime/attention.hpp"

namespace trm {

AttentionState take_attention_state(Arena& arena, const KernelSet& kernels, const AttentionShape& shape,
                                    WeightType type) {
  if (type != WeightType::f32) return take_attention_state_int8(arena, kernels, shape);
  return take_attention_state_f32(arena, kernels, shape);
}

}  // namespace trm
