// The report of a run with names and faults that nobody escaped. Its layout is tests/python/arc_report.py's matter.

#include "arc/report/report.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::arc::report_test {

TEST_CASE("Names, facts and faults from files are text in the report, whatever their bytes") {
  const TemporaryDirectory folder;
  const std::string evil = "\"><script>\x1b[31m\xff</script>";
  std::vector<Task> tasks(2);
  tasks[0] = {.name = evil, .train = {}, .test = {Grid{1, 1, {1}}}, .expected = {std::nullopt}};
  tasks[1] = {.name = "odd", .train = {}, .test = {Grid{}}, .expected = {std::nullopt}, .fault = "fault " + evil};
  const Ranking ranking = rank_all(no_predictions(tasks), 1);
  write_report(folder / "r.html",
               {.facts = {{"model", evil}}, .tasks = tasks, .ranking = ranking, .solutions = std::nullopt});
  std::ifstream stream(folder / "r.html", std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(stream), {}};
  CHECK(page.find("<script>") == std::string::npos);
  CHECK(page.find("left out: fault ") != std::string::npos);
  const auto foreign = [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\n') || c == '\xff'; };
  CHECK(std::none_of(page.begin(), page.end(), foreign));
}

}  // namespace trm::arc::report_test
