#include "puzzles/maze_rows.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "io/text.hpp"

namespace trm::maze {
namespace {

constexpr std::string_view raw_symbols = "# SGo.01";
constexpr char cut = '~';  // a cell that a short row lacks

bool all_cells(std::string_view text) {
  return text.find_first_not_of(raw_symbols) == std::string_view::npos;
}

// The cells between delimiters; an empty field is a free cell.
std::optional<std::string> delimited(std::string_view line, char delimiter, std::size_t side) {
  std::string row;
  for (std::size_t start = 0; start <= line.size();) {
    const std::size_t end = std::min(line.find(delimiter, start), line.size());
    const std::string_view field = trimmed(line.substr(start, end - start));
    if (field.size() > 1) return std::nullopt;
    row += field.empty() ? ' ' : field.front();
    start = end + 1;
  }
  if (row.size() == side + 1 && line.ends_with(delimiter)) row.pop_back();  // a delimiter behind the last cell
  if (row.size() != side) return std::nullopt;
  return row;
}

// The cells at every second place, where all others are spaces.
std::optional<std::string> apart(std::string_view line, std::size_t side) {
  if (side < 2 || line.size() != 2 * side - 1) return std::nullopt;
  std::string row;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (i % 2 == 0) row += line[i];
    if (i % 2 == 1 && line[i] != ' ') return std::nullopt;
  }
  return row;
}

bool is_edge(std::size_t cell, std::size_t side) {
  return cell / side == 0 || cell / side == side - 1 || cell % side == 0 || cell % side == side - 1;
}

Grid with_walls(const Grid& cells, char wall) {
  Grid grid = cells;
  for (char& c : grid) {
    if (c == '0' || c == '1') c = c == wall ? '#' : ' ';
  }
  return grid;
}

// Which of 0 and 1 is the wall: the one whose other reading leaves no way from S to G, or of which the border consists.
char wall_of(const Grid& cells, std::size_t side, const std::string& name, const std::string& where) {
  const auto way = [&](char wall) {
    const Grid grid = with_walls(cells, wall);
    return check(grid, grid).shortest > 0;
  };
  const bool way_with_0 = way('0');
  const bool way_with_1 = way('1');
  if (way_with_0 != way_with_1) return way_with_0 ? '0' : '1';
  std::string border;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (is_edge(i, side) && (cells[i] == '0' || cells[i] == '1')) border += cells[i];
  }
  if (way_with_0 && border.size() >= 2 * side && border.find_first_not_of(border.front()) == std::string::npos) {
    return border.front();
  }
  throw input_error(name, where, "nothing tells whether 0 or 1 is the wall",
                    "write # for a wall and . for a free cell");
}

void require_ends(const Grid& grid, const std::string& name, const std::string& where) {
  for (const char end : {'S', 'G'}) {
    const auto count = static_cast<std::size_t>(std::count(grid.begin(), grid.end(), end));
    if (count == 1) continue;
    throw input_error(name, where, "the maze has " + std::to_string(count) + " cells " + quoted(end),
                      "one S, the start, and one G, the goal, are needed");
  }
}

// Rows that lack cells can have lost spaces only where no row has kept one at its end and no wall surrounds the maze.
void require_cut_rows(const RawMaze& raw, std::size_t side, const std::string& name, const std::string& where) {
  bool surrounded = true;
  for (std::size_t i = 0; i < raw.cells.size(); ++i) {
    const bool three_sides = i / side == 0 || i / side == side - 1 || i % side == 0;
    surrounded = surrounded && (!three_sides || raw.cells[i] == '#' || raw.cells[i] == cut);
  }
  if (!surrounded && !raw.kept_spaces && raw.cells.find_first_of(".01") == Grid::npos) return;
  throw input_error(name, where, "some rows have fewer than " + plural(side, "cell"),
                    "complete these rows: they cannot have lost spaces at their ends");
}

}  // namespace

std::optional<std::string> row_of(std::string_view line, std::size_t side) {
  std::optional<std::string> row;
  const std::size_t delimiter = line.find_first_of("\t,;");
  if (line.size() != side && delimiter != std::string_view::npos) {
    row = delimited(line, line[delimiter], side);
  } else if (line.size() <= side) {
    row = line;
  } else {
    row = apart(line, side);
  }
  if (!row || !all_cells(*row)) return std::nullopt;
  return row;
}

void add_row(RawMaze& raw, std::string_view row, std::size_t side) {
  raw.short_rows = raw.short_rows || row.size() < side;
  raw.kept_spaces = raw.kept_spaces || (row.size() == side && row.ends_with(' '));
  raw.cells += row;
  raw.cells.append(side - row.size(), cut);
}

Grid grid_of(RawMaze raw, std::size_t side, bool is_answer, const std::string& name, const std::string& where) {
  if (!is_answer && raw.cells.find('o') != Grid::npos) {
    throw input_error(name, where, "the maze has a path in it", "take the path out, it is what the model answers");
  }
  require_ends(raw.cells, name, where);
  if (raw.short_rows) require_cut_rows(raw, side, name, where);
  std::replace(raw.cells.begin(), raw.cells.end(), cut, ' ');
  const bool digits = raw.cells.find_first_of("01") != Grid::npos;
  if (digits && raw.cells.find_first_of("# .") != Grid::npos) {
    throw input_error(name, where, "the maze has both digits and other cells",
                      "write # for a wall and . for a free cell");
  }
  std::replace(raw.cells.begin(), raw.cells.end(), '.', ' ');
  return digits ? with_walls(raw.cells, wall_of(raw.cells, side, name, where)) : raw.cells;
}

}  // namespace trm::maze
