#include "models/family.hpp"

#include <array>
#include <string>

#include "models/trm.hpp"
#include "runtime/error.hpp"

namespace trm {

const Family& family(std::string_view name) {
  static constexpr std::array families = {Family{"trm", trm_step}};
  std::string known;
  for (const Family& candidate : families) {
    if (candidate.name == name) return candidate;
    known += (known.empty() ? "" : ", ") + std::string(candidate.name);
  }
  throw Error(ErrorKind::input, "model family " + std::string(name) + ": unknown; known are " + known);
}

}  // namespace trm
