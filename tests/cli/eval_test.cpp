// trm eval: the bundled model against what PyTorch solves (tests/reference/solved_puzzles.py), and official data sets.

#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_eval_test {

using nlohmann::json;

namespace {

const std::string data = TRM_TEST_DATA;

json eval(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "eval");
  arguments.emplace_back("--json");
  const Outcome outcome = run_program(arguments);
  CHECK(outcome.code == 0);
  return json::parse(outcome.out);
}

std::string convert(const TemporaryDirectory& folder, const std::string& checkpoint) {
  const std::string model = (folder / "model.gguf").string();
  REQUIRE(run_program({"convert", checkpoint, "-o", model, "--quiet"}).code == 0);
  return model;
}

}  // namespace

TEST_CASE("the bundled model solves the puzzles that PyTorch solves, step by step") {
  const json solved = json::parse(read_file(data + "/sudoku/solved.json"));
  std::size_t differ = 0;
  std::size_t compared = 0;
  for (const auto& [file, by_step] : solved.items()) {
    const Outcome outcome = run_program(
        {"sudoku", sudoku_model(), data + "/sudoku/" + file, "--json", "--every-step", "--quiet", "--tries", "1"});
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
    std::istringstream lines(outcome.out);
    std::size_t puzzle = 0;
    for (std::string line; std::getline(lines, line); ++puzzle) {
      const json answer = json::parse(line);
      for (const json& at : answer.at("every_step")) {
        const std::string& marks = by_step.at(std::to_string(at.at("step").get<int>())).get_ref<const std::string&>();
        differ += at.at("solved").get<bool>() != (marks.at(puzzle) == '1') ? 1 : 0;
        compared += 1;
      }
    }
  }
  CHECK(compared == 345 * 16);
  // Rounding may flip a puzzle that was still wandering.
  std::cout << differ << " of " << compared << " puzzle-steps differ from PyTorch\n";
  CHECK(differ <= 345 * 16 / 500);
}

TEST_CASE("eval counts what PyTorch solves, after every step") {
  const json solved = json::parse(read_file(data + "/sudoku/solved.json")).at("easy_50.csv");
  const json report = eval({sudoku_model(), data + "/sudoku/easy_50.csv", "--every-step"});
  CHECK(report.at("examples") == 50);
  CHECK(report.at("steps") == 16);
  REQUIRE(report.at("per_step").size() == 16);
  for (const json& at : report.at("per_step")) {
    const std::string marks = solved.at(std::to_string(at.at("step").get<int>()));
    const auto right = static_cast<double>(std::count(marks.begin(), marks.end(), '1'));
    CHECK(at.at("exact").get<double>() == Approx(right / 50).margin(0.021));  // one puzzle may flip
    CHECK(at.at("token").get<double>() >= at.at("exact").get<double>());
    CHECK(std::isfinite(at.at("mean_q").get<double>()));
  }
  CHECK(report.at("exact") == report.at("per_step")[15].at("exact"));
  CHECK(report.at("token") == report.at("per_step")[15].at("token"));
}

TEST_CASE("option --steps alone gives what --every-step says of that step") {
  const std::string file = data + "/sudoku/test_hard_100.csv";
  const json every = eval({sudoku_model(), file, "--steps", "4", "--every-step"});
  const json last = eval({sudoku_model(), file, "--steps", "4"});
  CHECK(last.at("exact") == every.at("per_step")[3].at("exact"));
  CHECK(last.at("token") == every.at("per_step")[3].at("token"));
  CHECK(last.at("steps") == 4);
  CHECK_FALSE(last.contains("per_step"));
}

// Expected: eval.json of the model's training, easy_50, "halt_q>0_max16".
TEST_CASE("option --halt reports the steps that were used") {
  const json report = eval({sudoku_model(), data + "/sudoku/easy_50.csv", "--halt"});
  CHECK(report.at("exact").get<double>() == Approx(0.96).margin(0.021));
  CHECK(report.at("mean_steps").get<double>() == Approx(2.64).margin(0.3));
  CHECK(report.at("halted").get<double>() == Approx(0.98).margin(0.021));
}

TEST_CASE("option --limit takes the first examples") {
  const json report = eval({sudoku_model(), data + "/sudoku/test_easy_100.csv", "--limit", "10", "--steps", "1"});
  const json solved = json::parse(read_file(data + "/sudoku/solved.json")).at("test_easy_100.csv");
  const std::string marks = solved.at("1").get<std::string>().substr(0, 10);
  CHECK(report.at("examples") == 10);
  CHECK(report.at("exact_count") == std::count(marks.begin(), marks.end(), '1'));
}

