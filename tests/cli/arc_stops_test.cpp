// trm arc: what it takes to stop early, to be stopped, and to be given the wrong thing. What it comes to undisturbed,
// killed and sharded is arc_test.cpp's matter.

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "arc/run/journal.hpp"
#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_arc_stops_test {

using Json = nlohmann::ordered_json;

namespace {

const std::string data_set = std::string(TRM_TEST_DATA) + "/dataset_arc";
const std::string challenges = data_set + "/mini_evaluation_challenges.json";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A folder with the small random ARC model in it.
struct Place {
  TemporaryDirectory folder;
  std::string model = file("m.gguf");

  explicit Place(const std::vector<std::string>& more = {"--identifiers", data_set + "/identifiers.json"}) {
    std::vector<std::string> arguments{"convert", std::string(TRM_TEST_DATA) + "/arc_model/step_1", "-o", model,
                                       "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    REQUIRE(run_program(arguments).code == 0);
  }

  [[nodiscard]] std::string file(const std::string& name) const { return (folder / name).string(); }

  // trm arc into `output`, and more options.
  [[nodiscard]] Invocation arc(const std::string& output, const std::vector<std::string>& more = {}) const {
    Invocation invocation{.arguments = {"arc", model, "--challenges", challenges, "-o", file(output), "--json"}};
    invocation.arguments.insert(invocation.arguments.end(), more.begin(), more.end());
    return invocation;
  }

  // The submission of a run that nothing disturbs.
  [[nodiscard]] std::string undisturbed(const std::vector<std::string>& more = {}) const {
    REQUIRE(run_program(arc("whole.json", more)).code == 0);
    return read_file(file("whole.json"));
  }
};

}  // namespace

TEST_CASE("trm arc --until-decided leaves out samples that could not change the answers") {
  const Json all = Json::parse(read_file(challenges));
  const std::string task = all.begin().key();
  const TemporaryDirectory folder;
  const std::string one = (folder / "one.json").string();
  const std::string names = (folder / "names.json").string();
  write_text(one, Json{{task, all.at(task)}}.dump());
  REQUIRE(run_program({"identifiers", "--challenges", one, "--num-aug", "60", "-o", names, "--quiet"}).code == 0);
  Json list = Json::parse(read_file(names));
  while (list.size() < 92) list.push_back("another" + std::to_string(list.size()));  // the model has 92 rows
  write_text(names, list.dump());
  const Place place({"--identifiers", names, "--ids", "@" + one});
  Invocation run = place.arc("s.json", {"--samples", "1"});
  run.arguments[3] = one;
  REQUIRE(run_program(run).code == 0);

  // 39 votes for one black cell and 16 for four, which no augmentation changes, as if the model had given them: with
  // that of the plain puzzle 56 votes, which the 5 that remain cannot change.
  const std::string path = place.file("s.json.journal");
  {
    arc::Journal journal = arc::Journal::write(path, arc::Journal::read(path).header(), {}, true);
    for (std::int64_t id = 2; id < 57; ++id) {
      std::vector<std::uint8_t> tokens(900);
      for (const std::size_t cell : {0U, 1U, 30U, 31U}) tokens[cell] = id < 41 && cell > 0 ? 0 : 2;
      const std::string name = list[static_cast<std::size_t>(id)];
      journal.add({.puzzle = task, .test = 0, .puzzle_id = id, .name = name, .steps = 3, .prediction = tokens});
    }
  }
  const std::string recorded = read_file(path);
  run.arguments.resize(run.arguments.size() - 2);
  run.arguments.emplace_back("--resume");
  std::string answer;
  for (const char* rule : {"", "--until-decided", "--until-decided=probable"}) {
    write_text(path, recorded);
    Invocation again = run;
    if (*rule != 0) again.arguments.emplace_back(rule);
    const Outcome outcome = run_program(again);
    CHECK(outcome.code == 0);
    const Json report = Json::parse(outcome.out);
    CHECK(report.at("samples_resumed") == 56);
    CHECK(report.at("samples_saved") == (*rule != 0 ? 5 : 0));
    CHECK(report.at("samples_run") == (*rule != 0 ? 0 : 5));
    if (answer.empty()) answer = read_file(place.file("s.json"));
    CHECK(read_file(place.file("s.json")) == answer);
  }
}

TEST_CASE("trm arc takes names from identifiers.json, and refuses one of another data set") {
  const Place place;
  const std::string whole = place.undisturbed();
  const Place nameless(std::vector<std::string>{});
  CHECK(contains(only_error(run_program(nameless.arc("s.json")), 3), "does not know its puzzles' names"));
  CHECK(run_program(nameless.arc("s.json", {"--identifiers", data_set + "/identifiers.json"})).code == 0);
  CHECK(read_file(nameless.file("s.json")) == whole);
  Json names = Json::parse(read_file(data_set + "/identifiers.json"));
  const std::string known = Json::parse(read_file(challenges)).begin().key();
  const auto plain = std::find(names.begin(), names.end(), known) - names.begin();
  std::swap(names[static_cast<std::size_t>(plain) + 1], names[static_cast<std::size_t>(plain) + 2]);
  write_text(place.file("swapped.json"), names.dump());
  CHECK(contains(only_error(run_program(place.arc("t.json", {"--identifiers", place.file("swapped.json")})), 3),
                 ": id " + std::to_string(plain + 1) + ": is "));
}

TEST_CASE("trm arc: a write that fails leaves a message, no leftover, and code 4") {
  const Place place;
  CHECK(contains(only_error(run_program(place.arc("no/such/folder.json")), 4), "no/such/folder.json"));
  Invocation full = place.arc("full.json");
  full.largest_file = 30000;
  const Outcome outcome = run_program(full);
  CHECK(outcome.code == 4);
  CHECK(contains(outcome.err, "full.json"));
}

TEST_CASE("hostile journals are refused by name, or left out") {
  const Place place;
  const std::string folder = std::string(TRM_TEST_DATA) + "/field/attack/";
  REQUIRE(run_program(place.arc("s.json", {"--samples", "1"})).code == 0);
  for (const char* file :
       {"journal_view_forever", "journal_extra_trigger", "journal_test_inputs_3e8", "journal_test_inputs_2e40"}) {
    INFO(file);
    write_text(place.file(file), read_file(folder + file));
    CHECK(contains(only_error(run_program({"vote", place.file(file), "-o", place.file("v.json")}), 3), file));
    const Outcome rest = run_program(
        {"vote", place.file(file), place.file("s.json.journal"), "-o", place.file("v.json"), "--skip-damaged"});
    CHECK(rest.code == 0);
    CHECK(contains(rest.err, "left out: " + place.file(file)));
    only_error(run_program(place.arc("x.json", {"--resume", "--journal", place.file(file)})), 3);
  }
}

TEST_CASE("foreign bytes in the names of a journal reach neither a terminal nor JSON") {
  const Place place;
  write_text(place.file("j"), read_file(std::string(TRM_TEST_DATA) + "/field/attack/journal_bad_utf8"));
  const Outcome outcome = run_program({"vote", place.file("j"), "-o", place.file("v.json"), "--json"});
  CHECK(outcome.code == 0);
  CHECK(Json::accept(outcome.out));
  CHECK(Json::accept(read_file(place.file("v.json"))));
  CHECK_FALSE(contains(outcome.out + outcome.err, "\x1b"));
}

TEST_CASE("trm vote names a damaged journal, and leaves it out on demand") {
  const Place place;
  std::vector<std::string> journals;
  for (const char* shard : {"1/2", "2/2"}) {
    const std::string output = std::string("part") + shard[0] + ".json";
    CHECK(run_program(place.arc(output, {"--shard", shard})).code == 0);
    journals.push_back(place.file(output + ".journal"));
  }
  const std::string sound = read_file(journals[1]);
  const std::vector<std::string> vote{"vote", journals[0], journals[1], "-o", place.file("v.json")};
  std::vector<std::string> skip = vote;
  skip.emplace_back("--skip-damaged");
  std::mt19937 random(1);
  for (int i = 0; i < 20; ++i) {
    std::string damaged = sound;
    if (i % 2 == 0)
      damaged.resize(random() % sound.size());
    else  // a prediction's tokens, which SQLite itself does not look at
      damaged[sound.rfind("t4|||") + 60 + static_cast<std::size_t>(i)] ^= 1;
    write_text(journals[1], damaged);
    CHECK(contains(only_error(run_program(vote), 3), journals[1]));
    const Outcome rest = run_program(skip);
    CHECK(rest.code == 0);
    CHECK(contains(rest.err, "warning: left out: " + journals[1]));
  }
}

}  // namespace trm::cli_arc_stops_test
