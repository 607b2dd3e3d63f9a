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

// The second starts its samples at random.
const std::vector<std::string> models{"arc_model", "arc_fprm"};

struct Folder : TemporaryDirectory {
  explicit Folder(const std::string& checkpoint = models.front()) {
    REQUIRE(run_program({"convert", data + "/" + checkpoint + "/step_1", "-o", path("model"), "--identifiers",
                         data + "/dataset_arc/identifiers.json", "--quiet"})
                .code == 0);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (*this / name).string(); }

  // `trm arc` on the mini challenges, submission `name`.
  [[nodiscard]] Invocation invocation(const std::string& name, const std::vector<std::string>& more = {}) const {
    Invocation invocation{.arguments = {"arc", path("model"), "--challenges", challenges, "-o", path(name), "--json"}};
    invocation.arguments.insert(invocation.arguments.end(), more.begin(), more.end());
    return invocation;
  }
  [[nodiscard]] Outcome arc(const std::string& name, const std::vector<std::string>& more = {}) const {
    return run_program(invocation(name, more));
  }
};

std::string vote(const Folder& folder, const std::vector<std::string>& journals) {
  std::vector<std::string> arguments{"vote"};
  for (const auto& journal : journals) arguments.push_back(folder.path(journal));
  arguments.insert(arguments.end(), {"-o", folder.path("merged.json"), "--quiet"});
  REQUIRE(run_program(arguments).code == 0);
  return read_file(folder.path("merged.json"));
}

std::uint64_t size_of(const std::string& path) {
  return std::filesystem::exists(path) ? std::filesystem::file_size(path) : 0;
}

// More steps than any machine runs in the time of a test: such a run ends by what stops it.
const std::vector<std::string> endless{"--steps", "1000000"};

}  // namespace

