// trm_session: the threads and buffers of runs with one model.

#include <memory>

#include "capi/guard.hpp"
#include "capi/handles.hpp"
#include "runtime/cpu.hpp"

namespace trm::capi {
namespace {

RunOptions defaults_of(const trm_session_options* options) {
  const trm_session_options given = read_struct(options, "options");
  if (given.threads < 0) refuse("threads", std::to_string(given.threads), "give 1 or more, or 0 for all");
  return {.threads = startable_threads(given.threads > 0 ? given.threads : available_threads())};
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
    out = new trm_session{.model = required(model, "model"), .defaults = trm::capi::defaults_of(options)};
  });
}

void trm_session_free(trm_session* session) {
  delete session;
}

int32_t trm_session_threads(const trm_session* session) {
  return session == nullptr ? 0 : session->defaults.threads;
}

trm_status trm_memory_needed(const trm_model* model, const trm_session_options* options, uint64_t* bytes,
                             trm_error* error) {
  return guarded(error, [&] {
    required(model, "model");
    required(bytes, "bytes") = 0;
    static_cast<void>(trm::capi::defaults_of(options));
    throw trm::Error(trm::ErrorKind::work, "the memory of a session is not known yet");
  });
}
