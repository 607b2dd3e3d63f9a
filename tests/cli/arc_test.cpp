// trm arc and the merging half of trm vote, as users run them. A random model with ids for eight real tasks, six
// augmentations each; what its samples are is tests/reference/arc_samples.py's matter.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_arc_test {

using nlohmann::json;

namespace {

const std::string data = TRM_TEST_DATA;
const std::string challenges = data + "/dataset_arc/mini_evaluation_challenges.json";
constexpr std::size_t all_samples = 56;

struct Folder : TemporaryDirectory {
  Folder() {
    REQUIRE(run_program({"convert", data + "/arc_model/step_1", "-o", path("model"), "--identifiers",
                         data + "/dataset_arc/identifiers.json", "--quiet"})
                .code == 0);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (*this / name).string(); }

  // `trm arc` on the mini challenges, submission `name`.
  [[nodiscard]] Outcome arc(const std::string& name, const std::vector<std::string>& more = {}, double kill_after = 0,
                            int signal = SIGKILL) const {
    Invocation invocation{.arguments = {"arc", path("model"), "--challenges", challenges, "-o", path(name), "--json"},
                          .interrupt_after = kill_after,
                          .signal = signal};
    invocation.arguments.insert(invocation.arguments.end(), more.begin(), more.end());
    return run_program(invocation);
  }
};

std::string vote(const Folder& folder, const std::vector<std::string>& journals) {
  std::vector<std::string> arguments{"vote"};
  for (const auto& journal : journals) arguments.push_back(folder.path(journal));
  arguments.insert(arguments.end(), {"-o", folder.path("merged.json"), "--quiet"});
  REQUIRE(run_program(arguments).code == 0);
  return read_file(folder.path("merged.json"));
}

// Kills runs of `options` at random moments until one gets through.
std::size_t run_with_kills(const Folder& folder, const std::string& name, std::size_t kills, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> moment(0.01, 0.4);
  std::size_t killed = 0;
  for (std::size_t i = 0; i < kills; ++i) {
    killed += folder.arc(name, {"--resume", "--threads", "1"}, moment(random)).code == 128 + SIGKILL ? 1 : 0;
  }
  CHECK(folder.arc(name, {"--resume"}).code == 0);
  return killed;
}

}  // namespace

TEST_CASE("threads, shards, resuming and kernel batches change nothing") {
  const Folder folder;
  const Outcome whole = folder.arc("whole.json", {"--threads", "1"});
  CHECK(whole.code == 0);
  CHECK(json::parse(whole.out).at("samples_run") == all_samples);
  const std::string expected = read_file(folder.path("whole.json"));

  CHECK(folder.arc("three.json", {"--threads", "3"}).code == 0);
  CHECK(read_file(folder.path("three.json")) == expected);

  CHECK(folder.arc("resumed.json", {"--samples", "3"}).code == 0);
  const json resumed = json::parse(folder.arc("resumed.json", {"--resume"}).out);
  CHECK(resumed.at("samples_resumed") == 24);
  CHECK(resumed.at("samples_run") == all_samples - 24);
  CHECK(read_file(folder.path("resumed.json")) == expected);

  std::size_t run = 0;
  for (const std::string shard : {"1", "2", "3"}) {
    run += json::parse(folder.arc("shard" + shard, {"--shard", shard + "/3"}).out).at("samples_run").get<std::size_t>();
  }
  CHECK(run == all_samples);
  CHECK(vote(folder, {"shard3.journal", "shard1.journal", "shard2.journal"}) == expected);
  CHECK(vote(folder, {"shard1.journal", "whole.json.journal"}) == expected);  // a sample counts once
}

TEST_CASE("kill -9 at random moments loses nothing") {
  const Folder folder;
  REQUIRE(folder.arc("whole.json").code == 0);
  CHECK(run_with_kills(folder, "killed.json", 5, 1) > 0);
  CHECK(read_file(folder.path("killed.json")) == read_file(folder.path("whole.json")));
}

TEST_CASE("kill -9 at fifty random moments", "[.slow]") {
  const Folder folder;
  REQUIRE(folder.arc("whole.json").code == 0);
  for (unsigned run = 0; run < 10; ++run) {
    const std::string name = "killed" + std::to_string(run);
    CHECK(run_with_kills(folder, name, 5, 2 + run) > 0);
    CHECK(read_file(folder.path(name)) == read_file(folder.path("whole.json")));
  }
}

TEST_CASE("an interrupt leaves a submission of what was done, and the rest for later") {
  const Folder folder;
  REQUIRE(folder.arc("whole.json", {"--steps", "2000", "--samples", "1"}, 1.0, SIGINT).code == 130);
  const json submission = json::parse(read_file(folder.path("whole.json")));
  CHECK(submission.size() == 8);
  for (const auto& [task, tests] : submission.items()) CHECK(tests.at(0).contains("attempt_2"));
}

TEST_CASE("a time limit ends the run, says what is left, and is no error") {
  const Folder folder;
  const Outcome outcome = folder.arc("s.json", {"--steps", "2000", "--time-limit", "0.5s"});
  CHECK(outcome.code == 0);
  CHECK(json::parse(outcome.out).at("samples_left").get<std::size_t>() > 0);
  CHECK(outcome.err.find("the time is over") != std::string::npos);
  CHECK(outcome.err.find("placeholder") != std::string::npos);
  CHECK(only_error(folder.arc("t.json", {"--time-limit", "soon"}), 2).find("2h") != std::string::npos);
}

