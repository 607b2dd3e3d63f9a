#pragma once
// Sudokus: text, tokens and the rules. A model sees the cells row by row as tokens: 0 padding, 1 blank, digit + 1.
// nano-trm's models have another alphabet.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/line_source.hpp"
#include "puzzles/sudoku_grid.hpp"

namespace trm::sudoku {

inline constexpr std::int64_t vocab_size = 11;  // of 9x9

struct Puzzle {
  Grid question{};
  std::optional<Grid> answer;  // where the file gives one
  std::size_t line = 0;        // where it starts in the text, from 1
  std::string name;            // what else the text says of it: a name, a rating
};

// Sudokus from a text, each as soon as its last line has come. A text may mix these layouts; what could be read in two
// ways is refused.
//   - 81 characters a line; names and ratings may stand beside them, and the answer;
//   - nine lines of nine cells, close together, in threes or apart, in any frame (- + = | and the box drawings); rules
//   or
//     empty lines may separate bands and grids;
//   - a cell a field, nine or 81 a line, between commas, semicolons or tabs;
//   - tables with a header (question_table.hpp) or without: the column of 81 cells is the question, a second one the
//   answer;
//   - nested lists and objects (nested_lists.hpp);
//   - headings such as "Grid 01" or "[Puzzle]" above a grid.
// A cell is 1 to 9 or a blank: 0, . or any other character, -1, nan, an empty field, a space where columns tell. A
// puzzle writes its blanks in one way. From # or // behind a space to the end of a line is a comment. Boards of other
// sizes have the fewer layouts of sudoku_sizes.hpp.
class Reader {
 public:
  explicit Reader(LineSource source, const Shape& shape = {});
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  // The next puzzle; nothing at the end of the text. Throws Error(input) with line and column, also for a text without
  // any puzzle, and Error(io).
  [[nodiscard]] std::optional<Puzzle> next();
  // Can next() go on without waiting for a pipe or a terminal? (It may still wait for the rest of a puzzle.)
  [[nodiscard]] bool ready() const;
  // Did the text end because the source was interrupted?
  [[nodiscard]] bool interrupted() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// All puzzles of a text in memory; `name` is for messages.
[[nodiscard]] std::vector<Puzzle> parse(std::string_view text, const std::string& name, const Shape& shape = {});

[[nodiscard]] std::string to_line(const Grid& grid);  // a symbol() each cell

void to_tokens(const Grid& grid, std::span<std::int32_t> out);         // out[81]
[[nodiscard]] Grid from_tokens(std::span<const std::int32_t> tokens);  // [81]; padding and blank become 0

// The tokens of a model: `blank`, and blank + digit for every digit. Lower ones are padding (0) and marks.
struct Alphabet {
  std::int32_t blank = 1;  // nano-trm: 2, after padding and an end marker (1)
  Shape shape{};
  // Cells a row of the model's board. Those of nano-trm may be wider than the sudoku, which then stands at the top
  // left; the end marker is the first cell of the row below it, the rest is padding.
  std::size_t width = shape.side;

  [[nodiscard]] std::int64_t vocab_size() const { return blank + 1 + static_cast<std::int64_t>(shape.side); }
  [[nodiscard]] std::size_t cells() const { return width * width; }  // S of the model
  [[nodiscard]] std::size_t place_of(std::size_t cell) const { return cell / shape.side * width + cell % shape.side; }
  void to_tokens(const Grid& grid, std::span<std::int32_t> out) const;  // out[S]
  [[nodiscard]] Grid from_tokens(std::span<const std::int32_t> tokens) const;
};
// How much wider than the sudoku nano-trm's boards are: its max_grid_size is grid_size + 2 where nothing else is asked
// for. Of other margins sizes do not tell a sudoku from ARC's grids, which have 12 tokens as well.
inline constexpr std::size_t nano_margin = 2;
// The alphabet and the board of a model of these sizes, `tokens` its vocab_size; nothing where it does not read
// sudokus.
[[nodiscard]] std::optional<Alphabet> alphabet_of(std::int64_t seq_len, std::int64_t tokens);

// Everything that keeps `answer` from solving `question`, most telling first:
// "the givens contradict each other: row 3 has two 5s", "given r1c2=5 changed to 6",
// "r4c4 is blank", "row 3 has two 7s". Empty: solved.
[[nodiscard]] std::vector<std::string> faults(const Grid& question, const Grid& answer);
// How many there are of all but the first kind, without the words: fast enough for every step of a model.
[[nodiscard]] std::size_t fault_count(const Grid& question, const Grid& answer);
// Does a digit stand twice in a row, column or box?
[[nodiscard]] bool contradicts(const Grid& question);

// The ways to fill one gap: the digits that a blank cell can have, or the cells that a missing digit of a row, column
// or box can have, as far as the rows, columns and boxes say.
struct Placement {
  std::size_t cell = 0;
  std::uint8_t digit = 0;
};
using Choice = std::vector<Placement>;
// All with two ways or more, cells first.
[[nodiscard]] std::vector<Choice> open_choices(const Grid& grid);

// Solutions of a puzzle, counted up to `most` by search; nothing where that takes too long. A solver of the classic
// kind: it says whether a puzzle has one solution, and never helps a model.
[[nodiscard]] std::optional<std::size_t> count_solutions(const Grid& question, std::size_t most);

}  // namespace trm::sudoku
