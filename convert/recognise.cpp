#include "convert/recognise.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace trm {
namespace {

// What tells families apart: found in the keys of a checkpoint, or what a family has.
struct Marks {
  std::set<std::string_view> inits;
  bool h_level = false;
  bool l_level = false;
  bool mamba = false;

  bool operator==(const Marks&) const = default;
};

Marks marks_of(const Family& family) {
  return {.inits = {family.initial_latents.begin(), family.initial_latents.end()},
          .h_level = family.h_level,
          .l_level = family.l_level,
          .mamba = family.mamba};
}

Marks marks_of(const Checkpoint& checkpoint) {
  std::set<std::string_view> known;
  for (const Family* family : all_families())
    known.insert(family->initial_latents.begin(), family->initial_latents.end());
  Marks marks;
  for (const auto& tensor : checkpoint.tensors()) {
    const std::string_view key = tensor.key;
    const auto last = known.find(key.substr(key.rfind('.') + 1));  // npos + 1 is 0
    if (last != known.end()) marks.inits.insert(*last);
    const auto within = [&](std::string_view part) { return key.find(part) != std::string_view::npos; };
    marks.h_level = marks.h_level || within("H_level.layers.");
    marks.l_level = marks.l_level || within("L_level.layers.");
    marks.mamba = marks.mamba || within(".mamba.");
  }
  return marks;
}

}  // namespace

Recognised recognise(const Checkpoint& checkpoint) {
  const Marks found = marks_of(checkpoint);
  Recognised recognised;
  for (const Family* family : all_families()) {
    if (marks_of(*family) == found) recognised.families.push_back(family);
  }
  recognised.puzzle_table = std::ranges::any_of(
      checkpoint.tensors(), [](const auto& tensor) { return tensor.key.ends_with("puzzle_emb.weights"); });
  return recognised;
}

}  // namespace trm
