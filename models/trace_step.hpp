#pragma once
// One supervision step with all its intermediate tensors, to find where an implementation goes another way.

#include <cstdint>

#include "models/model.hpp"
#include "runtime/trace.hpp"

namespace trm {

// Runs `step` supervision steps of a sample from a fresh carry and hands the tensors of the last of them to `trace`, on
// this thread: "input_embedding", each latent before the step ("start.z_H"), those of each pass
// ("pass3.L_level.layers.0 .mlp.input", passes counted from 0), each latent after the step ("z_H"), "logits" and "q".
// Latents are named after the vectors that they start from. Throws as run() does.
void trace_step(const Model& model, const Sample& sample, std::int64_t step, const Trace& trace);

}  // namespace trm
