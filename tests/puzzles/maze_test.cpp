#include "puzzles/maze.hpp"

#include <algorithm>
#include <random>

#include "puzzles/board.hpp"
#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"

namespace trm::puzzles_maze_test {

using maze::Grid;

namespace {

const std::string small_text =
    "#####\n"
    "#S  #\n"
    "# # #\n"
    "#  G#\n"
    "#####\n";
const std::string small = "######S  ## # ##  G######";

Grid with(Grid grid, std::initializer_list<std::size_t> path, char symbol = 'o') {
  for (const std::size_t cell : path) grid[cell] = symbol;
  return grid;
}

std::string message(const std::string& text, std::size_t side = 5) {
  return error_text([&] { (void)maze::parse(text, "m.txt", side); });
}

// The cells of a random walk that never meets itself, S first, G last: a maze with a known way.
std::vector<std::size_t> random_way(std::mt19937& random, std::size_t side) {
  std::vector<std::size_t> way{random() % (side * side)};
  for (int tries = 0; tries < 200; ++tries) {
    const std::size_t cell = way.back();
    const std::size_t row = cell / side;
    const std::size_t column = cell % side;
    std::size_t next = cell;
    switch (random() % 4) {
      case 0:
        next = row > 0 ? cell - side : cell;
        break;
      case 1:
        next = row + 1 < side ? cell + side : cell;
        break;
      case 2:
        next = column > 0 ? cell - 1 : cell;
        break;
      default:
        next = column + 1 < side ? cell + 1 : cell;
        break;
    }
    if (std::find(way.begin(), way.end(), next) == way.end()) way.push_back(next);
  }
  return way;
}

}  // namespace

TEST_CASE("every layout gives the same maze") {
  const std::vector<std::string> layouts = {small_text, "\n\n" + small_text + "\n\n", small + "\n",
                                            "question,answer\n" + small + "," + with(small, {11, 16, 17}) + "\n",
                                            small_text.substr(0, small_text.size() - 1)};
  for (const auto& layout : layouts) {
    CAPTURE(layout);
    const auto mazes = maze::parse(layout, "t", 5);
    REQUIRE(mazes.size() == 1);
    CHECK(mazes[0].question == small);
    CHECK(maze::to_text(mazes[0].question) == small_text);
  }
  std::string dos;
  for (const char c : small_text) dos += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(maze::parse(dos, "t", 5).front().question == small);
}

TEST_CASE("every other layout gives the same maze") {
  const Grid maze =
      "S  # "
      " # # "
      "    #"
      "  #  "
      "  ##G";
  const auto with_cells = [](const Grid& grid, char wall, char free, const std::string& between) {
    std::string text;
    for (std::size_t i = 0; i < grid.size(); ++i) {
      text += grid[i] == '#' ? wall : grid[i] == ' ' ? free : grid[i];
      text += i % 5 == 4 ? "\n" : between;
    }
    return text;
  };
  std::string cut;
  for (std::size_t row = 0; row < 25; row += 5) {
    const std::string line = maze.substr(row, 5);
    cut += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  std::string quoted = "[";
  for (std::size_t row = 0; row < 25; row += 5) quoted += (row == 0 ? "\"" : ",\n\"") + maze.substr(row, 5) + '"';
  Grid dots = maze;
  std::replace(dots.begin(), dots.end(), ' ', '.');
  const Grid answer = with(maze, {1, 2});
  const std::vector<std::string> layouts = {with_cells(maze, '#', ' ', ""),
                                            with_cells(maze, '#', '.', ""),
                                            with_cells(maze, '1', '0', ""),
                                            with_cells(maze, '0', '1', " "),
                                            with_cells(maze, '#', ' ', " "),
                                            with_cells(maze, '#', '.', ","),
                                            with_cells(maze, '#', ' ', "\t"),
                                            "Maze 1\n" + with_cells(maze, '1', '0', ", "),
                                            cut,
                                            quoted + "]\n",
                                            "{\"puzzle\": \"" + dots + "\"}\n",
                                            dots + "\n",
                                            "id,maze\n1," + dots + "\n",
                                            "id;x\n1;" + maze + "\n",
                                            answer + "," + maze + ",3\n",
                                            "question,answer\n\"" + cut + "\",\n"};
  for (const auto& layout : layouts) {
    CAPTURE(layout);
    const auto mazes = maze::parse(layout, "t", 5);
    REQUIRE(mazes.size() == 1);
    CHECK(mazes[0].question == maze);
  }
}

TEST_CASE("several mazes know where they start") {
  const auto mazes = maze::parse(small_text + "\n" + small_text + small + "\n", "t", 5);
  REQUIRE(mazes.size() == 3);
  CHECK(mazes[0].line == 1);
  CHECK(mazes[1].line == 7);
  CHECK(mazes[2].line == 12);
}

TEST_CASE("what is wrong with a maze's text is said with its place") {
  CHECK(message("") == "m.txt: holds no maze; draw it with # for a wall, a space for a free cell, S and G");
  CHECK(message("#####\n#S  ##\n") ==
        "m.txt: line 2, column 6: the row has 6 cells; this model reads mazes of 5 rows of 5 cells");
  CHECK(message("#####\n#S x#\n").starts_with("m.txt: line 2, column 4: 'x' is not a cell"));
  CHECK(message("#####\n#So #\n# # #\n#  G#\n#####\n").find("take the path out") != std::string::npos);
  CHECK(message("#####\n#S  #\n\n") ==
        "m.txt: line 3: the maze ends after 2 rows; this model reads 5; an empty line stands here");
  CHECK(message("#####\n#S  #").starts_with("m.txt: line 3: the maze ends after 2 rows"));
  CHECK(message("#####\n#S  #\n# # #\n#   #\n#####\n").starts_with("m.txt: line 1: the maze has 0 cells 'G'"));
  CHECK(message("#####\n#S  #\n# #S#\n#  G#\n#####\n").starts_with("m.txt: line 1: the maze has 2 cells 'S'"));
  CHECK(message("question,x\n###,\n") ==
        "m.txt: line 2, column question: has 3 characters; this model reads mazes of 25");
  // A row too short within a wall all round, and one in a maze that has kept its spaces.
  CHECK(message("#####\n#S #\n# # #\n#  G#\n#####\n").find("cannot have lost spaces") != std::string::npos);
  CHECK(message("S   #\n# #\n# #  \n#  G#\n#####\n").find("cannot have lost spaces") != std::string::npos);
  CHECK(message("S0101\n01010\n10101\n01010\n1010G\n").find("nothing tells whether 0 or 1") != std::string::npos);
}

TEST_CASE("a maze's text cut anywhere gives whole mazes or one error") {
  const std::string csv = "question,answer\n" + small + ",\"" + with(small, {11, 16, 17}) + "\"\n";
  for (const std::string& text : {small_text + "\n" + small_text, csv}) {
    for (std::size_t length = 0; length < text.size(); ++length) {
      CAPTURE(length);
      try {
        for (const auto& puzzle : maze::parse(text.substr(0, length), "cut", 5)) CHECK(puzzle.question == small);
      } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::input);
        CHECK(std::string(error.what()).starts_with("cut: "));
      }
    }
  }
}