TEST_CASE("a journal of anything else is refused, by name") {
  const Folder folder;
  REQUIRE(folder.arc("s.json", {"--samples", "1"}).code == 0);
  CHECK(only_error(folder.arc("s.json"), 2).find("--resume") != std::string::npos);
  CHECK(only_error(folder.arc("s.json", {"--resume", "--steps", "2"}), 3).find("steps = 3") != std::string::npos);
  CHECK(only_error(folder.arc("s.json", {"--resume", "--halt"}), 3).find("halt = no") != std::string::npos);
  CHECK(only_error(folder.arc("s.json", {"--resume", "--halt=0.5"}), 3).find("--halt=0.5") != std::string::npos);
  REQUIRE(folder.arc("t.json", {"--samples", "1", "--steps", "2"}).code == 0);
  const std::string refused = only_error(
      run_program({"vote", folder.path("s.json.journal"), folder.path("t.json.journal"), "-o", folder.path("x")}), 3);
  CHECK(refused.find("t.json.journal: was made with steps = 2") != std::string::npos);
  CHECK(only_error(run_program({"vote", folder.path("s.json.journal"), "--challenges",
                                data + "/dataset_arc/mini_training_challenges.json", "-o", folder.path("x")}),
                   3)
            .find("challenges") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.path("x")));
}

TEST_CASE("a damaged journal is named, and left out on demand") {
  const Folder folder;
  REQUIRE(folder.arc("a.json", {"--shard", "1/2"}).code == 0);
  REQUIRE(folder.arc("b.json", {"--shard", "2/2"}).code == 0);
  const std::string whole = read_file(folder.path("b.json.journal"));
  const auto merge = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"vote", folder.path("a.json.journal"), folder.path("b.json.journal"),
                                       "-o",   folder.path("merged.json"),    "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  };
  const std::string rotten = whole.substr(0, whole.size() / 2) + "rot" + whole.substr(whole.size() / 2 + 3);
  for (const std::string& damaged : {rotten, whole.substr(0, whole.size() / 2), std::string("no journal at all")}) {
    write_text(folder.path("b.json.journal"), damaged);
    CHECK(only_error(merge({}), 3).find("b.json.journal") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder.path("merged.json")));
  }
  const Outcome skipped = merge({"--skip-damaged"});
  CHECK(skipped.code == 0);
  CHECK(skipped.err.find("left out: " + folder.path("b.json.journal")) != std::string::npos);
  CHECK(read_file(folder.path("merged.json")) == vote(folder, {"a.json.journal"}));
}

TEST_CASE("tasks without a trained id are named, get a placeholder, and the rest goes on") {
  const Folder folder;
  json tasks = json::parse(read_file(challenges));
  tasks["unheard"] = tasks.front();
  write_text(folder.path("c.json"), tasks.dump());
  const Outcome outcome =
      run_program({"arc", folder.path("model"), "--challenges", folder.path("c.json"), "-o", folder.path("s.json")});
  CHECK(outcome.code == 0);
  CHECK(outcome.err.find("accuracy would be zero: unheard") != std::string::npos);
  CHECK(json::parse(read_file(folder.path("s.json"))).at("unheard").size() == tasks.at("unheard").at("test").size());
  write_text(folder.path("c.json"), json{{"unheard", tasks["unheard"]}}.dump());
  only_error(
      run_program({"arc", folder.path("model"), "--challenges", folder.path("c.json"), "-o", folder.path("t.json")}),
      3);
}

TEST_CASE("option --until-decided never changes the submission") {
  const Folder folder;
  REQUIRE(folder.arc("whole.json").code == 0);
  REQUIRE(folder.arc("decided.json", {"--until-decided"}).code == 0);
  CHECK(read_file(folder.path("decided.json")) == read_file(folder.path("whole.json")));
  CHECK(only_error(folder.arc("x.json", {"--until-decided=perhaps"}), 2).find("exact or probable") !=
        std::string::npos);
}

TEST_CASE("an output that cannot be written is found before the run") {
  const Folder folder;
  CHECK(only_error(run_program({"arc", folder.path("model"), "--challenges", challenges, "-o",
                                folder.path("nowhere/s.json"), "--quiet"}),
                   4)
            .find("nowhere") != std::string::npos);
  CHECK(only_error(run_program({"arc", sudoku_model(), "--challenges", challenges, "-o", folder.path("s.json")}), 3)
            .find("ARC needs") != std::string::npos);
}

TEST_CASE("the report is one page with every task") {
  const Folder folder;
  REQUIRE(folder
              .arc("s.json", {"--samples", "2", "--html", folder.path("r.html"), "--solutions",
                              data + "/dataset_arc/mini_evaluation_solutions.json"})
              .code == 0);
  const std::string page = read_file(folder.path("r.html"));
  const json tasks = json::parse(read_file(challenges));
  for (const auto& [task, value] : tasks.items()) {
    CHECK(page.find("<section id=\"" + task + "\">") != std::string::npos);
  }
  CHECK(page.find("http") == std::string::npos);
  CHECK(page.find("true answer") != std::string::npos);
}

}  // namespace trm::cli_arc_test
