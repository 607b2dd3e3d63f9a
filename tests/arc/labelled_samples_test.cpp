// The samples of a plan as a data set, against the folder that the reference's builder made of the same tasks.

#include "arc/run/labelled_samples.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>

#include "io/json.hpp"
#include "tests/catch.hpp"

namespace trm::arc::labelled_samples_test {
namespace {

const std::filesystem::path folder = std::filesystem::path(TRM_TEST_DATA) / "dataset_arc";

// At most `samples` of each test input; 0: all.
DataSet of_challenges(std::size_t samples) {
  auto tasks = read_challenges(folder / "mini_evaluation_challenges.json");
  auto solutions = read_solutions(folder / "mini_evaluation_solutions.json", tasks);
  std::vector<TaskViews> views(tasks.size());
  for_each_string(folder / "identifiers.json", [&](std::int64_t id, const std::string& name) {
    const PuzzleName parsed = parse_puzzle_name(name);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (tasks[i].name == parsed.puzzle) views[i].views.push_back({id, parsed.augmentation});
    }
  });
  return labelled_samples(make_plan(std::move(tasks), std::move(views), samples), std::move(solutions), "challenges");
}

using Example = std::tuple<std::int64_t, std::vector<std::int32_t>, std::vector<std::int32_t>>;  // id, input, labels

std::vector<Example> examples_of(const DataSet& data, std::size_t at_once) {
  std::vector<Example> examples;
  for (std::size_t first = 0; first < data.examples; first += at_once) {
    const Batch batch = data.read(first, std::min(at_once, data.examples - first));
    const std::size_t cells = batch.inputs.size() / batch.puzzle_ids.size();
    for (std::size_t i = 0; i < batch.puzzle_ids.size(); ++i) {
      const auto part = [&](const std::vector<std::int32_t>& all) {
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(i * cells);
        return std::vector<std::int32_t>(begin, begin + static_cast<std::ptrdiff_t>(cells));
      };
      examples.emplace_back(batch.puzzle_ids[i], part(batch.inputs), part(batch.labels));
    }
  }
  return examples;
}

TEST_CASE("Challenges in all their views are the examples of the builder's folder") {
  Hyperparameters model;
  model.seq_len = 900;
  model.vocab_size = 12;
  auto expected = examples_of(open_data_set(folder.string(), model, "model"), 1000);
  auto ours = examples_of(of_challenges(0), 9);
  REQUIRE(expected.size() == 56);
  std::ranges::sort(expected);
  std::ranges::sort(ours);
  CHECK(ours == expected);
}

TEST_CASE("Each test input comes once before any comes twice, fewer samples are the first of them") {
  const auto all = examples_of(of_challenges(0), 56);
  const auto few = examples_of(of_challenges(2), 5);
  REQUIRE(few.size() == 16);
  CHECK(std::equal(few.begin(), few.end(), all.begin()));
  std::set<std::int64_t> ids;
  for (std::size_t i = 0; i < 8; ++i) ids.insert(std::get<0>(all[i]));  // of eight tasks with a test input each
  CHECK(ids.size() == 8);
}

}  // namespace
}  // namespace trm::arc::labelled_samples_test
