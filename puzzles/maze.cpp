#include "puzzles/maze.hpp"

#include <algorithm>
#include <array>

#include "models/hyperparameters.hpp"

namespace trm::maze {
namespace {

std::string cell_name(std::size_t cell, std::size_t side) {
  return "r" + std::to_string(cell / side + 1) + "c" + std::to_string(cell % side + 1);
}

const char* meaning(char symbol) {
  switch (symbol) {
    case '#':
      return "wall";
    case ' ':
      return "free cell";
    case 'S':
      return "start";
    case 'G':
      return "goal";
    case 'o':
      return "path";
    default:
      return "padding";
  }
}

// Moves from S to every cell through cells of `open`; npos where there is no way.
struct Distances {
  std::vector<std::size_t> moves;
  std::size_t farthest = 0;  // a cell reached last
};
constexpr std::size_t unreached = static_cast<std::size_t>(-1);

Distances distances_from_start(const Grid& grid, std::size_t side, std::string_view open) {
  Distances found{std::vector<std::size_t>(grid.size(), unreached)};
  std::vector<std::size_t> queue{grid.find('S')};
  found.moves[queue[0]] = 0;
  for (std::size_t next = 0; next < queue.size(); ++next) {
    const std::size_t cell = queue[next];
    const auto visit = [&](bool inside, std::size_t neighbour) {
      if (!inside || found.moves[neighbour] != unreached || open.find(grid[neighbour]) == std::string_view::npos)
        return;
      found.moves[neighbour] = found.moves[cell] + 1;
      queue.push_back(neighbour);
    };
    visit(cell >= side, cell - side);
    visit(cell % side != 0, cell - 1);
    visit(cell % side != side - 1, cell + 1);
    visit(cell + side < grid.size(), cell + side);
  }
  found.farthest = queue.back();
  return found;
}

// Cells that may not differ and do: all but a free cell that became path.
std::vector<std::string> changes(const Grid& question, const Grid& answer, std::size_t side) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < question.size(); ++i) {
    if (question[i] == answer[i] || (question[i] == ' ' && answer[i] == 'o')) continue;
    found.push_back(std::string(meaning(question[i])) + " " + cell_name(i, side) + " changed to " + meaning(answer[i]));
  }
  return found;
}

}  // namespace

std::optional<std::size_t> side_of(std::int64_t cells) {
  const auto side = board_side(cells);
  return side ? std::optional(static_cast<std::size_t>(*side)) : std::nullopt;
}

std::string to_text(const Grid& grid) {
  const std::size_t side = side_of(static_cast<std::int64_t>(grid.size())).value_or(grid.size());
  std::string text;
  for (std::size_t row = 0; row < grid.size(); row += side) text += grid.substr(row, side) + '\n';
  return text;
}

void to_tokens(const Grid& grid, std::span<std::int32_t> out) {
  std::transform(grid.begin(), grid.end(), out.begin(),
                 [](char c) { return static_cast<std::int32_t>(symbols.find(c) + 1); });
}

Grid from_tokens(std::span<const std::int32_t> tokens) {
  Grid grid(tokens.size(), '?');
  std::transform(tokens.begin(), tokens.end(), grid.begin(), [](std::int32_t token) {
    return token >= 1 && token <= std::ssize(symbols) ? symbols[static_cast<std::size_t>(token - 1)] : '?';
  });
  return grid;
}

Verdict check(const Grid& question, const Grid& answer) {
  const std::size_t side = side_of(static_cast<std::int64_t>(question.size())).value_or(1);
  const std::size_t goal = question.find('G');
  Verdict verdict;
  verdict.faults = changes(question, answer, side);
  const std::size_t shortest = distances_from_start(question, side, " G").moves[goal];
  if (shortest != unreached) verdict.shortest = shortest;
  if (shortest == unreached) verdict.faults.insert(verdict.faults.begin(), "the maze has no way from S to G");
  // The path is looked for in the question's own cells, wherever the answer put S and G.
  Grid path = question;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == ' ' && answer[i] == 'o') path[i] = 'o';
  }
  const Distances along = distances_from_start(path, side, "oG");
  if (along.moves[goal] == unreached) {
    verdict.faults.push_back(along.farthest == path.find('S')
                                 ? "no path leaves S"
                                 : "the path from S ends at " + cell_name(along.farthest, side));
    return verdict;
  }
  verdict.moves = along.moves[goal];
  const auto drawn = static_cast<std::size_t>(std::count(path.begin(), path.end(), 'o'));
  const std::size_t stray = drawn + 1 - verdict.moves;
  if (stray > 0) {
    verdict.faults.push_back(std::to_string(stray) + (stray == 1 ? " path cell is" : " path cells are") +
                             " not on the way from S to G");
  }
  return verdict;
}

}  // namespace trm::maze
