// Challenges and solutions: the official layout, and everything that is not.

#include "arc/challenges.hpp"

#include <fstream>

#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::arc::challenges_test {
namespace {

const std::filesystem::path data_set = std::filesystem::path(TRM_TEST_DATA) / "dataset_arc";

const std::string good =
    R"({"b": {"train": [{"input": [[1]], "output": [[2, 3]]}], "test": [{"input": [[4], [5]]}, {"input": [[6]]}]},
        "a": {"test": [{"output": [[7]], "input": [[8]]}], "train": []}})";

std::string fault(const std::string& text) {
  return error_text([&] { (void)parse_challenges(text, "c.json"); });
}

// A file of one task whose first test input is `grid`.
std::string with_grid(const std::string& grid) {
  return R"({"t": {"train": [], "test": [{"input": )" + grid + "}]}}";
}

TEST_CASE("Challenges come in the file's order, with the outputs they carry") {
  const auto tasks = parse_challenges(good, "c.json");
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[0].name == "b");
  REQUIRE(tasks[0].train.size() == 1);
  CHECK(tasks[0].train[0].output == Grid{1, 2, {2, 3}});
  CHECK(tasks[0].test == std::vector<Grid>{{2, 1, {4, 5}}, {1, 1, {6}}});
  CHECK(tasks[0].expected == std::vector<std::optional<Grid>>(2));
  CHECK(tasks[1].expected == std::vector<std::optional<Grid>>{Grid{1, 1, {7}}});
  CHECK(parse_challenges("\xEF\xBB\xBF" + good, "c.json").size() == 2);
  CHECK(parse_challenges("{}", "c.json").empty());
}

TEST_CASE("Official solutions are the outputs that test_puzzles.json carries") {
  const auto tasks = read_challenges(data_set / "mini_evaluation_challenges.json");
  const auto solutions = read_solutions(data_set / "mini_evaluation_solutions.json", tasks);
  const auto answered = read_challenges(data_set / "test_puzzles.json");
  REQUIRE(tasks.size() == 8);
  REQUIRE(answered.size() == 8);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const auto found = std::find_if(answered.begin(), answered.end(), [&](auto& t) { return t.name == tasks[i].name; });
    REQUIRE(found != answered.end());
    CHECK(found->test == tasks[i].test);
    REQUIRE(solutions[i].size() == found->expected.size());
    for (std::size_t k = 0; k < solutions[i].size(); ++k) CHECK(found->expected[k] == solutions[i][k]);
  }
}

TEST_CASE("Malformed JSON is named with line and column") {
  CHECK(fault("{\"a\": {\"train\": [],\n   \"test\": ]}").find("c.json: line 2, column 12: is not JSON") == 0);
  CHECK(fault("").find("line 1, column 1") != std::string::npos);
  CHECK(fault("{\"a\"").find("line 1, column 5") != std::string::npos);
  CHECK(fault(good + "x").find("line 2, column ") != std::string::npos);
  CHECK(fault(std::string(100000, '[')).find("c.json: is no JSON object") == 0);
  CHECK(fault("{\"a\": " + std::string(100000, '[')).find("nested too deeply") != std::string::npos);
  CHECK(fault("{\"a\": " + std::string(100000, '{')).find("is not JSON") != std::string::npos);
  CHECK(fault(with_grid("[[1e999]]")).find("c.json: ") == 0);
  for (const char* text : {"[]", "5", "null", "\"a\""})
    CHECK(fault(text).find("is no JSON object") != std::string::npos);
  for (std::size_t size = 0; size < good.size(); ++size) (void)fault(good.substr(0, size));
}

TEST_CASE("A task or a field that is there twice is refused, the same name elsewhere is not") {
  CHECK(fault(R"({"a": {"train": [], "test": [{"input": [[1]]}]}, "a": {"train": [], "test": [{"input": [[1]]}]}})")
            .find("c.json: task 'a' is there twice") == 0);
  CHECK(fault(R"({"a": {"train": [], "test": [{"input": [[1]]}], "test": [{"input": [[2]]}]}})")
            .find("c.json: task 'a': 'test' is there twice") == 0);
  CHECK(fault(R"({"a": {"train": [], "test": [{"input": [[1]], "input": [[2]]}]}})").find("'input' is there twice") !=
        std::string::npos);
  CHECK(parse_challenges(R"({"train": {"train": [], "test": [{"input": [[1]]}]}})", "c.json").size() == 1);
}

