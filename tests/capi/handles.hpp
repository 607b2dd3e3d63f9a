#pragma once
// Handles of trm.h that free themselves, for the tests. (Users have trm.hpp.)

#include <trm.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace trm::capi_test {

struct Free {
  void operator()(trm_model* model) const { trm_model_free(model); }
  void operator()(trm_session* session) const { trm_session_free(session); }
  void operator()(trm_ranking* ranking) const { trm_ranking_free(ranking); }
};
using ModelHandle = std::unique_ptr<trm_model, Free>;
using SessionHandle = std::unique_ptr<trm_session, Free>;
using RankingHandle = std::unique_ptr<trm_ranking, Free>;

template <class Struct>
Struct make() {
  Struct made{};
  made.size = sizeof made;
  return made;
}

inline std::string part_of(const trm_error& error, trm_span part) {
  return {error.message + part.begin, part.length};
}

// The model in a file; fails the test with the library's words.
inline ModelHandle load(const std::string& path) {
  auto error = make<trm_error>();
  trm_model* model = nullptr;
  const auto status = trm_model_load(path.c_str(), nullptr, &model, &error);
  INFO(error.message);
  REQUIRE(status == TRM_OK);
  return ModelHandle(model);
}

inline SessionHandle open(const trm_model* model, int threads) {
  auto error = make<trm_error>();
  auto options = make<trm_session_options>();
  options.threads = threads;
  trm_session* session = nullptr;
  const auto status = trm_session_create(model, &options, &session, &error);
  INFO(error.message);
  REQUIRE(status == TRM_OK);
  return SessionHandle(session);
}

inline const std::string bundled = std::string(TRM_SOURCE_DIR) + "/models/bundled/";

// A sudoku that the bundled model solves, [81] tokens.
inline std::vector<std::int32_t> sudoku_tokens() {
  const std::string text = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79";
  std::vector<std::int32_t> tokens;
  for (const char c : text) tokens.push_back(c == '.' ? 1 : c - '0' + 1);
  return tokens;
}
inline const std::string sudoku_answer =
    "534678912672195348198342567859761423426853791713924856961537284287419635345286179";

}  // namespace trm::capi_test