TEST_CASE("threads, shards, resuming and kernel batches change nothing") {
  const Folder folder(GENERATE(from_range(models)));
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

// The candidates with their votes and mean confidences, of a journal, by task.
json candidates(const Folder& folder, const std::string& journal) {
  REQUIRE(run_program({"vote", folder.path(journal), "--challenges", challenges, "-o", folder.path("v.json"),
                       "--ranking", folder.path("ranking.json"), "--force", "--quiet"})
              .code == 0);
  return json::parse(read_file(folder.path("ranking.json")));
}

TEST_CASE("random starts depend on the seed, and not on the order of the tasks") {
  const Folder folder("arc_fprm");
  REQUIRE(folder.arc("whole.json").code == 0);
  REQUIRE(folder.arc("other.json", {"--seed", "1"}).code == 0);
  CHECK(candidates(folder, "other.json.journal") != candidates(folder, "whole.json.journal"));
  CHECK(only_error(folder.arc("whole.json", {"--resume", "--seed", "1"}), 3).find("seed = 0") != std::string::npos);

  nlohmann::ordered_json tasks = nlohmann::ordered_json::parse(read_file(challenges)), reversed;
  std::vector<std::string> names;
  for (const auto& [name, task] : tasks.items()) names.insert(names.begin(), name);
  for (const std::string& name : names) reversed[name] = tasks[name];
  write_text(folder.path("reversed.json"), reversed.dump());
  REQUIRE(run_program({"arc", folder.path("model"), "--challenges", folder.path("reversed.json"), "-o",
                       folder.path("reversed")})
              .code == 0);
  CHECK(json::parse(read_file(folder.path("reversed"))) == json::parse(read_file(folder.path("whole.json"))));
}

TEST_CASE("a run without random numbers goes on with a journal of any seed") {
  const Folder folder;
  REQUIRE(folder.arc("s.json", {"--samples", "3"}).code == 0);
  CHECK(json::parse(folder.arc("s.json", {"--resume", "--seed", "1"}).out).at("samples_resumed") == 24);
}

// The kernel kills the program in the middle of the write that would make a file larger than a limit: a kill that no
// machine is too fast for, in the worst place.
TEST_CASE("killed in the middle of any write, a run loses nothing") {
  const Folder folder;
  REQUIRE(folder.arc("whole.json").code == 0);
  const std::string expected = read_file(folder.path("whole.json"));
  const std::uint64_t whole = size_of(folder.path("whole.json.journal"));
  std::mt19937 random(1);
  for (int round = 0; round < 3; ++round) {
    const std::string name = "killed" + std::to_string(round);
    for (int kill = 0; kill < 4; ++kill) {
      const std::uint64_t smallest = size_of(folder.path(name + ".journal")) + 1;
      REQUIRE(smallest < whole);
      Invocation run = folder.invocation(name, {"--resume", "--threads", "1"});
      run.largest_file = smallest + random() % (whole - smallest);
      run.die_at_largest_file = true;
      CHECK(run_program(run).code == 128 + SIGXFSZ);
    }
    CHECK(folder.arc(name, {"--resume"}).code == 0);
    CHECK(read_file(folder.path(name)) == expected);
  }
}

// The kills of this test may come after the end of a run on a fast machine; those above never do.
TEST_CASE("kill -9 between the first and the last sample, time after time", "[.slow]") {
  const Folder folder;
  REQUIRE(folder.arc("whole.json").code == 0);
  std::mt19937 random(2);
  for (int round = 0; round < 10; ++round) {
    const std::string name = "killed" + std::to_string(round);
    for (int kill = 0; kill < 5; ++kill) {
      Invocation run = folder.invocation(name, {"--resume", "--threads", "1"});
      std::size_t looks = random() % 100;
      run.interrupt_when = [&](const Outcome&) { return size_of(folder.path(name)) > 0 && looks-- == 0; };
      run.signal = SIGKILL;
      const int code = run_program(run).code;
      CHECK((code == 0 || code == 128 + SIGKILL));
    }
    CHECK(folder.arc(name, {"--resume"}).code == 0);
    CHECK(read_file(folder.path(name)) == read_file(folder.path("whole.json")));
  }
}

TEST_CASE("an interrupt leaves a submission of what was done, and the rest for later") {
  const Folder folder;
  Invocation run = folder.invocation("whole.json", endless);
  run.interrupt_when = [&](const Outcome&) { return size_of(folder.path("whole.json")) > 0; };
  const Outcome outcome = run_program(run);
  REQUIRE(outcome.code == 130);
  CHECK(json::parse(outcome.out).at("samples_left") == all_samples);
  const json submission = json::parse(read_file(folder.path("whole.json")));
  CHECK(submission.size() == 8);
  for (const auto& [task, tests] : submission.items()) CHECK(tests.at(0).contains("attempt_2"));
}

TEST_CASE("a time limit ends the run, says what is left, and is no error") {
  const Folder folder;
  std::vector<std::string> limited = endless;
  limited.insert(limited.end(), {"--time-limit", "0.5s"});
  const Outcome outcome = folder.arc("s.json", limited);
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
  CHECK(only_error(folder.arc("s.json", {"--resume", "--halt=0.5"}), 3).find("margin 0.5") != std::string::npos);
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

// The names of public HRM checkpoints' data sets: NAME_t3_0987654321.
TEST_CASE("HRM's names of augmentations are read, and written to the journal as they are") {
  const TemporaryDirectory folder;
  const std::string field = data + "/field/hrm_arc_names";
  const auto path = [&](const char* name) { return (folder / name).string(); };
  REQUIRE(run_program({"convert", field + "/checkpoint", "-o", path("m"), "--quiet"}).code == 0);
  const Outcome outcome =
      run_program({"arc", path("m"), "--challenges", field + "/challenges.json", "-o", path("s.json"), "--json"});
  CHECK(outcome.code == 0);
  CHECK(json::parse(outcome.out).at("samples_run") == 3);
  CHECK(read_file(path("s.json.journal")).find("a_t3_0987654321") != std::string::npos);
  CHECK(run_program({"vote", path("s.json.journal"), "-o", path("v.json")}).code == 0);
  CHECK(read_file(path("v.json")) == read_file(path("s.json")));

  json names = json::parse(read_file(field + "/identifiers.json"));
  names[3] = "a_t9_0213456789";  // neither builder's form
  write_text(path("names.json"), names.dump());
  REQUIRE(run_program({"convert", field + "/checkpoint", "-o", path("n"), "--ids", "all", "--identifiers",
                       path("names.json"), "--quiet"})
              .code == 0);
  const Outcome fewer =
      run_program({"arc", path("n"), "--challenges", field + "/challenges.json", "-o", path("t.json"), "--json"});
  CHECK(json::parse(fewer.out).at("samples_run") == 2);
  CHECK(fewer.err.find("a_t9_0213456789") != std::string::npos);
}

TEST_CASE("identifiers.json of more or fewer names than the model has ids is refused") {
  const Folder folder;
  json names = json::parse(read_file(data + "/dataset_arc/identifiers.json"));
  names.push_back("one more");
  write_text(folder.path("more.json"), names.dump());
  CHECK(only_error(folder.arc("s.json", {"--identifiers", folder.path("more.json")}), 3)
            .find("has " + std::to_string(names.size()) + " names") != std::string::npos);
}

TEST_CASE("a file of one task, and a folder of such files, are challenges") {
  const Folder folder;
  const json tasks = json::parse(read_file(challenges));
  std::filesystem::create_directory(folder.path("tasks"));
  for (const auto& [name, task] : tasks.items()) write_text(folder.path("tasks/" + name + ".json"), task.dump());
  const auto run = [&](const std::string& given, const std::string& output) {
    return run_program({"arc", folder.path("model"), "--challenges", given, "-o", folder.path(output), "--json"});
  };
  REQUIRE(folder.arc("whole.json").code == 0);
  const json whole = json::parse(read_file(folder.path("whole.json")));
  CHECK(run(folder.path("tasks"), "s.json").code == 0);
  CHECK(json::parse(read_file(folder.path("s.json"))) == whole);
  const std::string one = tasks.begin().key();
  CHECK(run(folder.path("tasks/" + one + ".json"), "t.json").code == 0);
  CHECK(json::parse(read_file(folder.path("t.json"))) == json{{one, whole.at(one)}});
  CHECK(run_program(
            {"vote", folder.path("s.json.journal"), "--challenges", folder.path("tasks"), "-o", folder.path("v.json")})
            .code == 0);
  write_text(folder.path("tasks/other.json"), "[]");
  CHECK(only_error(run(folder.path("tasks"), "u.json"), 3).find("other.json") != std::string::npos);
}

TEST_CASE("an odd task is named and gets a placeholder, and does not stop the others") {
  const Folder folder;
  json tasks = json::parse(read_file(challenges));
  const std::string odd = tasks.begin().key();
  tasks[odd]["train"][0]["input"] = std::vector<std::vector<int>>(31, {1});
  write_text(folder.path("c.json"), tasks.dump());
  REQUIRE(folder.arc("whole.json").code == 0);
  const Outcome outcome = run_program(
      {"arc", folder.path("model"), "--challenges", folder.path("c.json"), "-o", folder.path("s.json"), "--json"});
  CHECK(outcome.code == 0);
  CHECK(outcome.err.find("task '" + odd + "', train 1, input: has 31 rows") != std::string::npos);
  json expected = json::parse(read_file(folder.path("whole.json")));
  const json zeros = {{0, 0}, {0, 0}};
  for (json& answer : expected.at(odd)) answer = {{"attempt_1", zeros}, {"attempt_2", zeros}};
  CHECK(json::parse(read_file(folder.path("s.json"))) == expected);
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
    CHECK(page.find("id=\"" + task + "\"") != std::string::npos);
  }
  CHECK(page.find("://") == std::string::npos);
  CHECK(page.find("<title>model on mini_evaluation_challenges.json</title>") != std::string::npos);
  CHECK(page.find("model checksum") != std::string::npos);
  CHECK(page.find("true answer") != std::string::npos);
}

TEST_CASE("a folder of journals is merged by one command, with a report of all of them") {
  const Folder folder;
  const std::string solutions = data + "/dataset_arc/mini_evaluation_solutions.json";
  REQUIRE(folder.arc("whole.json", {"--solutions", solutions, "--html", folder.path("whole.html")}).code == 0);
  std::filesystem::create_directory(folder.path("parts"));
  for (const std::string shard : {"1", "2"}) {
    REQUIRE(folder.arc("parts/" + shard, {"--shard", shard + "/2"}).code == 0);
  }
  const Outcome merged = run_program({"vote", folder.path("parts"), "-o", folder.path("merged.json"), "--challenges",
                                      challenges, "--solutions", solutions, "--html", folder.path("merged.html")});
  CHECK(merged.code == 0);
  CHECK(read_file(folder.path("merged.json")) == read_file(folder.path("whole.json")));
  const auto tasks = [&](const std::string& name) {
    const std::string page = read_file(folder.path(name));
    return page.substr(page.find("<main>"));
  };
  CHECK(tasks("merged.html") == tasks("whole.html"));
  CHECK(only_error(run_program({"vote", folder.path("parts"), folder.path("parts/1.journal"), "-o", "x"}), 2)
            .find("given twice") != std::string::npos);
}

TEST_CASE("the end of a run names what it wrote") {
  const Folder folder;
  const Outcome outcome = folder.arc("s.json", {"--samples", "1", "--html", folder.path("r.html")});
  for (const char* name : {"s.json\n", "s.json.journal\n", "r.html\n"}) {
    CHECK(outcome.err.find(folder.path(name)) != std::string::npos);
  }
}

}  // namespace trm::cli_arc_test
