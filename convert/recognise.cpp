#include "convert/recognise.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace trm {
namespace {

// What tells families apart: found in the keys of a checkpoint, or what a family has.
struct Marks {
  std::set<std::string_view> inits;
  std::set<std::string_view> levels;  // names of the networks; one without a name leaves no mark
  bool mamba = false;
  bool fixed_point = false;  // a convolution of the latent, or scales

  bool operator==(const Marks&) const = default;
};

Marks marks_of(const Family& family) {
  Marks marks{.inits = {family.initial_latents.begin(), family.initial_latents.end()},
              .levels = {},
              .mamba = family.mamba,
              .fixed_point = family.fixed_point};
  if (!family.start_deviations.empty()) marks.inits.clear();  // no tensor holds a random start
  if (family.h_level) marks.levels.insert("H_level");
  if (family.l_level && !family.l_level_name.empty()) marks.levels.insert(family.l_level_name);
  return marks;
}

Marks marks_of(const Checkpoint& checkpoint) {
  Marks known;
  for (const Family* family : all_families()) {
    known.inits.merge(marks_of(*family).inits);
    known.levels.merge(marks_of(*family).levels);
  }
  Marks marks;
  for (const auto& tensor : checkpoint.tensors()) {
    const std::string_view key = tensor.key;
    const auto last = known.inits.find(key.substr(key.rfind('.') + 1));  // npos + 1 is 0
    if (last != known.inits.end()) marks.inits.insert(*last);
    for (const auto level : known.levels) {
      if (key.find(std::string(level) + ".layers.") != std::string_view::npos) marks.levels.insert(level);
    }
    marks.fixed_point = marks.fixed_point || key.find("L_level.alpha_") != std::string_view::npos ||
                        key.find("L_level.conv.") != std::string_view::npos;
    marks.mamba = marks.mamba || key.find(".mamba.") != std::string_view::npos;
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
