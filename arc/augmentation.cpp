#include "arc/augmentation.hpp"

#include "base/error.hpp"
#include "models/puzzle_name.hpp"

namespace trm::arc {
namespace {

constexpr std::array<int, 8> inverse{0, 3, 2, 1, 4, 5, 6, 7};

constexpr bool swaps_sides(int transform) {
  return transform == 1 || transform == 3 || transform == 6 || transform == 7;
}
// Which axes of the source are read backwards.
constexpr bool reverses_rows(int transform) {
  return transform == 2 || transform == 3 || transform == 5 || transform == 7;
}
constexpr bool reverses_cols(int transform) {
  return transform == 1 || transform == 2 || transform == 4 || transform == 7;
}

Grid transformed(const Grid& grid, int transform) {
  Grid result{swaps_sides(transform) ? grid.cols : grid.rows, swaps_sides(transform) ? grid.rows : grid.cols, {}};
  result.cells.reserve(grid.cells.size());
  for (std::int64_t r = 0; r < result.rows; ++r) {
    for (std::int64_t c = 0; c < result.cols; ++c) {
      const std::int64_t row = swaps_sides(transform) ? c : r;
      const std::int64_t col = swaps_sides(transform) ? r : c;
      const std::int64_t from_row = reverses_rows(transform) ? grid.rows - 1 - row : row;
      const std::int64_t from_col = reverses_cols(transform) ? grid.cols - 1 - col : col;
      result.cells.push_back(grid.cells[static_cast<std::size_t>(from_row * grid.cols + from_col)]);
    }
  }
  return result;
}

void recolour(Grid& grid, const std::array<std::uint8_t, colours>& image) {
  for (std::uint8_t& cell : grid.cells) cell = image[cell];
}

}  // namespace

PuzzleName parse_puzzle_name(std::string_view name) {
  const auto parts = split_puzzle_name(name);
  if (!parts) {
    throw input_error("", "puzzle name '" + std::string(name) + "'", "is no augmentation of a puzzle",
                      "<puzzle>|||t<0 to 7>|||<the images of the colours 0 to 9, that of 0 being 0> is meant");
  }
  const bool trm = name.find(puzzle_name_separator) != std::string_view::npos || parts->puzzle == name;
  return {.puzzle = std::string(parts->puzzle),
          .augmentation = {.transform = parts->transform, .colour = parts->colour},
          .dialect = trm ? NameDialect::trm : NameDialect::hrm};
}

std::string puzzle_name(std::string_view puzzle, const Augmentation& augmentation, NameDialect dialect) {
  std::string name(puzzle);
  if (augmentation == Augmentation{}) return name;
  const std::string_view separator = dialect == NameDialect::trm ? puzzle_name_separator : "_";
  name.append(separator) += 't';
  name += static_cast<char>('0' + augmentation.transform);
  name.append(separator);
  for (const std::uint8_t colour : augmentation.colour) name += static_cast<char>('0' + colour);
  return name;
}

Grid augment(const Grid& grid, const Augmentation& augmentation) {
  Grid result = transformed(grid, augmentation.transform);
  recolour(result, augmentation.colour);
  return result;
}

Grid undo(const Grid& grid, const Augmentation& augmentation) {
  std::array<std::uint8_t, colours> original{};
  for (std::uint8_t colour = 0; colour < colours; ++colour) original[augmentation.colour[colour]] = colour;
  Grid result = transformed(grid, inverse[static_cast<std::size_t>(augmentation.transform)]);
  recolour(result, original);
  return result;
}

}  // namespace trm::arc
