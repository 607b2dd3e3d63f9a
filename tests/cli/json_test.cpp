// docs/json.md against what every command prints.

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_json_test {
namespace {

using Names = std::set<std::string>;

// What stands between the backquotes of a text.
std::vector<std::string> quoted_in(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t at = text.find('`'); at != std::string::npos; at = text.find('`', at + 1)) {
    const std::size_t end = text.find('`', at + 1);
    names.push_back(text.substr(at + 1, end - at - 1));
    at = end;
  }
  return names;
}

struct Page {
  Names explained;
  std::map<std::string, Names> always, sometimes;  // by command
  Names checked;                                   // commands
};

Page read_page() {
  Page page;
  std::istringstream lines(read_file(std::string(TRM_SOURCE_DIR) + "/docs/json.md"));
  bool commands = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "## Commands") commands = true;
    if (!line.starts_with("| `")) continue;
    const std::size_t cell = line.find(" | ");
    const auto names = quoted_in(line.substr(0, cell));
    if (!commands) {
      page.explained.insert(names.begin(), names.end());
      continue;
    }
    const std::size_t sometimes = std::min(line.find("sometimes", cell), line.size());
    const auto first = quoted_in(line.substr(cell, sometimes - cell)), second = quoted_in(line.substr(sometimes));
    page.always[names.front()] = {first.begin(), first.end()};
    page.sometimes[names.front()] = {second.begin(), second.end()};
  }
  return page;
}

// The names of the first object that the command prints are those of the page.
void check(Page& page, const std::string& command, std::vector<std::string> arguments, const std::string& in = {}) {
  CAPTURE(command, arguments);
  arguments.insert(arguments.end(), {"--json", "--quiet"});
  const Outcome outcome = run_program(arguments, in);
  REQUIRE(outcome.code == 0);
  const auto object = nlohmann::ordered_json::parse(outcome.out.substr(0, outcome.out.find('\n')));
  REQUIRE(object.is_object());
  CHECK(object.begin().key() == "schema");
  CHECK(object["schema"] == 1);
  REQUIRE(page.always.contains(command));
  page.checked.insert(command);
  Names missing = page.always.at(command);
  for (const auto& [name, value] : object.items()) {
    CAPTURE(name);
    const bool known = missing.erase(name) > 0 || page.sometimes.at(command).contains(name) || name == "schema";
    CHECK(known);
  }
  CHECK(missing.empty());
}

const std::string data = TRM_TEST_DATA;
const std::string csv = data + "/sudoku/test_hard_100.csv";
const std::string challenges = data + "/dataset_arc/mini_evaluation_challenges.json";
const std::string solutions = data + "/dataset_arc/mini_evaluation_solutions.json";

void check_puzzles(Page& page) {
  const std::string puzzle = ".3.8.6..1.6..147.594..5...3.76...139..9...27...49.765.1.....5.64...239..6..5.13.2";
  check(page, "trm sudoku", {"sudoku", puzzle, "--every-step"});
  check(page, "trm sudoku", {"sudoku", puzzle, "--samples", "2", "--noise", "0.1", "--steps", "2"});
  check(page, "trm maze", {"maze", "-"}, read_file(std::string(TRM_SOURCE_DIR) + "/models/bundled/mazes.txt"));
  const std::vector<std::string> eval{"eval", sudoku_model(), csv, "--limit", "3", "--steps", "2"};
  for (const std::vector<std::string>& more : {std::vector<std::string>{},
                                               {"--every-step"},
                                               {"--halt"},
                                               {"--tries", "2"},
                                               {"--samples", "2", "--noise", "0.1"}}) {
    std::vector<std::string> arguments = eval;
    arguments.insert(arguments.end(), more.begin(), more.end());
    check(page, "trm eval", arguments);
  }
}

