// trm vote and trm identifiers as their users run them.

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_vote_test {

using nlohmann::json;
using Json = nlohmann::ordered_json;

namespace {

const std::string voting = std::string(TRM_TEST_DATA) + "/voting";
const std::string data_set = std::string(TRM_TEST_DATA) + "/dataset_arc";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The folder with some of its files left out.
void copy_without(const std::filesystem::path& to, const std::string& left_out) {
  std::filesystem::copy(voting, to);
  std::filesystem::remove(to / left_out);
}

// The golden challenges, changed.
template <class Change>
std::string write_challenges(const TemporaryDirectory& folder, const Change& change) {
  Json challenges = Json::parse(read_file(voting + "/test_puzzles.json"));
  change(challenges);
  write_text(folder / "c.json", challenges.dump());
  return (folder / "c.json").string();
}

}  // namespace

TEST_CASE("trm vote writes the official evaluator's submission, whatever the threads") {
  const TemporaryDirectory folder;
  const std::string out = (folder / "submission.json").string();
  for (const char* threads : {"1", "3"}) {
    const Outcome outcome = run_program({"vote", voting, "-o", out, "--threads", threads, "--json"});
    CHECK(outcome.code == 0);
    CHECK(read_file(out) == read_file(voting + "/submission.json"));
    const json report = json::parse(outcome.out);
    const json expected = json::parse(read_file(voting + "/pass_at_k.json"));
    for (const auto& [name, share] : expected.items()) {
      CHECK(report.at(name).get<double>() == Approx(share.get<double>()).epsilon(1e-14));
      CHECK(report.at("intervals").at(name)[0].get<double>() < share.get<double>());
    }
    CHECK(report.at("samples") == 453);
    CHECK(contains(outcome.err, "--batch 0"));
  }
  const Outcome text = run_program({"vote", voting, "-o", out, "--quiet", "--batch", "0"});
  CHECK(contains(text.out, "30.92 % to 84.66 %\n"));
  CHECK(text.err.empty());
}

TEST_CASE("trm vote: folders vote together, and twice the same is refused") {
  const TemporaryDirectory folder;
  std::filesystem::copy(voting, folder / "again");
  const std::string out = (folder / "s.json").string();
  const std::string ranking = (folder / "r.json").string();
  const Outcome both = run_program({"vote", voting, (folder / "again").string(), "-o", out, "--ranking", ranking});
  CHECK(both.code == 0);
  const json once = json::parse(read_file(voting + "/ranking.json"));
  const json twice = json::parse(read_file(ranking));
  for (const auto& [task, tests] : once.items()) {
    for (std::size_t test = 0; test < tests.size(); ++test) {
      REQUIRE(twice.at(task)[test].size() == tests[test].size());
      for (std::size_t i = 0; i < tests[test].size(); ++i) {
        CHECK(twice.at(task)[test][i].at("votes") == 2 * tests[test][i].at("votes").get<int>());
      }
    }
  }
  CHECK(contains(only_error(run_program({"vote", voting, voting + "/", "-o", out}), 2), "given twice"));
}

TEST_CASE("trm vote: a test input that nobody predicted gets a placeholder, in its place, and a warning") {
  const TemporaryDirectory folder;
  const std::string out = (folder / "s.json").string();
  const std::string challenges = write_challenges(folder, [](Json& tasks) {
    Json& tests = tasks["d5c634a2"]["test"];
    tests.insert(tests.begin(), Json::parse(R"({"input": [[9, 9]], "output": [[1]]})"));
    tasks["new"] = Json::parse(R"({"train": [], "test": [{"input": [[1]], "output": [[1]]}]})");
    tasks.erase("4b6b68e5");
  });
  const Outcome outcome = run_program({"vote", voting, "--challenges", challenges, "-o", out, "--json"});
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.err, "d5c634a2 (test input 1) has no predictions"));
  CHECK(contains(outcome.err, "new (test input 1) has no predictions"));
  CHECK(contains(outcome.err, " are not of a test input of "));
  const json submission = json::parse(read_file(out));
  const json golden = json::parse(read_file(voting + "/submission.json"));
  CHECK(submission.size() == 9);
  CHECK_FALSE(submission.contains("4b6b68e5"));
  const json zeros = {{0, 0}, {0, 0}};
  CHECK(submission.at("d5c634a2")[0] == json{{"attempt_1", zeros}, {"attempt_2", zeros}});
  CHECK(submission.at("d5c634a2")[1] == golden.at("d5c634a2")[0]);
  CHECK(submission.at("d5c634a2")[2] == golden.at("d5c634a2")[1]);
  CHECK(submission.at("new")[0].at("attempt_1") == zeros);
  CHECK(json::parse(outcome.out).at("unanswered").size() == 2);
}

