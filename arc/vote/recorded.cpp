#include "arc/vote/recorded.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "arc/augmentation.hpp"
#include "arc/tokens.hpp"
#include "base/error.hpp"
#include "io/json.hpp"
#include "io/npy.hpp"
#include "runtime/threads.hpp"

namespace trm::arc {
namespace {

constexpr std::int64_t rows_at_once = 4096;  // 22 MB of tokens while they are read
constexpr std::int64_t blank_id = 0;

struct Arrays {
  NpyRows inputs;
  NpyRows predictions;
  std::vector<std::int64_t> ids;  // [N]
  std::vector<float> q_halt;      // [N]
};

template <class T>
std::vector<T> read_values(const std::filesystem::path& file) {
  NpyArray<T> array = read_npy<T>(file);
  if (array.shape.size() == 1) return std::move(array.values);
  throw input_error(file.string(), "", "has " + std::to_string(array.shape.size()) + " axes", "[N] is needed");
}

NpyRows open_tokens(const std::filesystem::path& file) {
  NpyRows rows = NpyRows::open(file);
  if (rows.columns() == cells) return rows;
  throw input_error(file.string(), "", "has " + std::to_string(rows.columns()) + " columns",
                    "an ARC sample has " + std::to_string(cells) + " cells");
}

Arrays open_arrays(const std::filesystem::path& folder, std::size_t names) {
  const auto ids_file = folder / "puzzle_identifiers.npy";
  const auto q_file = folder / "q_halt_logits.npy";
  Arrays arrays{open_tokens(folder / "inputs.npy"), open_tokens(folder / "predictions.npy"),
                read_values<std::int64_t>(ids_file), read_values<float>(q_file)};
  const std::int64_t samples = arrays.inputs.rows();
  const auto require_samples = [&](const std::filesystem::path& file, std::int64_t rows) {
    if (rows == samples) return;
    throw input_error(file.string(), "", "has " + std::to_string(rows) + " samples",
                      "inputs.npy has " + std::to_string(samples));
  };
  require_samples(folder / "predictions.npy", arrays.predictions.rows());
  require_samples(ids_file, static_cast<std::int64_t>(arrays.ids.size()));
  require_samples(q_file, static_cast<std::int64_t>(arrays.q_halt.size()));
  for (std::size_t i = 0; i < arrays.ids.size(); ++i) {
    const std::string place = "sample " + std::to_string(i);
    if (arrays.ids[i] < 0 || static_cast<std::size_t>(arrays.ids[i]) >= names) {
      throw input_error(ids_file.string(), place, "id " + std::to_string(arrays.ids[i]) + " has no name",
                        "identifiers.json has " + std::to_string(names) + " names");
    }
    if (std::isnan(arrays.q_halt[i])) throw input_error(q_file.string(), place, "is not a number");
  }
  return arrays;
}

// The q_halt with which the reference counts each row; RecordedOptions says why it is not always its own.
std::vector<float> counted_q(const Arrays& arrays, std::int64_t batch) {
  std::vector<float> counted = arrays.q_halt;
  if (batch == 0) return counted;
  const auto size = static_cast<std::size_t>(batch);
  std::size_t next = 0;
  for (std::size_t row = 0; row < counted.size(); ++row) {
    if (row % size == 0) next = row;
    if (arrays.ids[row] != blank_id) counted[row] = arrays.q_halt[next++];
  }
  return counted;
}

// `rows` rows of tokens from `first` on, to `out` [rows, cells].
void read_tokens(const NpyRows& array, const std::filesystem::path& file, std::int64_t first, std::int64_t rows,
                 std::vector<std::uint8_t>& out) {
  std::vector<std::int32_t> wide(static_cast<std::size_t>(rows * cells));
  array.read(first, wide);
  out.resize(wide.size());
  for (std::size_t i = 0; i < wide.size(); ++i) {
    if (!std::in_range<std::uint8_t>(wide[i])) {
      throw input_error(file.string(), "sample " + std::to_string(first + static_cast<std::int64_t>(i) / cells),
                        std::to_string(wide[i]) + " is no token", "0 to " + std::to_string(vocab_size - 1) + " are");
    }
    out[i] = static_cast<std::uint8_t>(wide[i]);
  }
}

// The names of identifiers.json by id.
struct Names {
  std::string file;
  std::vector<std::string> names;