void check_files(Page& page) {
  const TemporaryDirectory folder;
  const auto path = [&](const std::string& name) { return (folder / name).string(); };
  check(page, "trm convert",
        {"convert", data + "/arc_model/step_1", "-o", path("m"), "--identifiers",
         data + "/dataset_arc/identifiers.json"});
  check(page, "trm quantize", {"quantize", sudoku_model(), "-o", path("q"), "--type", "f16"});
  check(page, "trm info MODEL", {"info", path("m"), "--verify"});
  check(page, "trm info CHECKPOINT", {"info", data + "/arc_model/step_1"});
  check(page, "trm info --cpu", {"info", "--cpu"});
  check(page, "trm arc",
        {"arc", path("m"), "--challenges", challenges, "--solutions", solutions, "-o", path("s"), "--samples", "2"});
  check(page, "trm vote", {"vote", path("s.journal"), "-o", path("v")});
  check(page, "trm vote",
        {"vote", path("s.journal"), "-o", path("v"), "--challenges", challenges, "--solutions", solutions});
  check(page, "trm identifiers", {"identifiers", "--challenges", challenges, "--num-aug", "1", "-o", path("i")});
  check(page, "trm study identity",
        {"study", "identity", path("m"), "--challenges", challenges, "--solutions", solutions, "--limit", "2"});
  check(
      page, "trm study votes",
      {"study", "votes", path("s.journal"), "--challenges", challenges, "--solutions", solutions, "--resamples", "3"});
}

void check_arrays(Page& page) {
  const TemporaryDirectory folder;
  const auto path = [&](const std::string& name) { return (folder / name).string(); };
  const std::string golden = data + "/golden/trm_att";
  REQUIRE(run_program({"convert", golden + "/step_1001", "-o", path("m"), "--quiet"}).code == 0);
  const std::vector<std::string> inputs{"--inputs", golden + "/inputs.npy", "--puzzle-identifiers",
                                        golden + "/puzzle_identifiers.npy", "--out"};
  const auto check_model = [&](const std::string& command, std::vector<std::string> arguments, const std::string& out) {
    arguments.push_back(path("m"));
    arguments.insert(arguments.end(), inputs.begin(), inputs.end());
    arguments.push_back(path(out));
    check(page, command, arguments);
  };
  check_model("trm run", {"run"}, "run");
  check_model("trm study trace MODEL", {"study", "trace"}, "a");
  check_model("trm study trace MODEL", {"study", "trace", "--isa", "portable"}, "b");
  check(page, "trm study trace A B", {"study", "trace", path("a"), path("b")});
}

void check_studies(Page& page) {
  const auto study = [&](const std::string& name, std::vector<std::string> more) {
    more.insert(more.begin(), {"study", name, sudoku_model(), csv, "--limit", "2"});
    check(page, "trm study " + name, more);
  };
  study("steps", {"--steps", "2"});
  study("noise", {"--steps", "2", "--noise", "0.1", "--samples", "2"});
  study("tries", {"--tries", "2", "--try-steps", "2"});
  study("quantization", {"--steps", "2", "--type", "int8"});
  for (const std::string bench : {"step", "matmul", "phases", "scaling", "memory"}) {
    check(page, "trm bench " + bench, {"bench", bench, sudoku_model(), "--seconds", "0", "--threads", "1"});
  }
}

}  // namespace

TEST_CASE("Every name of a command is explained") {
  const Page page = read_page();
  CHECK(page.always.size() > 20);
  for (const auto& [command, names] : page.always) {
    for (const auto* list : {&names, &page.sometimes.at(command)}) {
      for (const std::string& name : *list) {
        CAPTURE(command, name);
        CHECK(page.explained.contains(name));
      }
    }
  }
}

TEST_CASE("The names of every command's JSON are those of the page") {
  Page page = read_page();
  check_puzzles(page);
  check_files(page);
  check_arrays(page);
  check_studies(page);
  Names commands;
  for (const auto& [command, names] : page.always) commands.insert(command);
  CHECK(page.checked == commands);
}

}  // namespace trm::cli_json_test