TEST_CASE("tokens are the symbols in their documented order") {
  std::array<std::int32_t, 5> tokens{};
  maze::to_tokens("# SGo", tokens);
  CHECK(tokens == std::array<std::int32_t, 5>{1, 2, 3, 4, 5});
  const std::array<std::int32_t, 7> predicted{0, 1, 2, 3, 4, 5, 6};
  CHECK(maze::from_tokens(predicted) == "?# SGo?");
}

TEST_CASE("side_of takes squares only") {
  CHECK(maze::side_of(900) == 30U);
  CHECK(maze::side_of(1) == 1U);
  CHECK_FALSE(maze::side_of(899));
  CHECK_FALSE(maze::side_of(0));
  CHECK_FALSE(maze::side_of(-4));
}

TEST_CASE("verdicts on the small maze") {
  // Cells: S 6, G 18; free 7 8 11 13 16 17.
  const auto down = maze::check(small, with(small, {11, 16, 17}));
  CHECK(down.faults.empty());
  CHECK(down.moves == 4);
  CHECK(down.shortest == 4);
  const auto right = maze::check(small, with(small, {7, 8, 13}));
  CHECK(right.faults.empty());
  const auto faults = [](const Grid& answer) { return maze::check(small, answer).faults; };
  CHECK(faults(small) == std::vector<std::string>{"no path leaves S"});
  CHECK(faults(with(small, {11})) == std::vector<std::string>{"the path from S ends at r3c2"});
  CHECK(faults(with(small, {7, 8, 13, 16})) == std::vector<std::string>{"1 path cell is not on the way from S to G"});
  CHECK(faults(with(with(small, {11, 16, 17}), {12})) == std::vector<std::string>{"wall r3c3 changed to path"});
  CHECK(faults(with(with(small, {11, 16, 17}), {6}, ' ')) ==
        std::vector<std::string>{"start r2c2 changed to free cell"});
  CHECK(faults(with(with(small, {11, 16, 17}), {8}, '?')) ==
        std::vector<std::string>{"free cell r2c4 changed to padding"});
}