  explicit Names(const std::filesystem::path& path) : file(path.string()) {
    for_each_string(path, [&](std::int64_t /*id*/, const std::string& name) { names.push_back(name); });
  }
  [[nodiscard]] PuzzleName parsed(std::int64_t id) const {
    try {
      return parse_puzzle_name(names[static_cast<std::size_t>(id)]);
    } catch (const Error& error) {
      throw input_error(file, "id " + std::to_string(id), error.what());
    }
  }
};

// One sample whose puzzle is a task.
struct Sample {
  std::int64_t row = 0;  // of the arrays
  std::size_t task = 0;
  Augmentation augmentation;
  Grid input{};  // the augmentation undone, as in the prediction
  Prediction prediction{};
};

// Rows of the arrays that are in memory.
struct Block {
  std::int64_t first = 0;
  std::vector<std::uint8_t> inputs;       // [rows, cells]
  std::vector<std::uint8_t> predictions;  // [rows, cells]
};

void understand(std::vector<Sample>& samples, const Block& block, int threads) {
  for_each(static_cast<std::int64_t>(samples.size()), threads, [&](std::int64_t i) {
    Sample& sample = samples[static_cast<std::size_t>(i)];
    const auto grid = [&](std::span<const std::uint8_t> tokens) {
      const auto start = static_cast<std::size_t>((sample.row - block.first) * cells);
      return undo(crop(tokens.subspan(start, cells)), sample.augmentation);
    };
    sample.input = grid(block.inputs);
    sample.prediction.grid = grid(block.predictions);
  });
}

struct RecordedVotes {
  const Arrays& arrays;
  const Names& names;
  RecordedCount count{};

  void foreign(std::int64_t row) {
    if (count.foreign++ > 0) return;
    const auto id = static_cast<std::size_t>(arrays.ids[static_cast<std::size_t>(row)]);
    count.first_foreign = "sample " + std::to_string(row) + ", puzzle " + names.names[id];
  }
};

// Adds the prediction to every test input that equals the sample's input. Returns whether there is one.
bool add(const Sample& sample, const Task& task, std::vector<std::vector<Prediction>>& predictions) {
  bool belongs = false;
  for (std::size_t test = 0; test < task.test.size(); ++test) {
    if (task.test[test] != sample.input) continue;
    predictions[test].push_back(sample.prediction);
    belongs = true;
  }
  return belongs;
}

// The samples [first, first + rows) of tasks; the others are counted.
std::vector<Sample> samples_of(const Arrays& arrays, const Names& names, std::int64_t first, std::int64_t rows,
                               const std::unordered_map<std::string_view, std::size_t>& task_of, RecordedVotes& tally) {
  std::vector<Sample> samples;
  for (std::int64_t row = first; row < first + rows; ++row) {
    const std::int64_t id = arrays.ids[static_cast<std::size_t>(row)];
    if (id == blank_id) {
      tally.count.blank += 1;
      continue;
    }
    // A task's own name may look like an augmentation.
    auto task = task_of.find(names.names[static_cast<std::size_t>(id)]);
    const PuzzleName name = task == task_of.end() ? names.parsed(id) : PuzzleName{};
    if (task == task_of.end()) task = task_of.find(name.puzzle);
    if (task == task_of.end()) {
      tally.foreign(row);
      continue;
    }
    samples.push_back({.row = row,
                       .task = task->second,
                       .augmentation = name.augmentation,
                       .prediction = {{}, arrays.q_halt[static_cast<std::size_t>(row)]}});
  }
  return samples;
}

}  // namespace

RecordedCount add_recorded(const std::filesystem::path& folder, std::span<const Task> tasks, Predictions& predictions,
                           const RecordedOptions& options) {
  const Names names(folder / "identifiers.json");
  Arrays arrays = open_arrays(folder, names.names.size());
  const std::vector<float> own_q = std::exchange(arrays.q_halt, counted_q(arrays, options.batch));
  std::unordered_map<std::string_view, std::size_t> task_of;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].fault.empty()) task_of.emplace(tasks[i].name, i);
  }
  RecordedVotes tally{arrays, names};
  const auto at = [](const Sample& sample) { return static_cast<std::size_t>(sample.row); };
  Block block;
  for (std::int64_t first = 0; first < arrays.inputs.rows(); first += rows_at_once) {
    const std::int64_t rows = std::min(rows_at_once, arrays.inputs.rows() - first);
    block.first = first;
    read_tokens(arrays.inputs, folder / "inputs.npy", first, rows, block.inputs);
    read_tokens(arrays.predictions, folder / "predictions.npy", first, rows, block.predictions);
    std::vector<Sample> samples = samples_of(arrays, names, first, rows, task_of, tally);
    understand(samples, block, options.threads);
    for (const Sample& sample : samples) {
      if (add(sample, tasks[sample.task], predictions[sample.task])) {
        tally.count.samples += 1;
        tally.count.shifted += arrays.q_halt[at(sample)] != own_q[at(sample)] ? 1 : 0;
      } else {
        tally.foreign(sample.row);
      }
    }
  }
  return tally.count;
}

}  // namespace trm::arc
