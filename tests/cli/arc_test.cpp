// trm arc as its users run it, interrupted ones too, and trm vote over its journals.

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

using namespace trm;
using nlohmann::json;

namespace {

using Arguments = std::vector<std::string>;

const std::string data = TRM_TEST_DATA;
const std::string challenges = data + "/dataset_arc/mini_evaluation_challenges.json";
const std::string solutions = data + "/dataset_arc/mini_evaluation_solutions.json";
constexpr std::size_t samples = 8 * 7;  // tasks, each with one test input and seven trained views

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A folder with a model of the data set's puzzles.
struct Place {
  TemporaryDirectory folder;
  std::string model = file("model.gguf");

  explicit Place(const Arguments& more = {"--identifiers", data + "/dataset_arc/identifiers.json"}) {
    Arguments convert{"convert", data + "/arc_model/step_1", "-o", model, "--quiet"};
    convert.insert(convert.end(), more.begin(), more.end());
    REQUIRE(run_program(convert).code == 0);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (folder / name).string(); }
  [[nodiscard]] std::string text(const std::string& name) const { return read_file(folder / name); }
  // trm arc with this output.
  [[nodiscard]] Arguments arc(const std::string& output, const Arguments& more = {}) const {
    Arguments all{"arc", model, "--challenges", challenges, "-o", file(output), "--quiet"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  [[nodiscard]] Outcome run(const std::string& output, const Arguments& more = {}) const {
    return run_program(arc(output, more));
  }
};

bool is_submission(const std::string& text) {
  const json submission = json::parse(text, nullptr, false);
  if (!submission.is_object() || submission.size() != 8) return false;
  for (const auto& [task, answers] : submission.items()) {
    for (const auto& answer : answers) {
      for (const char* attempt : {"attempt_1", "attempt_2"}) {
        if (!answer.contains(attempt) || !answer[attempt].is_array()) return false;
        for (const auto& row : answer[attempt]) {  // none where the model drew no grid
          if (!row.is_array()) return false;
        }
      }
    }
  }
  return true;
}

// Kills the run at random moments, `kills` times, and resumes it each time.
void run_through_kills(const Place& place, int kills, const Arguments& options) {
  const Outcome whole = place.run("whole.json", options);
  REQUIRE(whole.code == 0);
  std::mt19937 random(7);
  int killed = 0;
  for (bool done = false; !done;) {
    Arguments arguments = place.arc("torn.json", options);
    arguments.emplace_back("--resume");
    // Late enough that something may have been written, at last late enough to end.
    const double moment = killed < kills ? std::uniform_real_distribution(0.02, 0.35)(random) : 0.0;
    const Outcome outcome = run_program({.arguments = arguments, .interrupt_after = moment, .signal = SIGKILL});
    done = outcome.code == 0;
    if (!done) REQUIRE(outcome.code == 128 + SIGKILL);
    if (!done) ++killed;
    const std::string submission = std::filesystem::exists(place.folder / "torn.json") ? place.text("torn.json") : "";
    if (!submission.empty()) REQUIRE(is_submission(submission));
  }
  CHECK(killed == kills);
  CHECK(place.text("torn.json") == place.text("whole.json"));
}

}  // namespace

TEST_CASE("trm arc writes a submission, the same with any number of threads") {
  const Place place;
  const Outcome outcome = place.run("a.json", {"--json", "--solutions", solutions});
  REQUIRE(outcome.code == 0);
  CHECK(is_submission(place.text("a.json")));
  const json report = json::parse(outcome.out);
  CHECK(report.at("samples_run") == samples);
  CHECK(report.at("tasks") == 8);
  CHECK(report.contains("ARC/pass@2"));
  for (const char* threads : {"1", "3"}) {
    REQUIRE(place.run(threads, {"--threads", threads}).code == 0);
    CHECK(place.text(threads) == place.text("a.json"));
  }
}

TEST_CASE("shards on many machines, merged, are one run") {
  const Place place;
  REQUIRE(place.run("whole.json").code == 0);
  Arguments vote{"vote", "-o", place.file("merged.json"), "--challenges", challenges, "--json"};
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    const std::string output = std::string("part") + shard[0];
    REQUIRE(place.run(output, {"--shard", shard}).code == 0);
    vote.push_back(place.file(output + ".journal"));
  }
  const Outcome merged = run_program(vote);
  REQUIRE(merged.code == 0);
  CHECK(place.text("merged.json") == place.text("whole.json"));
  CHECK(json::parse(merged.out).at("samples") == samples);
}

TEST_CASE("a run that is killed again and again comes to the same submission") {
  run_through_kills(Place(), 6, {"--steps", "12", "--threads", "1"});
}

TEST_CASE("fifty kills, with answers decided early", "[.slow]") {
  run_through_kills(Place(), 50, {"--steps", "100", "--threads", "2"});
  run_through_kills(Place(), 10, {"--steps", "20", "--until-decided"});
}

TEST_CASE("Ctrl-C leaves a valid submission of what was done, and a journal to go on with") {
  const Place place;
  const Outcome outcome = run_program({.arguments = place.arc("a.json", {"--steps", "20"}), .interrupt_after = 0.3});
  CHECK(outcome.code == 130);
  CHECK(is_submission(place.text("a.json")));
  const Outcome again = place.run("a.json", {"--steps", "20"});
  CHECK(contains(only_error(again, 2), "--resume"));
  const Outcome resumed = place.run("a.json", {"--steps", "20", "--resume", "--json"});
  REQUIRE(resumed.code == 0);
  const json report = json::parse(resumed.out);
  CHECK(report.at("samples_run").get<std::size_t>() + report.at("samples_resumed").get<std::size_t>() == samples);
  REQUIRE(place.run("b.json", {"--steps", "20"}).code == 0);
  CHECK(place.text("a.json") == place.text("b.json"));
}

TEST_CASE("a time limit ends the run, with what was done") {
  const Place place;
  const Outcome outcome = place.run("a.json", {"--steps", "300", "--time-limit", "1s", "--json"});
  CHECK(outcome.code == 0);
  CHECK(is_submission(place.text("a.json")));
  const json report = json::parse(outcome.out);
  CHECK(report.at("samples_left").get<std::size_t>() + report.at("samples_run").get<std::size_t>() == samples);
  CHECK(report.at("samples_left") > 0);
  for (const char* bad : {"soon", "0s", "-3m", "2x"}) {
    CHECK(contains(only_error(place.run("b.json", {"--time-limit", bad}), 2), "2h"));
  }
}

TEST_CASE("answers that are decided need no more samples") {
  // One embedding for all ids: every view of a task that maps onto the same tokens votes alike.
  const Place place;
  REQUIRE(place.run("whole.json", {"--steps", "1"}).code == 0);
  REQUIRE(place.run("decided.json", {"--steps", "1", "--until-decided"}).code == 0);
  CHECK(place.text("decided.json") == place.text("whole.json"));
  CHECK(contains(only_error(place.run("c.json", {"--until-decided=never"}), 2), "exact or probable"));
}

TEST_CASE("tasks that the model does not know are named, get a placeholder, and the rest goes on") {
  const Place place;
  json tasks = json::parse(read_file(challenges));
  tasks["0stranger"] = tasks.begin().value();
  write_text(place.folder / "c.json", tasks.dump());
  const Outcome outcome = run_program(
      {"arc", place.model, "--challenges", place.file("c.json"), "-o", place.file("a.json"), "--samples", "1"});
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.err, "0stranger"));
  CHECK(contains(outcome.err, "accuracy would be zero"));
  CHECK(contains(outcome.err, "placeholder"));
  CHECK(json::parse(place.text("a.json")).size() == 9);
}

