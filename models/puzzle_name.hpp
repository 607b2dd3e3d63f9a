#pragma once
// The names of puzzles in an id table. A data set builder gives each augmentation of a puzzle (a transform of its grids
// and a permutation of its colours) a name and a row of its own. Two builders exist, each with its own dialect:
//   TinyRecursiveModels  "<puzzle>|||t<transform>|||<image of 0..9>"   "00576224|||t3|||0987654321"
//   HRM                  "<puzzle>_t<transform>_<image of 0..9>"       "00576224_t3_0987654321"
//
// "|||" occurs in no task's own name, so TinyRecursiveModels' dialect is recognised by it alone. An underscore does
// occur in such names ("my_task", "a_t3"), so HRM's dialect demands the whole form: t0 to t7, then ten digits that are
// a permutation which leaves 0 in place, at the end of the name, after at least one other character. A "|||" goes
// first: in "a_t3_0987654321|||t1|||0213456789" the puzzle is called "a_t3_0987654321". A task whose own name has the
// whole form is told apart by whoever knows the tasks: a name that equals a task's name is that task's.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trm {

inline constexpr std::string_view puzzle_name_separator = "|||";  // written by TinyRecursiveModels and by `trm`

struct PuzzleNameParts {
  std::string_view puzzle;                                               // the plain puzzle's own name
  int transform = 0;                                                     // 0..7
  std::array<std::uint8_t, 10> colour = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};  // image of each colour; 0 stays 0
};

// A plain puzzle's name comes back whole, with transform 0 and every colour in its place.
// Nothing for a name with "|||" whose rest is no augmentation.
[[nodiscard]] std::optional<PuzzleNameParts> split_puzzle_name(std::string_view name);

// The plain puzzle's own name. Of a name that split_puzzle_name refuses, the part before the first "|||".
[[nodiscard]] std::string_view plain_name(std::string_view name);

}  // namespace trm
