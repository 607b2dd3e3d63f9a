#include "puzzles/sudoku_cells.hpp"

#include <algorithm>
#include <array>

#include "io/text.hpp"

namespace trm::sudoku {
namespace {

constexpr Line delimiters = U",;\t";
constexpr Line never_cells = U",;\"'`#|[](){}<>\\";

bool contains(Line set, char32_t c) {
  return set.find(c) != Line::npos;
}

bool is_digit(char32_t c) {
  return c >= U'1' && c <= U'9';
}

// Spaces and marks without width, of which a reader sees nothing.
bool is_invisible(char32_t c) {
  return c <= U' ' || (c >= 0x7F && c <= 0xA0) || c == 0xAD || (c >= 0x2000 && c <= 0x200F) || c == 0x3000 ||
         c == 0xFEFF;
}

bool is_blank(char32_t c) {
  return !is_invisible(c) && c != replacement_character && !is_bar(c) && !contains(never_cells, c);
}

std::optional<Cell> character_cell(char32_t c) {
  if (is_digit(c)) return Cell{static_cast<std::uint8_t>(c - U'0'), 0};
  if (!is_blank(c)) return std::nullopt;
  return Cell{0, c == U'.' ? U'0' : c};
}

// Pieces between characters for which `separates` holds, empty ones too.
template <class Separates>
std::vector<Line> split(Line line, const Separates& separates) {
  std::vector<Line> pieces;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && !separates(line[i])) continue;
    pieces.push_back(line.substr(start, i - start));
    start = i + 1;
  }
  return pieces;
}

Line unquoted(Line field) {
  const bool quoted =
      field.size() >= 2 && (field.front() == U'"' || field.front() == U'\'') && field.back() == field.front();
  return quoted ? field.substr(1, field.size() - 2) : field;
}

// The fields of a line with delimiters, or its words. Bars and spaces set words apart.
std::vector<Line> groups_of(Line line) {
  const std::size_t found = line.find_first_of(delimiters);
  if (found == Line::npos) {
    auto words = split(line, [](char32_t c) { return c == U' ' || c == U'\t' || is_bar(c); });
    std::erase_if(words, [](Line word) { return word.empty(); });
    return words;
  }
  const char32_t delimiter = line.find(U'\t') != Line::npos ? U'\t' : line[found];
  auto fields = split(line, [&](char32_t c) { return c == delimiter; });
  for (Line& field : fields) field = unquoted(trimmed(field));
  // A delimiter behind the last cell, where no field is a blank: as programming languages allow it.
  const bool others_filled = std::none_of(fields.begin(), fields.end() - 1, [](Line field) { return field.empty(); });
  if (fields.back().empty() && others_filled && fields.size() % side == 1) fields.pop_back();
  return fields;
}

// Do the blanks look like what separates groups of digits? "1-2-3", "123 456 789".
bool look_like_separators(const Cells& found) {
  constexpr std::ptrdiff_t few = 8;  // fewer separate no groups of a puzzle
  if (std::count_if(found.begin(), found.end(), [](const Cell& cell) { return cell.digit == 0; }) < few) return false;
  std::size_t first_run = 0;
  std::size_t run = 0;
  for (const Cell& cell : found) {
    if (cell.digit != 0) {
      run += 1;
      continue;
    }
    if (run == 0 || (first_run != 0 && run != first_run)) return false;
    first_run = run;
    run = 0;
  }
  return true;
}

std::optional<Grid> checked_puzzle(const Cells& found) {
  const auto blank = blank_of(found);
  if (found.size() != sudoku::cells || !blank) return std::nullopt;
  const bool usual = *blank == 0 || *blank == U'0';
  const bool digitless = std::all_of(found.begin(), found.end(), [](const Cell& cell) { return cell.digit == 0; });
  if (!usual && (digitless || look_like_separators(found))) return std::nullopt;
  return grid_of(found);
}

// The cells at columns first, first + step, ... of a line; elsewhere it must have spaces. Blanks are spaces.
std::optional<Cells> cells_at(Line line, std::size_t first, std::size_t step, std::size_t count) {
  Cells found;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool cell = i >= first && (i - first) % step == 0 && found.size() < count;
    if (line[i] != U' ' && !(cell && is_digit(line[i]))) return std::nullopt;
    if (cell) found.push_back({static_cast<std::uint8_t>(line[i] == U' ' ? 0 : line[i] - U'0'), U' '});
  }
  if (found.size() != count) return std::nullopt;
  return found;
}

std::optional<SpacedRow> spaced_without_bars(Line line) {
  if (line.size() == side) {
    auto found = cells_at(line, 0, 1, side);
    if (!found) return std::nullopt;
    SpacedRow row{std::move(*found), false};
    for (std::size_t i = 1; i < side; i += 2) row.columns_tell = row.columns_tell || row.cells[i].digit != 0;
    return row;
  }
  if (line.size() != 2 * side - 1) return std::nullopt;
  auto found = cells_at(line, 0, 2, side);
  if (!found) return std::nullopt;
  return SpacedRow{std::move(*found), true};
}

}  // namespace

Line trimmed(Line text) {
  const std::size_t first = text.find_first_not_of(U" \t");
  if (first == Line::npos) return {};
  return text.substr(first, text.find_last_not_of(U" \t") - first + 1);
}