TEST_CASE("Grids that are none are named by task, place and row") {
  const std::string place = "c.json: task 't', test 1, input";
  CHECK(fault(with_grid("[]")).find(place + ": is an empty grid") == 0);
  CHECK(fault(with_grid("[[]]")).find(place + ", row 1: is empty") == 0);
  CHECK(fault(with_grid("[[1, 2], [3]]")).find(place + ", row 2: has 1 cells, the first has 2") == 0);
  CHECK(fault(with_grid("[[1, 10]]")).find(place + ", row 1, cell 2: is no colour") == 0);
  for (const char* cell : {"-1", "1.5", "1.0", "\"1\"", "null", "true", "18446744073709551615", "256", "[1]"}) {
    INFO(cell);
    CHECK(fault(with_grid("[[" + std::string(cell) + "]]")).find(place + ", row 1, cell 1: is no colour") == 0);
  }
  CHECK(fault(with_grid("5")).find(place + ": is no grid") == 0);
  CHECK(fault(with_grid("[5]")).find(place + ", row 1: is no row") == 0);
  std::string row = "0";
  for (int i = 0; i < 29; ++i) row += ", 0";
  std::string rows = "[" + row + "]";
  for (int i = 0; i < 29; ++i) rows += ", [" + row + "]";
  CHECK(parse_challenges(with_grid("[" + rows + "]"), "c.json")[0].test[0].cells.size() == 900);
  CHECK(fault(with_grid("[" + rows + ", [" + row + "]]")).find("has 31 rows") != std::string::npos);
  CHECK(fault(with_grid("[[" + row + ", 0]]")).find("has 31 cells") != std::string::npos);
}

TEST_CASE("Tasks that are none are named") {
  CHECK(fault(R"({"t": []})").find("task 't': is no object") != std::string::npos);
  CHECK(fault(R"({"t": 5})").find("task 't': is no object") != std::string::npos);
  CHECK(fault(R"({"t": {"train": []}})").find("task 't': has no \"test\"") != std::string::npos);
  CHECK(fault(R"({"t": {"test": [{"input": [[1]]}]}})").find("has no \"train\"") != std::string::npos);
  CHECK(fault(R"({"t": {"train": [], "test": []}})").find("task 't': has no test input") != std::string::npos);
  CHECK(fault(R"({"t": {"train": [], "test": {}}})").find("test: is no list") != std::string::npos);
  CHECK(fault(R"({"t": {"train": [], "test": [{}]}})").find("test 1: has no \"input\"") != std::string::npos);
  CHECK(fault(R"({"t": {"train": [], "test": [7]}})").find("test 1: is no object") != std::string::npos);
  CHECK(
      fault(R"({"t": {"train": [{"input": [[1]]}], "test": [{"input": [[1]]}]}})").find("train 1: has no \"output\"") !=
      std::string::npos);
  CHECK(fault(R"({"a|||b": {"train": [], "test": [{"input": [[1]]}]}})").find("|||") != std::string::npos);
}

TEST_CASE("A test output that is null is not known") {
  const auto tasks = parse_challenges(R"({"t": {"train": [], "test": [{"input": [[1]], "output": null}]}})", "c.json");
  CHECK(tasks[0].fault.empty());
  CHECK_FALSE(tasks[0].expected[0]);
}

TEST_CASE("A file of one task is that task, called as the file") {
  const auto tasks = read_challenges(std::filesystem::path(TRM_TEST_DATA) / "field/arc_single_task/task.json");
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].name == "task");
  CHECK(tasks[0].test == std::vector<Grid>{{1, 2, {3, 4}}});
  CHECK(tasks[0].expected[0] == Grid{1, 2, {4, 3}});
  const char* more = R"({"name": "x", "test": [{"input": [[1]]}], "train": []})";
  CHECK(parse_challenges(more, "dir/0a1d4ef5.json").at(0).name == "0a1d4ef5");
  CHECK(fault(R"({"train": []})").find("task 'c': has no \"test\"") != std::string::npos);
  CHECK(fault(R"({"train": [], "test": [{"input": [[1]]}], "a": {"train": [], "test": [{"input": [[1]]}]}})")
            .find("give every task a name") != std::string::npos);
}

