// trm_session: the threads and buffers of runs with one model.

#include <memory>

#include "capi/guard.hpp"
#include "capi/handles.hpp"

namespace trm::capi {
namespace {

SessionOptions options_of(const trm_session_options* options) {
  const trm_session_options given = read_struct(options, "options");
  return {.threads = {.threads = given.threads,
                      .way = given.parallel_for == nullptr ? ThreadWay::own : ThreadWay::caller,
                      .parallel_for = given.parallel_for,
                      .context = given.parallel_context}};
}

}  // namespace
}  // namespace trm::capi

using trm::capi::guarded;
using trm::capi::required;

trm_status trm_session_create(const trm_model* model, const trm_session_options* options, trm_session** session,
                              trm_error* error) {
  if (session != nullptr) *session = nullptr;
  return guarded(error, [&] {
    trm_session*& out = required(session, "session");
    const trm_model& own = required(model, "model");
    out = new trm_session{.model = own, .session = trm::Session(own.model, trm::capi::options_of(options))};
  });
}

void trm_session_free(trm_session* session) {
  delete session;
}

int32_t trm_session_threads(const trm_session* session) {
  return session == nullptr ? 0 : session->session.threads();
}

trm_status trm_memory_needed(const trm_model* model, const trm_session_options* options, uint64_t* bytes,
                             trm_error* error) {
  return guarded(error, [&] {
    required(bytes, "bytes") = trm::memory_needed(required(model, "model").model, trm::capi::options_of(options));
  });
}
