// Voting against the official evaluator's results (tests/data/voting), and its rules one by one.

#include "arc/vote/ranking.hpp"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "arc/vote/pass_at.hpp"
#include "arc/vote/recorded.hpp"
#include "arc/vote/submission.hpp"
#include "io/npy.hpp"
#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::arc::votes_test {
namespace {

using nlohmann::json;
using Path = std::filesystem::path;

const Path voting = Path(TRM_TEST_DATA) / "voting";

json read_json(const Path& file) {
  std::ifstream stream(file);
  return json::parse(stream);
}

std::string text_of(const Path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Ranking golden_ranking(const std::vector<Task>& tasks, const RecordedOptions& options, RecordedCount& count) {
  Predictions predictions = no_predictions(tasks);
  count = add_recorded(voting, tasks, predictions, options);
  return rank_all(predictions, options.threads);
}

Grid cell(std::uint8_t colour) {
  return {1, 1, {colour}};
}

json plain(const Grid& grid) {
  json rows = json::array();
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    const auto begin = grid.cells.begin() + row * grid.cols;
    rows.push_back(std::vector<int>(begin, begin + grid.cols));
  }
  return rows;
}

// The ranking written by `file` against the official one: all alike, confidences to 1e-12.
void check_golden_ranking(const json& ranking) {
  const json expected = read_json(voting / "ranking.json");
  REQUIRE(ranking.size() == expected.size());
  std::size_t compared = 0;
  for (const auto& [task, tests] : expected.items()) {
    REQUIRE(ranking.at(task).size() == tests.size());
    for (std::size_t test = 0; test < tests.size(); ++test) {
      const json& candidates = ranking.at(task)[test];
      REQUIRE(candidates.size() == tests[test].size());
      for (std::size_t i = 0; i < candidates.size(); ++i, ++compared) {
        CHECK(candidates[i].at("votes") == tests[test][i].at("votes"));
        CHECK(candidates[i].at("grid") == tests[test][i].at("grid"));
        CHECK(std::abs(candidates[i].at("confidence").get<double>() - tests[test][i].at("confidence").get<double>()) <=
              1e-12);
      }
    }
  }
  CHECK(compared == 159);
}

TEST_CASE("The official evaluator's ranking, submission and pass@K are reproduced, with any number of threads") {
  const TemporaryDirectory folder;
  const auto tasks = read_challenges(voting / "test_puzzles.json");
  std::string first_ranking;
  for (const int threads : {1, 2, 5}) {
    RecordedCount count;
    const Ranking ranking = golden_ranking(tasks, {.threads = threads}, count);
    CHECK(count.samples == 453);
    CHECK(count.blank == 1);
    CHECK(count.foreign == 0);
    write_ranking(folder / "ranking.json", tasks, ranking);
    check_golden_ranking(read_json(folder / "ranking.json"));
    if (threads == 1) first_ranking = text_of(folder / "ranking.json");
    CHECK(text_of(folder / "ranking.json") == first_ranking);
    write_submission(folder / "submission.json", tasks, ranking);
    CHECK(text_of(folder / "submission.json") == text_of(voting / "submission.json"));
    CHECK(unanswered(tasks, ranking).empty());
    const json expected = read_json(voting / "pass_at_k.json");
    const auto all = pass_at_each_k(ranking, carried_solutions(tasks).value());
    REQUIRE(all.size() == expected.size());
    for (const PassAt& at : all) {
      CHECK(at.share == Approx(expected.at("ARC/pass@" + std::to_string(at.k)).get<double>()).epsilon(0).margin(1e-15));
      CHECK(at.interval.low <= at.share);
      CHECK(at.share <= at.interval.high);
    }
  }
}

// Row 202 of the golden arrays is blank: with batches the samples of rows 203 to 255 count with the q_halt before
// theirs.
TEST_CASE("Without batches every sample counts with its own q_halt, votes and grids stay") {
  const auto tasks = read_challenges(voting / "test_puzzles.json");
  RecordedCount with;
  RecordedCount without;
  const Ranking batches = golden_ranking(tasks, {.batch = 64}, with);
  const Ranking own = golden_ranking(tasks, {.batch = 0}, without);
  const auto q = read_npy<float>(voting / "q_halt_logits.npy").values;
  std::int64_t changed = 0;
  for (std::size_t row = 203; row < 256; ++row) changed += q[row] != q[row - 1] ? 1 : 0;
  CHECK(with.shifted == changed);
  CHECK(without.shifted == 0);
  const auto ids = read_npy<std::int64_t>(voting / "puzzle_identifiers.npy").values;
  double expected = 0;
  for (std::size_t i = 0; i < q.size(); ++i) expected += ids[i] == 0 ? 0 : 1 / (1 + std::exp(-double{q[i]}));
  double sum = 0;
  for (std::size_t task = 0; task < own.size(); ++task) {
    for (std::size_t test = 0; test < own[task].size(); ++test) {
      CHECK(own[task][test].size() == batches[task][test].size());
      for (const Candidate& candidate : own[task][test]) {
        sum += candidate.confidence * static_cast<double>(candidate.votes);
      }
    }
  }
  CHECK(sum == Approx(expected));
}

TEST_CASE("More votes win, then more confidence, then whoever came first") {
  const auto ranked = rank(std::vector<Prediction>{
      {cell(1), 0}, {cell(2), 0}, {cell(3), 5}, {cell(4), -5}, {cell(4), -5}, {Grid{}, 0}, {{1, 2, {1, 1}}, 0}});
  REQUIRE(ranked.size() == 6);
  CHECK(ranked[0].grid == cell(4));
  CHECK(ranked[0].votes == 2);
  CHECK(ranked[0].confidence == Approx(1 / (1 + std::exp(5.0))).epsilon(1e-14));
  CHECK(ranked[1].grid == cell(3));
  CHECK(ranked[2].grid == cell(1));
  CHECK(ranked[3].grid == cell(2));
  CHECK(ranked[4].grid == Grid{});
  CHECK(ranked[5].grid == Grid{1, 2, {1, 1}});
  CHECK(rank({}).empty());
}

TEST_CASE("A q_halt that is not a number comes after all others of as many votes") {
  const auto ranked = rank(std::vector<Prediction>{{cell(1), NAN}, {cell(2), -INFINITY}, {cell(3), NAN}, {cell(4), 1}});
  CHECK(ranked[0].grid == cell(4));
  CHECK(ranked[1].grid == cell(2));
  CHECK(ranked[2].grid == cell(1));
  CHECK(ranked[3].grid == cell(3));
}

TEST_CASE("pass@K is the mean over tasks of the mean over test inputs") {
  const Places places{{0, -1}, {1}, {4, 0, 2}};
  CHECK(pass_at(1, places) == Approx((1.0 / 2 + 0 + 1.0 / 3) / 3));
  CHECK(pass_at(2, places) == Approx((1.0 / 2 + 1 + 1.0 / 3) / 3));
  CHECK(pass_at(5, places) == Approx((1.0 / 2 + 1 + 1) / 3));
  CHECK(pass_at(1, {}) == 0);
}

TEST_CASE("A test input without predictions gets a placeholder in its own place") {
  std::vector<Task> tasks(1);
  tasks[0].name = "t";
  tasks[0].test = {cell(1), cell(2), cell(3)};
  tasks[0].expected.resize(3);
  CHECK_FALSE(carried_solutions(tasks));
  Predictions predictions = no_predictions(tasks);
  predictions[0][0] = {{cell(7), 0}};
  predictions[0][2] = {{cell(8), 0}, {cell(9), 1}};
  const Ranking ranking = rank_all(predictions, 1);
  std::vector<Attempts> answers;
  for (const auto& candidates : ranking[0]) answers.push_back(attempts(candidates));
  REQUIRE(answers.size() == 3);
  CHECK(answers[0].first == cell(7));
  CHECK(answers[0].second == cell(7));
  CHECK(answers[1].first == placeholder());
  CHECK(answers[1].second == placeholder());
  CHECK(answers[2].first == cell(9));
  CHECK(answers[2].second == cell(8));
  CHECK(unanswered(tasks, ranking) == std::vector<std::string>{"t (test input 2)"});
  const TemporaryDirectory folder;
  write_submission(folder / "s.json", tasks, ranking);
  CHECK(read_json(folder / "s.json").at("t")[1].at("attempt_2") == plain(placeholder()));
}

// A folder of two samples of one task; each case spoils one file.
class Recording {
 public:
  Recording() {
    tasks = parse_challenges(R"({"t": {"train": [], "test": [{"input": [[1]]}, {"input": [[1]]}]}})", "c.json");
    std::ofstream(folder / "identifiers.json") << R"(["<blank>", "t", "t|||t1|||0213456789", "u", "t|||x"])";
    std::vector<std::int32_t> tokens(2 * 900);
    tokens[0] = 3;
    tokens[900] = 4;
    write_rows("inputs", tokens, 2);
    write_rows("predictions", tokens, 2);
    write_ids({1, 2});
    write_q({0, 0});
  }
  void write_rows(const std::string& name, const std::vector<std::int32_t>& tokens, std::int64_t rows) const {
    const std::array<std::int64_t, 2> shape{rows, static_cast<std::int64_t>(tokens.size()) / rows};
    write_npy<std::int32_t>(folder / (name + ".npy"), shape, tokens);
  }
  void write_ids(const std::vector<std::int32_t>& ids) const {
    write_npy<std::int32_t>(folder / "puzzle_identifiers.npy", std::array{static_cast<std::int64_t>(ids.size())}, ids);
  }
  void write_q(const std::vector<float>& q) const {
    write_npy<float>(folder / "q_halt_logits.npy", std::array{static_cast<std::int64_t>(q.size())}, q);
  }
  RecordedCount read() {
    predictions = no_predictions(tasks);
    return add_recorded(folder.path(), tasks, predictions, {});
  }
  std::string fault(ErrorKind kind = ErrorKind::input) {
    return error_text([&] { (void)read(); }, kind);
  }