TEST_CASE("a model without names takes them from identifiers.json, one without rows is refused") {
  const Place nameless({"--identifiers", ""});
  const std::string identifiers = data + "/dataset_arc/identifiers.json";
  CHECK(contains(only_error(nameless.run("a.json"), 3), "--identifiers"));
  REQUIRE(nameless.run("a.json", {"--identifiers", identifiers}).code == 0);
  const Place named;
  REQUIRE(named.run("b.json").code == 0);
  CHECK(nameless.text("a.json") == named.text("b.json"));
  const Place empty({"--ids", "none"});
  CHECK(contains(only_error(empty.run("a.json"), 3), "--ids"));
}

TEST_CASE("journals of other runs and damaged ones are refused by name") {
  const Place place;
  REQUIRE(place.run("a.json").code == 0);
  REQUIRE(place.run("b.json", {"--steps", "2"}).code == 0);
  const auto vote = [&](const Arguments& journals, const Arguments& more = {}) {
    Arguments all{"vote", "-o", place.file("v.json"), "--quiet"};
    for (const auto& journal : journals) all.push_back(place.file(journal));
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all);
  };
  const std::string message = only_error(vote({"a.json.journal", "b.json.journal"}), 3);
  CHECK((contains(message, "b.json.journal") && contains(message, "steps = 2") && contains(message, "3")));
  CHECK(contains(only_error(place.run("b.json", {"--resume"}), 3), "steps = 2"));
  CHECK(contains(only_error(vote({"a.json.journal"}, {"--challenges", data + "/voting/test_puzzles.json"}), 3),
                 "is not the file"));
  CHECK(only_error(vote({"none"}), 4).size() > 10);

  std::string bytes = place.text("a.json.journal");
  for (const std::size_t at : {bytes.size() / 4, bytes.size() / 2, bytes.size() - 1000}) {
    std::string damaged = bytes;
    for (std::size_t i = 0; i < 16; ++i) damaged[at + i] = static_cast<char>(~damaged[at + i]);
    write_text(place.folder / "c.journal", damaged);
    const Outcome refused = vote({"c.journal", "a.json.journal"});
    CHECK(contains(only_error(refused, 3), "c.journal"));
    const Outcome skipped = vote({"c.journal", "a.json.journal"}, {"--skip-damaged"});
    CHECK(skipped.code == 0);
    CHECK(contains(skipped.err, "left out"));
    CHECK(place.text("v.json") == place.text("a.json"));
  }
  write_text(place.folder / "text.journal", "no journal\n");
  CHECK(contains(only_error(vote({"text.journal"}), 3), "text.journal"));
}

