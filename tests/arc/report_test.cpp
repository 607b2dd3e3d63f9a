// The report of a run: text that nobody escaped, what its summary counts, and its size. What a browser makes of it is
// tests/python/arc_report.py's matter.

#include "arc/report/report.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include "arc/report/picture.hpp"
#include "arc/report/standing.hpp"
#include "arc/vote/tally.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::arc::report_test {
namespace {

std::string page_of(const Report& report) {
  const TemporaryDirectory folder;
  write_report(folder / "r.html", report);
  std::ifstream stream(folder / "r.html", std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Grid one_cell(std::uint8_t colour) {
  return {1, 1, {colour}};
}

Candidate candidate(std::uint8_t colour, std::int64_t votes) {
  return {.grid = one_cell(colour), .votes = votes, .confidence = 0.5};
}

bool has(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("Names, facts and faults from files are text in the report, whatever their bytes") {
  const std::string evil = "\"><script>\x1b[31m\xff</script>";
  std::vector<Task> tasks(2);
  tasks[0] = {.name = evil, .train = {}, .test = {Grid{1, 1, {1}}}, .expected = {std::nullopt}};
  tasks[1] = {.name = "odd", .train = {}, .test = {Grid{}}, .expected = {std::nullopt}, .fault = "fault " + evil};
  const Ranking ranking = rank_all(no_predictions(tasks), 1);
  const std::string page = page_of(
      {.title = evil, .facts = {{"model", evil}}, .tasks = tasks, .ranking = ranking, .solutions = std::nullopt});
  CHECK_FALSE(has(page, "<script"));
  CHECK(has(page, "left out: fault "));
  CHECK(has(page, "default-src 'none'"));
  const auto foreign = [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\n') || c == '\xff'; };
  CHECK(std::none_of(page.begin(), page.end(), foreign));
}

TEST_CASE("A test input is solved, undecided, wrong, answered or missing") {
  const Grid truth = one_cell(9);
  using List = std::vector<Candidate>;
  CHECK(outcome_of(List{}, &truth) == Outcome::missing);
  CHECK(outcome_of(List{candidate(1, 3), candidate(9, 2)}, &truth) == Outcome::solved);
  CHECK(outcome_of(List{candidate(1, 3), candidate(2, 2), candidate(9, 1)}, &truth) == Outcome::wrong);
  CHECK(outcome_of(List{candidate(1, 3), candidate(2, 2), candidate(9, 2)}, &truth) == Outcome::undecided);
  CHECK(outcome_of(List{candidate(1, 3), candidate(2, 2)}, nullptr) == Outcome::answered);
  const std::vector<List> tests = {{candidate(9, 3), candidate(1, 1)}, {candidate(1, 1)}};
  const TaskStanding standing = standing_of(tests, std::vector<Grid>{truth, truth});
  CHECK(standing.outcome == Outcome::wrong);
  CHECK(standing.samples == 5);
  CHECK(standing.agreement == 0.75);
}

TEST_CASE("The page says which run it is, how many tasks are solved, and nothing of places that no candidate has") {
  std::vector<Task> tasks = {{.name = "a", .train = {}, .test = {one_cell(1)}, .expected = {one_cell(9)}},
                             {.name = "b", .train = {}, .test = {one_cell(1)}, .expected = {one_cell(9)}}};
  const Ranking ranking = {{{candidate(9, 6), candidate(1, 2)}},
                           {{candidate(1, 5), candidate(2, 4), candidate(3, 3), candidate(4, 2), candidate(5, 1),
                             candidate(6, 1), candidate(9, 1)}}};
  const std::optional<Solutions> solutions = carried_solutions(tasks);
  const std::string page = page_of({.title = "arc.gguf on c.json",
                                    .facts = {{"model checksum", "0123"}},
                                    .tasks = tasks,
                                    .ranking = ranking,
                                    .solutions = solutions});
  CHECK(has(page, "<title>arc.gguf on c.json</title>"));
  CHECK(has(page, "1</b><small>solved of 2"));
  CHECK(has(page, "1</b><small>wrong of 2"));
  CHECK(has(page, "pass@2"));
  CHECK(has(page, "pass@5"));
  CHECK_FALSE(has(page, "pass@10"));
  CHECK(has(page, "6 votes, 75.0 %"));
  CHECK(has(page, "leads the next by 4"));
  CHECK(has(page, "the right answer is in place 7"));
  CHECK(has(page, "place 7, right"));  // drawn, though it is far behind
  CHECK(has(page, "1 more candidate with 1 vote together"));
}

TEST_CASE("A picture marks the cells that differ from a truth of its size") {
  const Grid grid{2, 3, {1, 2, 3, 4, 5, 6}}, truth{2, 3, {1, 0, 0, 4, 5, 0}}, other{3, 2, {1, 2, 3, 4, 5, 6}};
  CHECK(has(picture(grid, &truth), "M1 0.5h2M2 1.5h1"));
  CHECK_FALSE(has(picture(grid, &other), "<path"));
  CHECK_FALSE(has(picture(grid, &grid), "<path"));
  CHECK(differences(grid, truth) == 3);
  CHECK(differences(grid, other) == -1);
}

TEST_CASE("400 tasks with 1000 different candidates of 900 random cells are a page below 10 MB") {
  std::mt19937 random(3);
  const auto noise = [&] {
    Grid grid{30, 30, std::vector<std::uint8_t>(900)};
    for (auto& cell : grid.cells) cell = static_cast<std::uint8_t>(random() % 10);
    return grid;
  };
  // All tasks alike: a page has no memory of the ones before.
  Task task{.name = "0123abcd", .train = {}, .test = {noise()}, .expected = {noise()}};
  for (int i = 0; i < 3; ++i) task.train.push_back({noise(), noise()});
  Tally tally;
  for (std::int64_t i = 0; i < 1000; ++i) tally.add(i, {noise(), 1.25F, 16});
  const std::vector<Task> tasks(400, task);
  const Ranking ranking(400, {tally.ranking(8, &*task.expected[0])});
  const std::optional<Solutions> solutions = carried_solutions(tasks);
  const std::string page =
      page_of({.title = "t", .facts = {}, .tasks = tasks, .ranking = ranking, .solutions = solutions});
  CHECK(page.size() < 10'000'000);
  CHECK(has(page, "995 more candidates with 995 votes together"));
}

}  // namespace trm::arc::report_test