  TemporaryDirectory folder;
  std::vector<Task> tasks;
  Predictions predictions;
};

TEST_CASE("A sample votes for every test input that its own input is, others are counted and named") {
  Recording recording;
  CHECK(recording.read().samples == 2);
  for (std::size_t test = 0; test < 2; ++test) {
    REQUIRE(recording.predictions[0][test].size() == 2);
    CHECK(recording.predictions[0][test][0].grid == cell(1));
    CHECK(recording.predictions[0][test][1].grid == cell(1));  // 2, recoloured back
  }
  recording.write_ids({1, 1});  // the second sample's input is [[2]] now
  RecordedCount count = recording.read();
  CHECK(count.samples == 1);
  CHECK(count.foreign == 1);
  CHECK(count.first_foreign == "sample 1, puzzle t");
  recording.write_ids({3, 0});
  count = recording.read();
  CHECK(count.samples == 0);
  CHECK(count.blank == 1);
  CHECK(count.first_foreign == "sample 0, puzzle u");
}

TEST_CASE("Samples are counted whichever builder named them, a task's own name may look like an augmentation") {
  Recording recording;
  std::ofstream(recording.folder / "identifiers.json") << R"(["<blank>", "t", "t_t1_0213456789"])";
  CHECK(recording.read().samples == 2);
  CHECK(recording.predictions[0][0][1].grid == cell(1));  // 2, recoloured back
  recording.tasks[0].name = "t_t1_0213456789";
  recording.write_ids({2, 2});
  const RecordedCount count = recording.read();
  CHECK(count.samples == 1);  // the first row, as it is; the other row's input is [[2]]
  CHECK(count.foreign == 1);
}

TEST_CASE("Predictions may be integers of any type that holds tokens") {
  Recording recording;
  std::vector<std::uint8_t> bytes(2 * 900);
  bytes[0] = 3;
  bytes[900] = 4;
  write_npy<std::uint8_t>(recording.folder / "predictions.npy", std::array<std::int64_t, 2>{2, 900}, bytes);
  write_npy<std::int64_t>(recording.folder / "inputs.npy", std::array<std::int64_t, 2>{2, 900},
                          std::vector<std::int64_t>(bytes.begin(), bytes.end()));
  CHECK(recording.read().samples == 2);
  write_npy<std::int64_t>(recording.folder / "predictions.npy", std::array<std::int64_t, 2>{2, 900},
                          std::vector<std::int64_t>(2 * 900, std::int64_t{1} << 40));
  CHECK(recording.fault().find("predictions.npy") != std::string::npos);
}

TEST_CASE("Arrays that do not fit one another are named") {
  Recording recording;
  SECTION("fewer ids") {
    recording.write_ids({1});
    CHECK(recording.fault().find("puzzle_identifiers.npy: has 1 samples; inputs.npy has 2") != std::string::npos);
  }
  SECTION("more q") {
    recording.write_q({1, 2, 3});
    CHECK(recording.fault().find("q_halt_logits.npy: has 3 samples") != std::string::npos);
  }
  SECTION("fewer predictions") {
    recording.write_rows("predictions", std::vector<std::int32_t>(900), 1);
    CHECK(recording.fault().find("predictions.npy: has 1 samples") != std::string::npos);
  }
  SECTION("another task's cells") {
    recording.write_rows("inputs", std::vector<std::int32_t>(2 * 81), 2);
    CHECK(recording.fault().find("inputs.npy: has 81 columns") != std::string::npos);
  }
  SECTION("an id without a name") {
    recording.write_ids({1, 5});
    CHECK(recording.fault().find("sample 1: id 5 has no name") != std::string::npos);
    recording.write_ids({-1, 1});
    CHECK(recording.fault().find("sample 0: id -1 has no name") != std::string::npos);
  }
  SECTION("a name that is none") {
    recording.write_ids({1, 4});
    CHECK(recording.fault().find("identifiers.json: id 4: puzzle name 't|||x'") != std::string::npos);
  }
  SECTION("no token") {
    std::vector<std::int32_t> tokens(2 * 900);
    tokens[901] = -1;
    recording.write_rows("predictions", tokens, 2);
    CHECK(recording.fault().find("predictions.npy: sample 1: -1 is no token") != std::string::npos);
  }
  SECTION("not a number") {
    recording.write_q({0, NAN});
    CHECK(recording.fault().find("q_halt_logits.npy: sample 1: is not a number") != std::string::npos);
  }
  SECTION("a missing array") {
    std::filesystem::remove(recording.folder / "inputs.npy");
    CHECK(recording.fault(ErrorKind::io).find("inputs.npy") != std::string::npos);
  }
}

}  // namespace
}  // namespace trm::arc::votes_test
