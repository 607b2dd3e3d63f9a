#pragma once
// Puzzles in nested lists and objects: JSON, JSON lines, and the same as Python, NumPy and C programs print it. Commas
// may be missing, brackets be round or curly, strings have either quote.

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace trm {

using TextRow = std::vector<std::string>;
using TextRows = std::vector<TextRow>;

// A puzzle as the lists hold it: rows of texts; a puzzle in one string is one row of one text.
struct ListedPuzzle {
  TextRows question;
  TextRows answer;       // empty: none
  std::size_t line = 0;  // where it ends, from 1
};

class NestedLists {
 public:
  // `is_whole` answers whether the texts of one list are a whole puzzle; `most_cells` is the length of the longest list
  // that may be a puzzle; `name` is for messages.
  NestedLists(std::string name, std::function<bool(const TextRow&)> is_whole, std::size_t most_cells);

  // Does a line begin lists, where none are open? "[5, 3", "[[", "{\"puzzle\"", "grid = [", not "[Puzzle]".
  [[nodiscard]] static bool begin(std::string_view line);

  [[nodiscard]] bool open() const { return !frames_.empty(); }
  // Takes one more line and appends the puzzles that it completes. A list of cells that stands in no other list is
  // appended too, even if it is but a row. Throws Error(input) with line and column.
  void feed(std::string_view line, std::size_t number, std::deque<ListedPuzzle>& out);

 private:
  enum class Role { puzzles, answers, ignored };  // what a list holds: of the key under which it stands
  struct Frame {
    bool object = false;
    Role role = Role::puzzles;
    char close = ']';
    TextRow texts{};       // a list's texts so far
    TextRows rows{};       // a list's lists of texts so far
    bool puzzles = false;  // a list: has held whole puzzles
    std::string key{};     // an object's key whose value comes
    bool has_key = false;
    TextRows question{};
    TextRows answer{};
  };

  [[noreturn]] void fail(const std::string& what, const std::string& remedy) const;
  [[nodiscard]] std::string take_string(std::string_view line);
  [[nodiscard]] std::string take_word(std::string_view line);
  void take_text(std::string text, std::string_view line, std::deque<ListedPuzzle>& out);
  void open_frame(char bracket, std::string_view line);
  void close_frame(char bracket, std::deque<ListedPuzzle>& out);
  void close_list(Frame list, std::deque<ListedPuzzle>& out);
  void deliver(TextRows puzzle, std::deque<ListedPuzzle>& out);
  [[nodiscard]] Role role_of_value() const;

  std::string name_;
  std::function<bool(const TextRow&)> is_whole_;
  std::size_t most_cells_;
  std::vector<Frame> frames_{};
  std::size_t number_ = 0;    // of the line
  std::size_t position_ = 0;  // in it
};

}  // namespace trm
