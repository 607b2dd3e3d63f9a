#pragma once
// Samples of the caller: tokens of any integer type and any strides, checked, as the runtime takes them.

#include <span>

#include "capi/handles.hpp"

namespace trm::capi {

// Fills session.samples, and session.tokens unless the tokens are int32 whose cells lie close together. Throws
// Error(usage) for a batch that is none, Error(input) for a token that the model lacks.
std::span<const Sample> read_batch(trm_session& session, const trm_batch* given, const char* name);

}  // namespace trm::capi