bool is_bar(char32_t c) {
  return c == U'|' || (c >= 0x2500 && c <= 0x257F);
}

std::string blank_text(char32_t blank) {
  switch (blank) {
    case empty_field:
      return "an empty field";
    case minus_one:
      return "-1";
    case missing:
      return "a missing value";
    default:
      return quoted_character(blank);
  }
}

std::optional<char32_t> blank_of(const Cells& found) {
  char32_t blank = 0;
  for (const Cell& cell : found) {
    if (cell.digit != 0 || cell.blank == blank) continue;
    if (blank != 0) return std::nullopt;
    blank = cell.blank;
  }
  return blank;
}

std::optional<Cell> cell_of(Line field) {
  if (field.empty()) return Cell{0, empty_field};
  if (field.size() == 1) return character_cell(field.front());
  if (field == U"-1" || field == U"-1.0") return Cell{0, minus_one};
  if (field[0] >= U'0' && field[0] <= U'9' && field[1] == U'.' && field.substr(2).find_first_not_of(U'0') == Line::npos)
    return character_cell(field[0]);
  constexpr std::array<Line, 7> words = {U"nan", U"NaN", U"NAN", U"None", U"null", U"NA", U"<NA>"};
  if (std::find(words.begin(), words.end(), field) != words.end()) return Cell{0, missing};
  return std::nullopt;
}

std::optional<Cells> cells_of(Line characters) {
  Cells found;
  for (const char32_t c : characters) {
    const auto cell = character_cell(c);
    if (!cell) return std::nullopt;
    found.push_back(*cell);
  }
  if (!blank_of(found)) return std::nullopt;
  return found;
}

std::optional<Cells> grouped_cells(Line line) {
  const auto groups = groups_of(line);
  Cells found;
  if (groups.size() % side == 0 && !groups.empty()) {
    for (const Line group : groups) {
      const auto cell = cell_of(group);
      if (!cell) break;
      found.push_back(*cell);
    }
  }
  if (found.empty() || found.size() != groups.size()) {
    found.clear();
    for (const Line group : groups) {
      const auto more = cells_of(group);
      if (!more || group.size() != groups.front().size()) return std::nullopt;
      found.insert(found.end(), more->begin(), more->end());
    }
    const std::size_t size = groups.empty() ? 0 : groups.front().size();
    if (size != 3 && size != side && size != sudoku::cells) return std::nullopt;
  }
  if (!blank_of(found)) return std::nullopt;
  return found;
}

std::optional<SpacedRow> spaced_row(Line line) {
  if (std::none_of(line.begin(), line.end(), is_bar)) return spaced_without_bars(line);
  auto parts = split(trimmed(line), is_bar);
  if (parts.size() > 2 && parts.front().empty() && parts.back().empty()) parts = {parts.begin() + 1, parts.end() - 1};
  if (parts.size() != 3 && parts.size() != side) return std::nullopt;
  const std::size_t width = parts.front().size();
  const std::size_t count = side / parts.size();
  const std::size_t step = count == 3 && width > 3 ? (width == 9 ? 3 : 2) : 1;
  const std::size_t first = count == 1 ? (width - 1) / 2 : width >= 7 ? 1 : 0;
  if (count == 3 ? width != 3 && width != 5 && width != 7 && width != 9 : width % 2 == 0) return std::nullopt;
  SpacedRow row{{}, true};
  for (const Line part : parts) {
    const auto found = part.size() == width ? cells_at(part, first, step, count) : std::nullopt;
    if (!found) return std::nullopt;
    row.cells.insert(row.cells.end(), found->begin(), found->end());
  }
  return row;
}

std::optional<Grid> whole_puzzle(Line text) {
  if (text.size() != sudoku::cells) return std::nullopt;
  if (const auto found = cells_of(text)) return checked_puzzle(*found);
  const auto spaced = cells_at(text, 0, 1, sudoku::cells);
  return spaced ? checked_puzzle(*spaced) : std::nullopt;
}

Grid grid_of(const Cells& found) {
  Grid grid{};
  std::transform(found.begin(), found.end(), grid.begin(), [](const Cell& cell) { return cell.digit; });
  return grid;
}

bool completes(const Grid& answer, const Grid& question) {
  for (std::size_t i = 0; i < cells; ++i) {
    if (answer[i] == 0 || (question[i] != 0 && question[i] != answer[i])) return false;
  }
  return true;
}

bool draws_rules(char32_t blank) {
  return contains(U"-=_*~+: ", blank) || blank == empty_field;
}

std::optional<Rule> rule_of(Line line) {
  std::u32string drawn(line);
  std::erase_if(drawn, [](char32_t c) { return c == U' ' || c == U'\t'; });
  const auto horizontal = [](char32_t c) { return contains(U"-=_*~+", c) || (c >= 0x2500 && c <= 0x257F); };
  const auto frame = [&](char32_t c) { return horizontal(c) || contains(U"|:.'", c); };
  if (drawn.empty() || !std::all_of(drawn.begin(), drawn.end(), frame)) return std::nullopt;
  if (std::count_if(drawn.begin(), drawn.end(), horizontal) < 3 &&
      drawn.find_first_not_of(U'|') != std::u32string::npos)
    return std::nullopt;
  return Rule{drawn.find_first_not_of(drawn.front()) == std::u32string::npos ? drawn.front() : char32_t{0}};
}

}  // namespace trm::sudoku