TEST_CASE("A folder of tasks is read in the order of the names") {
  const TemporaryDirectory folder;
  const auto write = [&](const char* name, const char* text) { std::ofstream(folder / name) << text; };
  write("b.json", R"({"train": [], "test": [{"input": [[2]]}]})");
  write("a.json", R"({"train": [], "test": [{"input": [[1]]}]})");
  write("README", "not read");
  const auto tasks = read_challenges(folder.path());
  REQUIRE(tasks.size() == 2);
  CHECK(tasks[0].name == "a");
  CHECK(tasks[1].test[0] == Grid{1, 1, {2}});
  write("c.json", R"({"x": {"train": [], "test": [{"input": [[2]]}]}})");
  CHECK(error_text([&] { (void)read_challenges(folder.path()); }).find("c.json: is no task") != std::string::npos);
  const TemporaryDirectory empty;
  CHECK(error_text([&] { (void)read_challenges(empty.path()); }).find("holds no .json file") != std::string::npos);
}

TEST_CASE("An odd task is told by its fault and keeps its place, other tasks are read") {
  const std::string fine = R"("fine": {"train": [], "test": [{"input": [[1]]}]})";
  for (const char* odd : {R"({"train": [{"input": [[1, 2], [3]], "output": [[1]]}], "test": [{"input": [[1]]}]})",
                          R"({"train": [], "test": [{"input": [[10]]}]})", R"({"train": [], "test": []})", "5", "null",
                          R"({"test": [{"input": [[1]]}]})", R"({"train": {}, "test": [{"input": [[1]]}]})"}) {
    INFO(odd);
    const auto tasks = parse_challenges(std::string("{\"odd\": ") + odd + ", " + fine + "}", "c.json");
    REQUIRE(tasks.size() == 2);
    CHECK(tasks[0].name == "odd");
    CHECK(tasks[0].fault.find("task 'odd'") == 0);
    CHECK(tasks[0].test.size() == 1);
    CHECK(tasks[1].fault.empty());
    CHECK(error_text([&] { require_sound(tasks, "c.json"); }).find("c.json: task 'odd'") == 0);
    const auto solutions = parse_solutions(R"({"fine": [[[1]]], "odd": 7})", "s.json", tasks);
    CHECK(solutions[1][0] == Grid{1, 1, {1}});
  }
  const auto three = parse_challenges(R"({"odd": {"train": 1, "test": [{}, {}, {}]}, )" + fine + "}", "c.json");
  CHECK(three[0].test.size() == 3);
}

TEST_CASE("Solutions must be those of the tasks") {
  const auto tasks = parse_challenges(good, "c.json");
  const auto wrong = [&](const std::string& text) {
    return error_text([&] { (void)parse_solutions(text, "s.json", tasks); });
  };
  const auto solutions = parse_solutions(R"({"a": [[[1]]], "other": 5, "b": [[[2]], [[3, 4]]]})", "s.json", tasks);
  CHECK(solutions == std::vector<std::vector<Grid>>{{{1, 1, {2}}, {1, 2, {3, 4}}}, {{1, 1, {1}}}});
  CHECK(wrong(R"({"a": [[[1]]]})").find("s.json: task 'b': is missing") == 0);
  CHECK(wrong(R"({"a": [[[1]]], "b": [[[2]]]})").find("task 'b': has 1 answers for 2 test inputs") !=
        std::string::npos);
  CHECK(wrong(R"({"a": [[[1]]], "b": [[[2]], [[3, 44]]]})").find("task 'b', answer 2, row 1, cell 2") !=
        std::string::npos);
  CHECK(wrong(R"({"a": {}, "b": [[[2]], [[3]]]})").find("task 'a': is no list") != std::string::npos);
  CHECK(wrong(R"({"a": [[[1]]], "a": [[[1]]]})").find("task 'a' is there twice") != std::string::npos);
  CHECK(wrong("{").find("s.json: line 1, column 2") == 0);
}

TEST_CASE("A missing challenges file is an input/output error") {
  const TemporaryDirectory directory;
  CHECK(error_text([&] { (void)read_challenges(directory / "none.json"); }, ErrorKind::io).find("none.json") !=
        std::string::npos);
}

}  // namespace
}  // namespace trm::arc::challenges_test