TEST_CASE("what cannot be written is said at once, and bad input is named") {
  const Place place;
  CHECK(contains(only_error(place.run("no/such/folder.json", {"--journal", place.file("j")}), 4), "folder.json"));
  write_text(place.folder / "c.json", "{\"a\": {\"train\": [], \"test\": [{\"input\": [[1, 12]]}]}}");
  const auto with = [&](const std::string& file) {
    return run_program({"arc", place.model, "--challenges", place.file(file), "-o", place.file("x.json"), "--quiet"});
  };
  CHECK(contains(only_error(with("c.json"), 3), "c.json"));
  CHECK(only_error(with("none.json"), 4).size() > 10);
  CHECK(contains(only_error(run_program({"arc", sudoku_model(), "--challenges", challenges, "-o", "x"}), 3), "900"));
  for (const char* shard : {"0/3", "4/3", "1", "a/b", "1/0"}) {
    CHECK(contains(only_error(place.run("y.json", {"--shard", shard}), 2), "--shard"));
  }
}

TEST_CASE("the report is one page that draws every task") {
  const Place place;
  REQUIRE(place.run("a.json", {"--html", place.file("r.html"), "--solutions", solutions}).code == 0);
  const std::string page = place.text("r.html");
  const json tasks = json::parse(read_file(challenges));
  for (const auto& task : tasks.items()) CHECK(contains(page, "id=\"" + task.key() + "\""));
  CHECK(contains(page, "true answer"));
  for (const char* loaded : {"http:", "https:", "src=", "<link", "<script", "@import"})
    CHECK_FALSE(contains(page, loaded));
}
