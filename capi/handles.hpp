#pragma once
// The opaque types of trm.h.

#include <trm.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/model.hpp"
#include "models/session.hpp"

struct trm_model {
  trm::Model model;
  std::string name;                                                    // the file's, for messages
  std::string family{};                                                // the texts of trm_model_info, with their NULs
  std::string type{};                                                  //
  const char* task = "";                                               //
  std::vector<std::pair<std::string, std::string>> hyperparameters{};  // name, value
};

struct trm_session {
  const trm_model& model;
  trm::Session session;
  std::atomic<int> caller{trm::Caller::nobody};  // the call that runs in it
  // The samples of the call that runs. They keep their memory from call to call.
  std::vector<std::int32_t> tokens{};  // [B, S], of batches that are not read where they lie
  std::vector<trm::Sample> samples{};  // [B]
};
