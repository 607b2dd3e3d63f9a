#include "arc/identifiers.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "arc/augmentation.hpp"
#include "arc/numpy_random.hpp"

namespace trm::arc {
namespace {

constexpr std::int64_t trials_per_augmentation = 5;

using Hash = std::pair<std::uint64_t, std::uint64_t>;
struct Low64 {
  std::size_t operator()(const Hash& hash) const { return static_cast<std::size_t>(hash.first); }
};

Hash hash_of(const void* bytes, std::size_t size) {
  const XXH128_hash_t hash = XXH3_128bits(bytes, size);
  return {hash.low64, hash.high64};
}

// Tells augmentations of one task apart, as the builder does: by the multiset of their (input, output) pairs, training
// and test together. It compares sorted SHA-256 sums; 128 other bits of a hash serve as well.
class PairHasher {
 public:
  explicit PairHasher(const Task& task) {
    for (int transform = 0; transform < 8; ++transform) {
      const auto add = [&](const Grid& input, const Grid& output) {
        auto& pairs = pairs_[static_cast<std::size_t>(transform)];
        pairs.emplace_back();
        for (const Grid* grid : {&input, &output}) {
          const Grid seen = augment(*grid, {.transform = transform});
          // Sides stand above the colours, so that recolouring leaves them alone.
          pairs.back().push_back(static_cast<std::uint8_t>(colours + seen.rows));
          pairs.back().push_back(static_cast<std::uint8_t>(colours + seen.cols));
          pairs.back().insert(pairs.back().end(), seen.cells.begin(), seen.cells.end());
        }
      };
      for (const Example& example : task.train) add(example.input, example.output);
      for (std::size_t i = 0; i < task.test.size(); ++i) add(task.test[i], task.expected[i].value());
    }
    std::iota(image_.begin(), image_.end(), std::uint8_t{0});
  }

  Hash operator()(const Augmentation& augmentation) {
    std::copy(augmentation.colour.begin(), augmentation.colour.end(), image_.begin());
    hashes_.clear();
    for (const auto& pair : pairs_[static_cast<std::size_t>(augmentation.transform)]) {
      recoloured_.resize(pair.size());
      std::transform(pair.begin(), pair.end(), recoloured_.begin(), [&](std::uint8_t cell) { return image_[cell]; });
      hashes_.push_back(hash_of(recoloured_.data(), recoloured_.size()));
    }
    std::sort(hashes_.begin(), hashes_.end());
    return hash_of(hashes_.data(), hashes_.size() * sizeof(Hash));
  }

 private:
  std::array<std::vector<std::vector<std::uint8_t>>, 8> pairs_;  // [transform][pair]: sides and cells of both grids
  std::array<std::uint8_t, colours + largest_side + 1> image_{};
  std::vector<std::uint8_t> recoloured_;
  std::vector<Hash> hashes_;
};

Augmentation draw(NumpyRandom& random) {
  Augmentation augmentation;
  augmentation.transform = static_cast<int>(random.randint(8));
  random.shuffle(std::span(augmentation.colour).subspan(1));
  return augmentation;
}

// Distinct augmentations of a task, the first being the task itself.
std::vector<Augmentation> draw_augmentations(const Task& task, std::int64_t count, NumpyRandom& random) {
  std::vector<Augmentation> kept{{}};
  if (count == 0) return kept;
  PairHasher hash(task);
  std::unordered_set<Hash, Low64> seen{hash({})};
  for (std::int64_t trial = 0; trial < trials_per_augmentation * count; ++trial) {
    const Augmentation augmentation = draw(random);
    if (seen.insert(hash(augmentation)).second) kept.push_back(augmentation);
    if (static_cast<std::int64_t>(kept.size()) > count) break;
  }
  return kept;
}

// Names that several tasks have, each with the augmentations named so far.
std::unordered_map<std::string_view, std::unordered_set<std::string>> repeated_names(std::span<const Subset> subsets) {
  std::unordered_map<std::string_view, std::unordered_set<std::string>> repeated;
  std::unordered_set<std::string_view> names;
  for (const Subset& subset : subsets) {
    for (const Task& task : subset.tasks) {
      if (!names.insert(task.name).second) repeated.try_emplace(task.name);
    }
  }
  return repeated;
}

}  // namespace

std::filesystem::path solutions_beside(const std::filesystem::path& challenges) {
  constexpr std::string_view suffix = "_challenges.json";
  std::string name = challenges.filename().string();
  if (!name.ends_with(suffix)) return {};
  return challenges.parent_path() / name.replace(name.size() - suffix.size(), std::string::npos, "_solutions.json");
}

Subset read_subset(const std::filesystem::path& challenges) {
  Subset subset{read_challenges(challenges), false};
  require_sound(subset.tasks, challenges.string());  // left out, it would shift the ids of the tasks after it
  const std::filesystem::path file = solutions_beside(challenges);
  subset.has_solutions = std::filesystem::is_regular_file(file);
  if (subset.has_solutions) {
    const auto solutions = read_solutions(file, subset.tasks);
    for (std::size_t task = 0; task < solutions.size(); ++task) {
      std::copy(solutions[task].begin(), solutions[task].end(), subset.tasks[task].expected.begin());
    }
  }
  for (Task& task : subset.tasks) {
    for (auto& output : task.expected) output = std::move(output).value_or(Grid{1, 1, {0}});
  }
  return subset;
}

void for_each_named_task(std::span<const Subset> subsets, const BuilderOptions& options,
                         const std::function<bool(const NamedTask&)>& visit) {
  auto repeated = repeated_names(subsets);
  NumpyRandom random(options.seed);
  for (const Subset& subset : subsets) {
    std::vector<const Task*> tasks;
    for (const Task& task : subset.tasks) tasks.push_back(&task);
    random.shuffle(std::span(tasks));
    for (const Task* task : tasks) {
      const auto augmentations = draw_augmentations(*task, options.augmentations, random);
      NamedTask named{task->name, static_cast<std::int64_t>(augmentations.size()) - 1, {}};
      const auto known = repeated.find(task->name);
      for (const Augmentation& augmentation : augmentations) {
        std::string name = puzzle_name(task->name, augmentation);
        if (known == repeated.end() || known->second.insert(name).second) named.names.push_back(std::move(name));
      }
      if (!visit(named)) return;
    }
  }
}

}  // namespace trm::arc
