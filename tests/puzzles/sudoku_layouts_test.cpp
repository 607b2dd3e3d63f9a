// Sudokus printed in every layout that people keep them in come back as they were; a damaged layout is refused or says
// the same.

#include <algorithm>
#include <filesystem>
#include <functional>
#include <random>

#include "puzzles/sudoku.hpp"
#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"

namespace trm::puzzles_sudoku_layouts_test {

using sudoku::Grid;

namespace {

struct Example {
  Grid question;
  Grid answer;
};

// A solved grid with its digits renamed, and some of its cells, at least one a row.
Example random_example(std::mt19937& random) {
  std::array<std::uint8_t, 9> digits{1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::shuffle(digits.begin(), digits.end(), random);
  Example example{};
  for (std::size_t i = 0; i < 81; ++i) example.answer[i] = digits[(i / 9 * 3 + i / 27 + i % 9) % 9];
  for (std::size_t i = 0; i < 81; ++i) example.question[i] = random() % 3 == 0 ? example.answer[i] : 0;
  for (std::size_t i = 0; i < 81; i += 9) example.question[i + i / 9] = example.answer[i + i / 9];
  return example;
}

using Print = std::function<std::string(const Example&)>;

std::string cell(std::uint8_t digit, const std::string& blank) {
  return digit == 0 ? blank : std::to_string(digit);
}

std::string line(const Grid& grid, const std::string& blank = ".", const std::string& between = "") {
  std::string text;
  for (std::size_t i = 0; i < 81; ++i) text += (i == 0 ? "" : between) + cell(grid[i], blank);
  return text;
}

// How a grid of nine lines is drawn.
struct Drawing {
  std::string blank = ".";
  std::string between{};  // two cells
  std::string bar{};      // two boxes
  std::string edge{};     // left; right mirrored
  std::string edge_right{};
  std::string top{};
  std::string rule{};  // between bands
  std::string bottom{};
};

std::string grid(const Grid& grid, const Drawing& drawing) {
  std::string text = drawing.top;
  for (std::size_t row = 0; row < 9; ++row) {
    if (row == 3 || row == 6) text += drawing.rule;
    text += drawing.edge;
    for (std::size_t column = 0; column < 9; ++column) {
      if (column != 0) text += column % 3 == 0 ? drawing.bar : drawing.between;
      text += cell(grid[row * 9 + column], drawing.blank);
    }
    text += drawing.edge_right + "\n";
  }
  return text + drawing.bottom;
}

Print drawn(const Drawing& drawing) {
  return [=](const Example& example) { return grid(example.question, drawing); };
}

Print lists(const std::string& open, const std::string& close, const std::string& blank, const std::string& between,
            const std::string& lines) {
  return [=](const Example& example) {
    std::string text = open;
    for (std::size_t row = 0; row < 9; ++row) {
      text += (row == 0 ? "" : lines) + open;
      for (std::size_t column = 0; column < 9; ++column) {
        text += (column == 0 ? "" : between) + cell(example.question[row * 9 + column], blank);
      }
      text += close;
    }
    return text + close + "\n";
  };
}

struct Layout {
  std::string name;
  bool with_answer;
  Print print;
};

std::vector<Layout> layouts() {
  std::vector<Layout> all;
  const auto add = [&](const std::string& name, const Print& print) { all.push_back({name, false, print}); };
  const auto pair = [&](const std::string& name, const Print& print) { all.push_back({name, true, print}); };
  for (const std::string blank : {".", "0", "_", "*", "?", "x", "X", "-", "=", "+", "o", "~", ":", "·", "□", " "}) {
    add("line of " + blank, [=](const Example& e) { return line(e.question, blank) + "\n"; });
    add("rows of " + blank, drawn({.blank = blank}));
    if (blank == " ") continue;
    add("spaced rows of " + blank, drawn({.blank = blank, .between = " ", .bar = " "}));
    add("bars of " + blank, drawn({.blank = blank, .between = " ", .bar = " | ", .rule = "------+-------+------\n"}));
    add("groups of " + blank, drawn({.blank = blank, .bar = " "}));
    add("bands of " + blank, drawn({.blank = blank, .rule = "\n"}));
    add("spaced line of " + blank, [=](const Example& e) { return line(e.question, blank, " ") + "\n"; });
  }
  for (const std::string blank : {"0", "-1", "", ".", "nan", "None", "x"}) {
    for (const std::string delimiter : {",", ";", "\t", ", "}) {
      add("81 fields of '" + blank + "' by '" + delimiter + "'",
          [=](const Example& e) { return line(e.question, blank, delimiter) + "\n"; });
      add("nine fields of '" + blank + "' by '" + delimiter + "'",
          drawn({.blank = blank, .between = delimiter, .bar = delimiter}));
    }
    if (blank.empty()) continue;
    add("words of " + blank, drawn({.blank = blank, .between = " ", .bar = "  "}));
    add("JSON of " + blank, lists("[", "]", blank, ",", ","));
    add("Python of " + blank, lists("[", "]", blank, ", ", ",\n "));
    add("NumPy of " + blank, lists("[", "]", blank, " ", "\n "));
    add("C of " + blank, lists("{", "}", blank, ", ", ",\n"));
  }
  add("quoted fields", [](const Example& e) { return '"' + line(e.question, "0", "\",\"") + "\"\n"; });
  add("a header of 81 columns", [](const Example& e) {
    std::string text;
    for (int i = 0; i < 81; ++i) text += (i == 0 ? "c" : ",c") + std::to_string(i);
    return text + "\n" + line(e.question, "0", ",") + "\n";
  });
  add("floats", drawn({.blank = "nan", .between = ",", .bar = ",", .edge_right = ""}));
  add("trailing commas", drawn({.blank = "0", .between = ",", .bar = ",", .edge_right = ","}));
  add("rows by slashes", [](const Example& e) {
    std::string text = line(e.question);
    for (std::size_t i = 8; i > 0; --i) text.insert(i * 9, "/");
    return text + "\n";
  });
  add("Simple Sudoku", drawn({.bar = "|",
                              .edge = " |",
                              .edge_right = "|",
                              .top = " *-----------*\n",
                              .rule = " |---+---+---|\n",
                              .bottom = " *-----------*\n"}));
  add("HoDoKu", drawn({.between = "  ",
                       .bar = " | ",
                       .edge = "| ",
                       .edge_right = " |",
                       .top = ".---------.---------.---------.\n",
                       .rule = ":---------+---------+---------:\n",
                       .bottom = "'---------'---------'---------'\n"}));
  add("plain rules", drawn({.bar = "|", .rule = "-----------\n"}));
  add("narrow rules", drawn({.rule = "---------\n"}));
  add("plus frames", drawn({.between = " ",
                            .bar = " | ",
                            .edge = "| ",
                            .edge_right = " |",
                            .top = "+-------+-------+-------+\n",
                            .rule = "+-------+-------+-------+\n",
                            .bottom = "+-------+-------+-------+\n"}));
  add("box drawings", drawn({.between = " ",
                             .bar = " │ ",
                             .edge = "│ ",
                             .edge_right = " │",
                             .top = "┌───────┬───────┬───────┐\n",
                             .rule = "├───────┼───────┼───────┤\n",
                             .bottom = "└───────┴───────┴───────┘\n"}));
  add("double box drawings", drawn({.between = "│",
                                    .bar = "║",
                                    .edge = "║",
                                    .edge_right = "║",
                                    .top = "╔═╤═╤═╦═╤═╤═╦═╤═╤═╗\n",
                                    .rule = "╠═╪═╪═╬═╪═╪═╬═╪═╪═╣\n",
                                    .bottom = "╚═╧═╧═╩═╧═╧═╩═╧═╧═╝\n"}));
  add("spaces in a frame", drawn({.blank = " ",
                                  .between = " ",
                                  .bar = " | ",
                                  .edge = "| ",
                                  .edge_right = " |",
                                  .top = "+-------+-------+-------+\n",
                                  .rule = "+-------+-------+-------+\n",
                                  .bottom = "+-------+-------+-------+\n"}));
  add("spaces in narrow boxes", drawn({.blank = " ", .bar = "│", .edge = "│", .edge_right = "│"}));
  add("spaces in cells", drawn({.blank = " ",
                                .between = " | ",
                                .bar = " | ",
                                .edge = "| ",
                                .edge_right = " |",
                                .top = "+---+---+---+---+---+---+---+---+---+\n"}));
  add("spaces in columns", drawn({.blank = " ", .between = " ", .bar = " "}));
  add("a section", [](const Example& e) { return "#A me\n#D 2024\n[Puzzle]\n" + grid(e.question, {}); });
  add("a section and its state",
      [](const Example& e) { return "[Puzzle]\n" + grid(e.question, {}) + "[State]\n" + grid(e.answer, {}); });
  add("Project Euler", [](const Example& e) { return "Grid 01\n" + grid(e.question, {.blank = "0"}); });
  add("a comment", [](const Example& e) { return "// x\n" + line(e.question) + " // 5\n# " + line(e.answer) + "\n"; });
  add("a rating behind", [](const Example& e) { return line(e.question) + " 7.2\n"; });
  add("a rating behind a tab", [](const Example& e) { return line(e.question, "0") + "\t11\n"; });
  add("a rating before", [](const Example& e) { return "  9.1 " + line(e.question) + "\n"; });
  add("a name before", [](const Example& e) { return "Golden Nugget: " + line(e.question) + "\n"; });
  add("one column with a header", [](const Example& e) { return "puzzle\n" + line(e.question) + "\n"; });
  add("one column with any header", [](const Example& e) { return "hardest 11\r\n" + line(e.question) + "\r\n"; });
  add("other columns", [](const Example& e) { return "id,p,moves\n17," + line(e.question) + ",3\n"; });
  add("a list of texts", [](const Example& e) { return "[\n  \"" + line(e.question) + "\"\n]\n"; });
  add("a list of rows", [](const Example& e) {
    std::string text = "[";
    for (std::size_t row = 0; row < 9; ++row) {
      text += (row == 0 ? "\"" : ", \"") + line(e.question).substr(row * 9, 9) + '"';
    }
    return text + "]";
  });
  add("a flat list", [](const Example& e) { return "[" + line(e.question, "null", ",") + "]\n"; });
  add("rows as JSON lines", [](const Example& e) {
    return grid(e.question, {.blank = "0", .between = ",", .bar = ",", .edge = "[", .edge_right = "]"});
  });
  add("an assignment", [](const Example& e) { return "grid = " + lists("[", "]", "0", ", ", ",\n  ")(e); });
  add("a JSON line of text", [](const Example& e) { return '"' + line(e.question) + "\"\n"; });
  pair("objects", [](const Example& e) {
    return "{\"id\": 1, \"puzzle\": \"" + line(e.question) + "\", \"solution\": \"" + line(e.answer) + "\"}\n";
  });
  pair("objects of lists", [](const Example& e) {
    return R"({"newboard":{"grids":[{"value":)" + lists("[", "]", "0", ",", ",")(e) +
           ",\"solution\":" + lists("[", "]", "0", ",", ",")({e.answer, e.answer}) +
           R"(,"difficulty":"Hard"}],"results":1}})";
  });
  for (const std::string header : {"quizzes,solutions", "puzzle,solution", "Question,Answer", "\"sudoku\",\"answer\"",
                                   "this,that", "start_grid,end_grid"}) {
    pair(header, [=](const Example& e) { return header + "\n" + line(e.question, "0") + "," + line(e.answer) + "\n"; });
  }
  pair("answers first", [](const Example& e) { return line(e.answer) + ";" + line(e.question) + "\n"; });
  pair("a table by tabs", [](const Example& e) {
    return "id\tpuzzle\tsolution\trating\n1\t" + line(e.question) + "\t" + line(e.answer) + "\t2.5\n";
  });
  pair("quoted fields of one line", [](const Example& e) {
    return "question,answer,note\n\"" + line(e.question) + "\",\"" + line(e.answer) + "\",\"a, b\"\n";
  });
  pair("quoted fields of nine lines", [](const Example& e) {
    return "question,answer\n\"" + grid(e.question, {}) + "\",\"" + grid(e.answer, {}) + "\"\n";
  });
  pair("no header", [](const Example& e) { return line(e.question) + "," + line(e.answer) + ",7\n"; });
  pair("162 fields",
       [](const Example& e) { return line(e.question, "0", ",") + "," + line(e.answer, "0", ",") + "\n"; });
  return all;
}

}  // namespace

TEST_CASE("random sudokus come back from every layout") {
  std::mt19937 random(11);
  for (const Layout& layout : layouts()) {
    for (int trial = 0; trial < 20; ++trial) {
      const Example example = random_example(random);
      const std::string text = layout.print(example);
      CAPTURE(layout.name, text);
      const auto puzzles = sudoku::parse(text, "t");
      REQUIRE(puzzles.size() == 1);
      REQUIRE(puzzles[0].question == example.question);
      REQUIRE(puzzles[0].answer.has_value() == layout.with_answer);
      if (layout.with_answer) REQUIRE(*puzzles[0].answer == example.answer);
    }
  }
}

TEST_CASE("several sudokus in one layout come back in order") {
  std::mt19937 random(12);
  for (const Layout& layout : layouts()) {
    const Example one = random_example(random);
    const Example two = random_example(random);
    if (layout.print(one).find("newboard") != std::string::npos) continue;
    for (const std::string between : {"", "\n"}) {
      std::string second = layout.print(two);
      // A table has one header.
      if (layout.with_answer && second.find('\n') + 1 != second.size()) second.erase(0, second.find('\n') + 1);
      const std::string text = layout.print(one) + between + second;
      CAPTURE(layout.name, text);
      if (!between.empty() && layout.with_answer) continue;
      const auto puzzles = sudoku::parse(text, "t");
      REQUIRE(puzzles.size() == 2);
      CHECK(puzzles[0].question == one.question);
      CHECK(puzzles[1].question == two.question);
    }
  }
}

TEST_CASE("a damaged layout is refused or says the same but for a cell") {
  std::mt19937 random(13);
  const std::string junk = "0159.x-_*| ,;\t\n\"[]{}#/:=+~a?";
  for (const Layout& layout : layouts()) {
    for (int trial = 0; trial < 300; ++trial) {
      const Example example = random_example(random);
      std::string text = layout.print(example);
      const std::size_t at = random() % text.size();
      const char other = junk[random() % junk.size()];
      switch (random() % 4) {
        case 0:
          text.erase(at, 1);
          break;
        case 1:
          text.insert(at, 1, other);
          break;
        case 2:
          text[at] = other;
          break;
        default: {  // without a line
          const std::size_t start = text.rfind('\n', at == 0 ? 0 : at - 1) + 1;
          text.erase(start, text.find('\n', start) - start + 1);
        }
      }
      CAPTURE(layout.name, text);
      try {
        for (const auto& puzzle : sudoku::parse(text, "t")) {
          const auto differs = [](const Grid& a, const Grid& b) {
            int count = 0;
            for (std::size_t i = 0; i < 81; ++i) count += a[i] != b[i] ? 1 : 0;
            return count;
          };
          REQUIRE(std::min(differs(puzzle.question, example.question), differs(puzzle.question, example.answer)) <= 1);
        }
      } catch (const Error& error) {
        REQUIRE(error.kind() == ErrorKind::input);
      }
    }
  }
}

TEST_CASE("what could be read in two ways is refused") {
  const auto message = [](const std::string& text) { return error_text([&] { (void)sudoku::parse(text, "t"); }); };
  std::mt19937 random(14);
  const Example one = random_example(random);
  const Example two = random_example(random);
  const std::string rows = grid(one.question, {});
  // A grid that breaks off after a band, and another one.
  CHECK(message(rows.substr(0, 30) + "\n" + grid(two.question, {})).find("gap") != std::string::npos);
  const Drawing framed{.edge = "|", .edge_right = "|", .top = "+---+\n", .rule = "+---+\n", .bottom = "+---+\n"};
  CHECK(message(grid(one.question, framed).substr(0, 6 + 36 + 6) + grid(two.question, framed)).find("two rules") !=
        std::string::npos);
  // A row of nine dashes, or a rule.
  std::string dashes = grid(one.question, {.blank = "-"});
  dashes.replace(30, 9, "---------");
  CHECK(message(dashes).find("is this a row of blanks or a rule?") != std::string::npos);
  // 41 cells with spaces between them are not 81 cells.
  CHECK(message(line(one.answer, ".", " ").substr(0, 81)).find("the line has 41 cells") != std::string::npos);
  // Two puzzles in a line.
  CHECK(message(line(one.question) + "," + line(two.question) + "\n").find("none is the answer") != std::string::npos);
  CHECK(message("0,1,2,3,4,5,6,7,8\n" + grid(one.question, {.blank = "0", .between = ",", .bar = ","}))
            .find("number the columns") != std::string::npos);
  CHECK(message("Easy // " + line(one.question) + "\n").find("a puzzle stands in a comment") != std::string::npos);
  CHECK(message("Easy 5" + line(one.question) + "\n").find("'E' is not a sudoku cell") != std::string::npos);
}

TEST_CASE("a puzzle is given when its text is complete, and its line, name and rating with it") {
  const std::string text = "Grid 07\n123" + std::string(78, '.') + " 5.5 \n# x\n";
  sudoku::Reader reader(LineSource::text(text, "t"));
  const auto puzzle = reader.next();
  REQUIRE(puzzle);
  CHECK(puzzle->line == 2);
  CHECK(puzzle->name == "5.5");
  CHECK_FALSE(reader.next());
}

TEST_CASE("the files that were not read before are") {
  const std::string puzzle = "100450089450089003089003400004500890500890034890034007045008900008900340900340078";
  const std::filesystem::path folder = std::filesystem::path(TRM_TEST_DATA) / "field";
  for (const std::string file :
       {"sudoku_blanks_and_borders/dash.txt", "sudoku_blanks_and_borders/grid_titles.txt",
        "sudoku_blanks_and_borders/simple_sudoku.txt", "sudoku_blanks_and_borders/x.txt",
        "sudoku_minus_one/minus_one.txt", "sudoku_quizzes_csv/quizzes.csv", "sudoku_quizzes_csv/no_header.csv"}) {
    CAPTURE(file);
    sudoku::Reader reader(LineSource::open((folder / file).string()));
    const auto read = reader.next();
    REQUIRE(read);
    CHECK(line(read->question, "0") == puzzle);
    CHECK(read->answer.has_value() == file.ends_with(".csv"));
    CHECK_FALSE(reader.next());
  }
}

}  // namespace trm::puzzles_sudoku_layouts_test
