// Augmentations and tokens against the official builder's data set (tests/data/dataset_arc): every row of its test
// arrays is a test input of test_puzzles.json, seen as its puzzle's name says.

#include "arc/augmentation.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "arc/challenges.hpp"
#include "arc/tokens.hpp"
#include "io/npy.hpp"
#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"

namespace trm::arc::augmentation_test {
namespace {

const std::filesystem::path data_set = std::filesystem::path(TRM_TEST_DATA) / "dataset_arc";

// An example of the test arrays.
struct Row {
  std::string name;                  // of its augmented puzzle
  std::size_t number = 0;            // among the puzzle's examples, from 0
  std::vector<std::int32_t> input;   // [cells]
  std::vector<std::int32_t> output;  // [cells]
};

std::vector<Row> rows() {
  std::ifstream file(data_set / "identifiers.json");
  const auto names = nlohmann::json::parse(file).get<std::vector<std::string>>();
  const auto inputs = read_npy<std::int32_t>(data_set / "test/all__inputs.npy");
  const auto labels = read_npy<std::int32_t>(data_set / "test/all__labels.npy");
  const auto ids = read_npy<std::int64_t>(data_set / "test/all__puzzle_identifiers.npy").values;
  const auto ends = read_npy<std::int64_t>(data_set / "test/all__puzzle_indices.npy").values;
  std::vector<Row> all;
  for (std::size_t puzzle = 0; puzzle < ids.size(); ++puzzle) {
    for (std::int64_t row = ends[puzzle]; row < ends[puzzle + 1]; ++row) {
      const auto at = [&](const NpyArray<std::int32_t>& array) {
        const auto begin = array.values.begin() + row * cells;
        return std::vector(begin, begin + cells);
      };
      all.push_back({names.at(static_cast<std::size_t>(ids[puzzle])), static_cast<std::size_t>(row - ends[puzzle]),
                     at(inputs), at(labels)});
    }
  }
  return all;
}

Grid random_grid(std::mt19937& random) {
  std::uniform_int_distribution<std::int64_t> side(1, largest_side);
  Grid grid{side(random), side(random), {}};
  for (std::int64_t i = 0; i < grid.rows * grid.cols; ++i) {
    grid.cells.push_back(static_cast<std::uint8_t>(random() % colours));
  }
  return grid;
}

std::vector<std::uint8_t> bytes(const std::vector<std::int32_t>& tokens) {
  return {tokens.begin(), tokens.end()};
}

TEST_CASE("The official data set's rows are its test inputs, augmented and written as tokens") {
  std::map<std::string, Task> tasks;
  for (Task& task : read_challenges(data_set / "test_puzzles.json")) tasks.emplace(task.name, std::move(task));
  const auto all = rows();
  REQUIRE(all.size() == 56);
  std::vector<std::int32_t> tokens(cells);
  std::array<int, 8> transforms{};
  for (const Row& row : all) {
    const PuzzleName name = parse_puzzle_name(row.name);
    CHECK(puzzle_name(name.puzzle, name.augmentation) == row.name);
    transforms[static_cast<std::size_t>(name.augmentation.transform)] += 1;
    const Grid& input = tasks.at(name.puzzle).test.at(row.number);
    const Grid output = tasks.at(name.puzzle).expected.at(row.number).value();
    write_tokens(augment(input, name.augmentation), tokens);
    CHECK(tokens == row.input);
    write_tokens(augment(output, name.augmentation), tokens);
    CHECK(tokens == row.output);
    CHECK(undo(crop(bytes(row.input)), name.augmentation) == input);
    CHECK(undo(crop(bytes(row.output)), name.augmentation) == output);
  }
  for (const int times : transforms) CHECK(times > 0);
}

TEST_CASE("Undoing an augmentation gives the grid back") {
  std::mt19937 random(1);
  for (int i = 0; i < 400; ++i) {
    const Grid grid = random_grid(random);
    Augmentation augmentation;
    augmentation.transform = i % 8;
    std::shuffle(augmentation.colour.begin() + 1, augmentation.colour.end(), random);
    CHECK(undo(augment(grid, augmentation), augmentation) == grid);
    for (const NameDialect dialect : {NameDialect::trm, NameDialect::hrm}) {
      const std::string name = puzzle_name("task", augmentation, dialect);
      CHECK(parse_puzzle_name(name).augmentation == augmentation);
      if (name != "task") CHECK(parse_puzzle_name(name).dialect == dialect);
    }
  }
  CHECK(undo(Grid{}, {.transform = 3}) == Grid{});
}

TEST_CASE("Names that are no augmentation are refused") {
  CHECK(parse_puzzle_name("00576224").puzzle == "00576224");
  CHECK(puzzle_name("00576224", {}) == "00576224");
  CHECK(parse_puzzle_name("a|||t0|||0123456789").augmentation == Augmentation{});
  for (const char* name :
       {"a|||", "a|||t1", "a|||t8|||0123456789", "a|||t1|||012345678", "a|||t1|||0123456788", "a|||t1|||1023456789",
        "a|||t1|||01234567890", "a|||1|||0123456789", "a|||t1|||012345678x", "a|||t1|||0123456789|||t1|||0123456789"}) {
    INFO(name);
    CHECK(error_text([&] { (void)parse_puzzle_name(name); }).find(name) != std::string::npos);
  }
}

TEST_CASE("Tokens that fill the square have no end of grid, the corner of smaller ones stays empty") {
  std::vector<std::int32_t> tokens(cells, 7);
  write_tokens({30, 30, std::vector<std::uint8_t>(900, 9)}, tokens);
  CHECK(tokens == std::vector<std::int32_t>(900, 11));
  write_tokens({1, 2, {0, 5}}, tokens);
  CHECK(std::vector(tokens.begin(), tokens.begin() + 4) == std::vector<std::int32_t>{2, 7, 1, 0});
  CHECK(std::vector(tokens.begin() + 30, tokens.begin() + 34) == std::vector<std::int32_t>{1, 1, 0, 0});
  CHECK(std::count(tokens.begin(), tokens.end(), 0) == 900 - 5);
}

TEST_CASE("A model may read a smaller canvas: its side follows from the number of tokens") {
  CHECK(canvas_side(900) == 30);
  CHECK(canvas_side(1) == 1);
  for (const std::size_t no_canvas : {0UL, 2UL, 99UL, 899UL, 961UL}) CHECK(canvas_side(no_canvas) == 0);
  CHECK(fits({3, 3, std::vector<std::uint8_t>(9, 0)}, 3));
  CHECK_FALSE(fits({1, 4, std::vector<std::uint8_t>(4, 0)}, 3));
  CHECK_FALSE(fits({4, 1, std::vector<std::uint8_t>(4, 0)}, 3));

  std::vector<std::int32_t> tokens(9, 7);
  const Grid grid{2, 1, {4, 0}};
  write_tokens(grid, tokens);
  CHECK(tokens == std::vector<std::int32_t>{6, 1, 0, 2, 1, 0, 1, 0, 0});
  CHECK(crop(std::vector<std::uint8_t>{6, 1, 0, 2, 1, 0, 1, 0, 0}) == grid);
  CHECK(crop(std::vector<std::uint8_t>(9, 3)) == Grid{3, 3, std::vector<std::uint8_t>(9, 1)});
}

// The reference's rule, by hand: the first of equal areas stays.
TEST_CASE("The crop is the largest rectangle of colours at the top left") {
  std::vector<std::uint8_t> tokens(cells, 0);
  CHECK(crop(tokens) == Grid{});
  std::fill(tokens.begin(), tokens.begin() + 4, std::uint8_t{3});
  CHECK(crop(tokens) == Grid{1, 4, {1, 1, 1, 1}});
  std::fill(tokens.begin() + 30, tokens.begin() + 32, std::uint8_t{11});
  CHECK(crop(tokens) == Grid{1, 4, {1, 1, 1, 1}});  // 2 x 2 is no larger
  tokens[60] = 2;
  tokens[90] = 2;
  CHECK(crop(tokens) == Grid{1, 4, {1, 1, 1, 1}});
  tokens[120] = 2;
  CHECK(crop(tokens) == Grid{5, 1, {1, 9, 0, 0, 0}});
  tokens[30] = 12;  // no token
  CHECK(crop(tokens) == Grid{1, 4, {1, 1, 1, 1}});
  tokens[0] = 1;
  CHECK(crop(tokens) == Grid{});
  CHECK(crop(std::vector<std::uint8_t>(cells, 11)) == Grid{30, 30, std::vector<std::uint8_t>(900, 9)});
}

}  // namespace
}  // namespace trm::arc::augmentation_test
