// The official builder's ids: its own lists, and numpy's numbers (tests/reference/arc_builder.py draws more).

#include "arc/identifiers.hpp"

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "arc/numpy_random.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::arc::identifiers_test {
namespace {

using Path = std::filesystem::path;

std::vector<std::string> names_of(const std::vector<Path>& files, const BuilderOptions& options) {
  std::vector<Subset> subsets;
  for (const Path& file : files) subsets.push_back(read_subset(file));
  std::vector<std::string> names{"<blank>"};
  for_each_named_task(subsets, options, [&](const NamedTask& task) {
    names.insert(names.end(), task.names.begin(), task.names.end());
    return true;
  });
  return names;
}

std::vector<std::string> read_names(const Path& file) {
  std::ifstream stream(file);
  return nlohmann::json::parse(stream).get<std::vector<std::string>>();
}

// numpy 2.4: np.random.seed(seed); np.random.shuffle(list(range(12))); 12 times np.random.randint(0, 8);
// np.random.permutation(np.arange(1, 10)).
struct Drawn {
  std::uint32_t seed;
  std::vector<int> shuffled;
  std::vector<std::uint32_t> integers;
  std::vector<int> permuted;
};
const std::vector<Drawn> drawn{
    {0u, {6, 11, 4, 10, 2, 8, 1, 7, 9, 3, 0, 5}, {0, 4, 2, 1, 6, 7, 7, 6, 0, 1, 5, 1}, {3, 7, 8, 6, 1, 4, 5, 2, 9}},
    {1u, {2, 3, 4, 10, 1, 6, 0, 7, 11, 9, 8, 5}, {6, 1, 2, 4, 6, 5, 2, 4, 3, 4, 2, 4}, {8, 4, 6, 9, 1, 7, 2, 5, 3}},
    {42u, {10, 9, 0, 8, 5, 2, 1, 11, 4, 7, 3, 6}, {7, 7, 2, 5, 4, 1, 7, 3, 5, 5, 1, 7}, {6, 3, 8, 7, 9, 2, 4, 1, 5}},
    {4294967295u,
     {11, 8, 5, 9, 1, 10, 6, 0, 4, 7, 2, 3},
     {3, 2, 3, 5, 6, 7, 7, 6, 6, 5, 1, 1},
     {4, 6, 3, 7, 9, 2, 8, 1, 5}},
};

TEST_CASE("The legacy generator's numbers are numpy's") {
  for (const Drawn& expected : drawn) {
    NumpyRandom random(expected.seed);
    std::vector<int> shuffled(12);
    std::iota(shuffled.begin(), shuffled.end(), 0);
    random.shuffle(std::span(shuffled));
    CHECK(shuffled == expected.shuffled);
    for (const std::uint32_t integer : expected.integers) CHECK(random.randint(8) == integer);
    std::vector<int> permuted(9);
    std::iota(permuted.begin(), permuted.end(), 1);
    random.shuffle(std::span(permuted));
    CHECK(permuted == expected.permuted);
  }
  NumpyRandom random(1);
  CHECK(random.randint(1) == 0);  // draws no word: the next is the first of the seed
  CHECK(random.up_to(0xffffffff) == std::mt19937(1)());
}

TEST_CASE("The official builder's small list is found again") {
  const Path data = Path(TRM_TEST_DATA) / "dataset_arc";
  const Path training = data / "mini_training_challenges.json";
  const Path evaluation = data / "mini_evaluation_challenges.json";
  CHECK(names_of({training, evaluation}, {.seed = 42, .augmentations = 6}) == read_names(data / "identifiers.json"));
  CHECK(names_of({training, evaluation}, {.seed = 43, .augmentations = 6}) != read_names(data / "identifiers.json"));
  CHECK(names_of({training, evaluation}, {.augmentations = 0}).size() == 14);
}

TEST_CASE("The official builder's list of ARC-AGI-1 is found again") {
  const Path shared = TRM_SHARED;
  if (!std::filesystem::exists(shared / "golden/identifiers/identifiers.json")) {
    std::cout << "skipped: " << shared << " has no golden/identifiers\n";
    return;
  }
  const std::vector<Path> files{shared / "data/arc/arc-agi_training_challenges.json",
                                shared / "data/arc/arc-agi_evaluation_challenges.json"};
  CHECK(names_of(files, {.augmentations = 10}) == read_names(shared / "golden/identifiers/identifiers.json"));
}

TEST_CASE("Without solutions a test output is the challenges' own or a dummy") {
  const TemporaryDirectory folder;
  std::ofstream(folder / "x_challenges.json")
      << R"({"t": {"train": [], "test": [{"input": [[1]], "output": [[2]]}, {"input": [[3]]}]}})";
  Subset subset = read_subset(folder / "x_challenges.json");
  CHECK_FALSE(subset.has_solutions);
  CHECK(subset.tasks[0].expected == std::vector<std::optional<Grid>>{Grid{1, 1, {2}}, Grid{1, 1, {0}}});
  std::ofstream(folder / "x_solutions.json") << R"({"t": [[[4]], [[5]]]})";
  subset = read_subset(folder / "x_challenges.json");
  CHECK(subset.has_solutions);
  CHECK(subset.tasks[0].expected == std::vector<std::optional<Grid>>{Grid{1, 1, {4}}, Grid{1, 1, {5}}});
}

TEST_CASE("A name that two subsets have is named once, and stopping stops") {
  const Path file = Path(TRM_TEST_DATA) / "dataset_arc/mini_training_challenges.json";
  const std::vector<Subset> twice(2, read_subset(file));
  std::vector<std::string> names;
  for_each_named_task(twice, {.augmentations = 4}, [&](const NamedTask& task) {
    CHECK(task.augmentations == 4);
    names.insert(names.end(), task.names.begin(), task.names.end());
    return true;
  });
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  CHECK(names.size() >= 5 * 5 + 5 * 3);
  int visits = 0;
  for_each_named_task(twice, {.augmentations = 1}, [&](const NamedTask&) { return ++visits < 3; });
  CHECK(visits == 3);
}

}  // namespace
}  // namespace trm::arc::identifiers_test