TEST_CASE("trm vote: solutions decide pass@K, and without answers there is none") {
  const TemporaryDirectory folder;
  const std::string out = (folder / "s.json").string();
  const json golden = json::parse(read_file(voting + "/submission.json"));
  json solutions;
  for (const auto& [task, tests] : golden.items()) {
    for (const json& test : tests) solutions[task].push_back(test.at("attempt_2"));
  }
  write_text(folder / "solutions.json", solutions.dump());
  const std::string challenges = write_challenges(folder, [](Json& tasks) {
    for (Json& task : tasks) {
      for (Json& test : task["test"]) test.erase("output");
    }
  });
  std::vector<std::string> command{"vote", voting, "--challenges", challenges, "-o", out, "--json", "--quiet"};
  CHECK_FALSE(json::parse(run_program(command).out).contains("ARC/pass@1"));
  command.insert(command.end(), {"--solutions", (folder / "solutions.json").string()});
  const json report = json::parse(run_program(command).out);
  CHECK(report.at("ARC/pass@1") == 0);
  CHECK(report.at("ARC/pass@2") == 1);
  solutions.erase("48f8583b");
  write_text(folder / "solutions.json", solutions.dump());
  CHECK(contains(only_error(run_program(command), 3), "solutions.json: task '48f8583b': is missing"));
}

TEST_CASE("trm vote: bad input is named, and what was there stays") {
  const TemporaryDirectory folder;
  const std::string out = (folder / "s.json").string();
  const std::string old = "{\"old\": 1}";
  write_text(out, old);
  for (const char* file : {"inputs.npy", "predictions.npy", "puzzle_identifiers.npy", "q_halt_logits.npy",
                           "identifiers.json", "test_puzzles.json"}) {
    const auto spoiled = folder / (std::string("without_") + file);
    copy_without(spoiled, file);
    CHECK(contains(only_error(run_program({"vote", spoiled.string(), "-o", out}), 4), file));
  }
  CHECK(contains(only_error(run_program({"vote", (folder / "none").string(), "-o", out}), 4), "does not exist"));
  write_text(folder / "c.json", "{\n \"a\": }");
  CHECK(contains(only_error(run_program({"vote", voting, "--challenges", (folder / "c.json").string(), "-o", out}), 3),
                 "c.json: line 2, column 7: is not JSON"));
  CHECK(read_file(out) == old);
  CHECK(contains(only_error(run_program({"vote", voting, "-o", (folder / "no/s.json").string()}), 4), "s.json"));
  Invocation full{.arguments = {"vote", voting, "-o", out, "--quiet"}, .largest_file = 4096};
  (void)only_error(run_program(full), 4);
  CHECK(read_file(out) == old);
}

TEST_CASE("trm identifiers writes the official builder's bytes") {
  const TemporaryDirectory folder;
  const std::string out = (folder / "i.json").string();
  const std::string training = data_set + "/mini_training_challenges.json";
  const std::string evaluation = data_set + "/mini_evaluation_challenges.json";
  const auto rebuild = [&](const std::vector<std::string>& more) {
    std::vector<std::string> command{"identifiers", "--challenges", training, evaluation, "-o", out};
    command.insert(command.end(), more.begin(), more.end());
    const Outcome outcome = run_program(command);
    CHECK(outcome.code == 0);
    return read_file(out);
  };
  const std::string golden = read_file(data_set + "/identifiers.json");
  CHECK(rebuild({"--num-aug", "6", "--test-set", "evaluation"}) == golden);
  CHECK(rebuild({"--num-aug", "6", "--seed", "42"}) == golden);
  CHECK(rebuild({"--num-aug", "6", "--seed", "0"}) != golden);
  CHECK(json::parse(rebuild({"--num-aug", "0"})).size() == 14);
  CHECK(contains(only_error(run_program({"identifiers", "--challenges", training, "--num-aug", "1", "--seed",
                                         "4294967296", "-o", out}),
                            2),
                 "numpy takes seeds below"));
  const Outcome typo =
      run_program({"identifiers", "--challenges", training, "--num-aug", "1", "--test-set", "evaluatoin", "-o", out});
  CHECK(typo.code == 0);
  CHECK(contains(typo.err, "'evaluatoin'"));
  CHECK(contains(only_error(run_program({"identifiers", "--challenges", (folder / "none.json").string(), "--num-aug",
                                         "1", "-o", out}),
                            4),
                 "none.json"));
}

TEST_CASE("trm identifiers: solutions of other tasks are named, a missing file of them is announced") {
  const TemporaryDirectory folder;
  const std::string out = (folder / "i.json").string();
  const std::string challenges = (folder / "my_tasks_challenges.json").string();
  write_text(challenges, R"({"a": {"train": [], "test": [{"input": [[1, 2]]}]}})");
  const std::vector<std::string> command{"identifiers", "--challenges", challenges, "--num-aug", "2", "-o", out};
  const Outcome outcome = run_program(command);
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.err, "my_tasks_challenges.json: no solutions beside it"));
  write_text(folder / "my_tasks_solutions.json", R"({"b": [[[1]]]})");
  CHECK(contains(only_error(run_program(command), 3), "my_tasks_solutions.json: task 'a': is missing"));
}

}  // namespace trm::cli_vote_test
