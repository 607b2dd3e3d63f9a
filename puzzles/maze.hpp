#pragma once
// Mazes on a square: text, tokens and the rules. A model sees side x side cells,
// row by row, as tokens: 0 padding, then one for each of "# SGo" from 1.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/line_source.hpp"

namespace trm::maze {

inline constexpr std::int64_t vocab_size = 6;
inline constexpr std::string_view symbols = "# SGo";  // wall, free, start, goal, path

// Cells row by row, each one of `symbols`; '?' where a model answered padding.
using Grid = std::string;

struct Puzzle {
  Grid question;               // no path in it
  std::optional<Grid> answer;  // where the file gives one
  std::size_t line = 0;        // where it starts in the text, from 1
};

// The side of a square of `cells` cells; nothing if it is no square.
[[nodiscard]] std::optional<std::size_t> side_of(std::int64_t cells);

// Mazes of side x side cells from a text, each as soon as its last line has come. What could be read in two ways is
// refused. Layouts:
//   - `side` lines of `side` cells, empty lines between mazes; cells may stand apart, between spaces, commas,
//   semicolons
//     or tabs; rows may have lost the spaces at their ends;
//   - a line of side x side cells;
//   - tables with a header (question_table.hpp) or without;
//   - nested lists and objects (nested_lists.hpp);
//   - headings such as "Maze 3" above a maze.
// A cell is # (wall), a space or . (free), S or G; or 0 and 1, where S and G or the border tell which is the wall.
class Reader {
 public:
  Reader(LineSource source, std::size_t side);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  // The next maze; nothing at the end of the text. Throws Error(input) with line and column, also for a text without
  // any maze, and Error(io).
  [[nodiscard]] std::optional<Puzzle> next();
  // Can next() go on without waiting for a pipe or a terminal? (It may still wait for the rest of a maze.)
  [[nodiscard]] bool ready() const;
  // Did the text end because the source was interrupted?
  [[nodiscard]] bool interrupted() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// All mazes of a text in memory; `name` is for messages.
[[nodiscard]] std::vector<Puzzle> parse(std::string_view text, const std::string& name, std::size_t side);

[[nodiscard]] std::string to_text(const Grid& grid);  // a line a row

void to_tokens(const Grid& grid, std::span<std::int32_t> out);
[[nodiscard]] Grid from_tokens(std::span<const std::int32_t> tokens);

struct Verdict {
  // "wall r3c4 changed to path", "the path from S ends at r5c6", ... Empty: S and G
  // are connected by path cells, every path cell lies on the way, nothing else changed.
  std::vector<std::string> faults;
  std::size_t moves = 0;     // from S to G along the path; 0: not connected
  std::size_t shortest = 0;  // moves of the shortest way there is; 0: there is none
};
[[nodiscard]] Verdict check(const Grid& question, const Grid& answer);

}  // namespace trm::maze
