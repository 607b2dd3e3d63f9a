// Outputs that would overwrite what a command reads, or what somebody else keeps there.

#include "cli/paths.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "io/atomic_file.hpp"
#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_paths_test {
namespace {

namespace fs = std::filesystem;

struct Place {
  TemporaryDirectory directory;
  [[nodiscard]] std::string operator()(const std::string& name) const { return (directory / name).string(); }
};

// The message of the refusal; empty: the paths are accepted.
std::string refusal(const std::vector<InputPath>& inputs, const std::vector<OutputPath>& outputs, bool force = false) {
  try {
    check_paths(inputs, outputs, force);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

TEST_CASE("an output that is an input is refused, by whatever name") {
  const Place place;
  write_file(place("c.json"), "{}");
  fs::create_symlink(place("c.json"), place("link.json"));
  fs::create_hard_link(place("c.json"), place("twin.json"));
  fs::create_directory(place("folder"));
  const std::vector<InputPath> inputs = {{place("c.json"), "the challenges"}};
  for (const std::string name : {"c.json", "link.json", "twin.json", "folder/../c.json", "./c.json"}) {
    for (const bool force : {false, true}) {
      CHECK_THAT(refusal(inputs, {{place(name), OutputKind::json}}, force), Catch::Contains("the challenges"));
    }
  }
  CHECK(refusal(inputs, {{place("other.json"), OutputKind::json}}).empty());
  CHECK(refusal({{"", "nothing"}}, {{place("c.json"), OutputKind::json}}).empty());
}

TEST_CASE("an input that is missing and an output that links to its place are the same file") {
  const Place place;
  fs::create_symlink(place("later.json"), place("link.json"));
  CHECK_THAT(refusal({{place("later.json"), "the solutions"}}, {{place("link.json"), OutputKind::json}}),
             Catch::Contains("the solutions"));
}

TEST_CASE("two outputs of one file are refused") {
  const Place place;
  CHECK_THAT(refusal({}, {{place("o.json"), OutputKind::json}, {place("./o.json"), OutputKind::html}}),
             Catch::Contains("written twice"));
  CHECK(refusal({}, {{place("o.json"), OutputKind::json}, {place("o.html"), OutputKind::html}}).empty());
}

TEST_CASE("a file of another kind is replaced only when told to, a journal never") {
  const Place place;
  const std::vector<std::pair<OutputKind, std::string>> kinds = {
      {OutputKind::model, "GGUF...."},       {OutputKind::json, " \n[1]"}, {OutputKind::journal, "SQLite format 3"},
      {OutputKind::html, "<!doctype html>"}, {OutputKind::svg, "<svg"},    {OutputKind::npy, "\x93NUMPY"}};
  write_file(place("thesis.txt"), "It was a dark and stormy night");
  write_file(place("empty"), "");
  for (const auto& [kind, content] : kinds) {
    write_file(place("same"), content);
    CHECK(refusal({}, {{place("same"), kind}}).empty());
    CHECK(refusal({}, {{place("empty"), kind}}).empty());
    CHECK_THAT(refusal({}, {{place("thesis.txt"), kind}}), Catch::Contains("exists and is no"));
    CHECK(refusal({}, {{place("thesis.txt"), kind}}, true).empty() == (kind != OutputKind::journal));
  }
}

TEST_CASE("folders are told at the start: one in the file's place, and one that is missing") {
  const Place place;
  CHECK_THAT(refusal({}, {{place("."), OutputKind::json}}), Catch::Contains("cannot write"));
  CHECK_THAT(refusal({}, {{place("none/o.json"), OutputKind::json}}), Catch::Contains("none does not exist"));
}

TEST_CASE("a device is no file to lose") {
  CHECK(refusal({{"/dev/null", "the inputs"}}, {{"/dev/null", OutputKind::json}}).empty());
}

TEST_CASE("commands look at their paths before any work") {
  const Place place;
  const std::string model = place("m.gguf");
  fs::copy(sudoku_model(), model);
  const std::string content = read_file(model);
  const std::string thesis = place("thesis.txt");
  write_file(thesis, "It was a dark and stormy night");
  const std::string data = std::string(TRM_TEST_DATA);
  const std::string voting = place("voting");
  fs::copy(data + "/voting", voting);
  const std::string arc = place("arc");
  fs::copy(data + "/arc_model", arc);
  const std::string challenges = arc + "/evaluation.json";
  const std::vector<std::vector<std::string>> refused = {
      {"quantize", model, "-o", model, "--type", "int8"},
      {"quantize", model, "-o", thesis, "--type", "int8"},
      {"convert", arc + "/step_1", "-o", arc + "/step_1"},
      {"convert", arc + "/step_1", "-o", arc + "/all_config.yaml", "--force"},
      {"convert", arc + "/step_1", "-o", model, "--ids", "@" + model},
      {"arc", model, "--challenges", challenges, "-o", challenges},
      {"arc", model, "--challenges", challenges, "-o", model, "--force"},
      {"arc", model, "--challenges", challenges, "-o", place("s.json"), "--html", place("s.json")},
      {"arc", model, "--challenges", challenges, "-o", place("s.json"), "--html", place("s.json.journal")},
      {"vote", voting, "-o", voting + "/inputs.npy"},
      {"vote", voting, "-o", voting + "/identifiers.json"},
      {"vote", voting, "-o", place("s.json"), "--ranking", voting + "/test_puzzles.json"},
      {"identifiers", "--challenges", challenges, "--num-aug", "1", "-o", challenges},
      {"study", "steps", model, data + "/sudoku/easy_50.csv", "--plot", model},
  };
  for (const auto& arguments : refused) {
    CAPTURE(arguments);
    only_error(run_program(arguments), 2);
  }
  CHECK(read_file(model) == content);
  CHECK(read_file(thesis) == "It was a dark and stormy night");
  for (const std::string name : {"identifiers.json", "test_puzzles.json", "inputs.npy"}) {
    CHECK(read_file(voting + "/" + name) == read_file(data + "/voting/" + name));
  }
  only_error(run_program({"quantize", model, "-o", place("none/q.gguf"), "--type", "int8"}), 4);
}

}  // namespace
}  // namespace trm::cli_paths_test