// The same puzzles have the same noise in both commands; trm sudoku judges by the rules, trm eval by the labels.
TEST_CASE("eval chooses among noisy runs as trm sudoku does") {
  const std::string file = data + "/sudoku/top95.csv";
  for (const std::string best : {"q", "vote"}) {
    const std::vector<std::string> noisy = {"--samples", "3", "--noise", "0.3", "--best", best, "--steps", "3"};
    std::vector<std::string> arguments = {sudoku_model(), file};
    arguments.insert(arguments.end(), noisy.begin(), noisy.end());
    const json report = eval(arguments);
    CHECK(report.at("samples") == 3);
    CHECK(report.at("noise") == 0.3);
    arguments.insert(arguments.begin(), "sudoku");
    const Outcome solved = run_program(arguments);
    CHECK(solved.err.find("solved " + std::to_string(report.at("exact_count").get<int>()) + " of 95 puzzles") !=
          std::string::npos);
  }
}

TEST_CASE("the text says the same, with an interval") {
  const Outcome outcome = run_program({"eval", sudoku_model(), data + "/sudoku/easy_50.csv", "--limit", "10"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("exact     100.00 % (10 of 10; 95 % interval 72.25 % to 100.00 %)\n") != std::string::npos);
  CHECK(outcome.err.find("peak memory") != std::string::npos);
}

// A random model on the official builder's ARC data against tests/reference/evaluate.py.
TEST_CASE("an official ARC data set folder is evaluated as the reference does") {
  const TemporaryDirectory folder;
  const std::string model = convert(folder, data + "/arc_model/step_1");
  const json report = eval({model, data + "/dataset_arc", "--every-step"});
  const json expected = json::parse(read_file(data + "/arc_model/evaluation.json"));
  CHECK(report.at("examples") == 56);
  CHECK(report.at("steps") == expected.size());
  for (std::size_t step = 0; step < expected.size(); ++step) {
    for (const std::string key : {"exact", "token", "mean_q"}) {
      const double ours = report.at("per_step").at(step).at(key);
      CHECK(ours == Approx(expected.at(step).at(key).get<double>()).margin(1e-4));
    }
  }
  CHECK(only_error(run_program({"eval", model, data + "/sudoku/easy_50.csv"}), 3).find("reads neither") !=
        std::string::npos);
  CHECK(only_error(run_program({"eval", sudoku_model(), data + "/dataset_arc"}), 3).find("81 cells of 11 tokens") !=
        std::string::npos);
}

TEST_CASE("bad data is one line") {
  const TemporaryDirectory folder;
  only_error(run_program({"eval", sudoku_model(), (folder / "missing.csv").string()}), 4);
  only_error(run_program({"eval", sudoku_model(), folder.path().string()}), 3);
  write_text(folder / "no_answer.csv", "question\n" + std::string(81, '.') + "\n");
  CHECK(only_error(run_program({"eval", sudoku_model(), (folder / "no_answer.csv").string()}), 3)
            .find("line 2: the puzzle has no answer") != std::string::npos);
}

TEST_CASE("a data set with other puzzles than the model's is refused") {
  const std::string field = data + "/field/eval_other_data_set";
  const TemporaryDirectory folder;
  const std::string model = convert(folder, field + "/checkpoint");
  const auto refusal = [&](std::vector<std::string> arguments) {
    return only_error(run_program(std::move(arguments)), 3);
  };
  for (const std::string command : {"eval", "study steps"}) {
    const auto of = [&](const std::string& set) {
      return command == "eval" ? refusal({"eval", model, field + "/" + set})
                               : refusal({"study", "steps", model, field + "/" + set});
    };
    CHECK(of("two_ids").find("the data set has 2 puzzle ids, " + model + " has 5") != std::string::npos);
    CHECK(of("more_ids").find("the data set has 8 puzzle ids, " + model + " has 5") != std::string::npos);
    CHECK(of("other_order").find("identifiers.json: id 1: is d, in " + model + " it is a") != std::string::npos);
  }
  const std::string set = field + "/other_order/test/";
  CHECK(refusal({"run", model, "--inputs", set + "all__inputs.npy", "--puzzle-identifiers",
                 set + "all__puzzle_identifiers.npy", "--out", (folder / "out").string()})
            .find("id 1: is d") != std::string::npos);
}

}  // namespace trm::cli_eval_test