TEST_CASE("a path may not cut through walls or round the edge") {
  const Grid walled = "S#G###   ";  // S and G in one row, a wall between, no way
  const auto verdict = maze::check(walled, with(walled, {1}));
  CHECK(verdict.faults.front() == "the maze has no way from S to G");
  CHECK(verdict.shortest == 0);
  const Grid edge = "###SG###########";  // the end of a row is not next to the start of the next one
  CHECK(maze::check(edge, edge).faults.front() == "the maze has no way from S to G");
}

TEST_CASE("a known way is recognised, and lost with any of its cells") {
  std::mt19937 random(5);
  for (int trial = 0; trial < 50; ++trial) {
    constexpr std::size_t side = 8;
    const auto way = random_way(random, side);
    if (way.size() < 3) continue;
    // Only the way is free, so that it is the only one, even where it touches itself.
    Grid question(side * side, '#');
    for (const std::size_t cell : way) question[cell] = ' ';
    question[way.front()] = 'S';
    question[way.back()] = 'G';
    Grid answer = question;
    for (std::size_t i = 1; i + 1 < way.size(); ++i) answer[way[i]] = 'o';
    const auto verdict = maze::check(question, answer);
    // A way that touches itself has a short cut: then some of its cells are off the way.
    const bool direct = verdict.shortest == way.size() - 1;
    CHECK(verdict.faults.empty() == direct);
    if (!direct) continue;
    for (std::size_t i = 1; i + 1 < way.size(); ++i) {
      Grid broken = answer;
      broken[way[i]] = ' ';
      CHECK_FALSE(maze::check(question, broken).faults.empty());
    }
  }
}

TEST_CASE("a wrong answer is drawn over the question, and no wall, S or G vanishes") {
  const Grid question =
      "S #"
      " # "
      "# G";
  CHECK(maze_board(question,
                   "So#"
                   " # "
                   "# G",
                   false) == "S ··██\n  ██  \n██  G \n\n");
  CHECK(maze_board(question,
                   "ooo"
                   "#o "
                   " ?S",
                   false) == "S ··▒▒\n░░▒▒  \n▓▓??G \n\n");
  CHECK(maze_board(question,
                   "So#"
                   " # "
                   "# G",
                   true)
            .find("\033[32m··\033[0m") != std::string::npos);
}

}  // namespace trm::puzzles_maze_test
