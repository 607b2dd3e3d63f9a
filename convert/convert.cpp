#include "convert/convert.hpp"

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "convert/checkpoint/checkpoint.hpp"
#include "convert/model_config.hpp"
#include "convert/puzzle_rows.hpp"
#include "convert/recognise.hpp"
#include "convert/row_choice.hpp"
#include "convert/state_dict.hpp"
#include "convert/tensor_stream.hpp"
#include "convert/weight_sources.hpp"
#include "io/sha256.hpp"
#include "models/model_file.hpp"

namespace trm {
namespace {

namespace fs = std::filesystem;

constexpr double hashing_share = 0.5;  // of the time that a large conversion takes

bool is_file(const fs::path& path) {
  std::error_code failure;
  return fs::is_regular_file(path, failure);
}
bool is_folder(const fs::path& path) {
  std::error_code failure;
  return fs::is_directory(path, failure);
}

// The first of these that is a file, else nothing.
fs::path first_file(const std::vector<fs::path>& paths) {
  for (const auto& path : paths) {
    if (is_file(path)) return path;
  }
  return {};
}

// The files beside a checkpoint that describe it.
struct Companions {
  fs::path config;
  fs::path dataset;
  fs::path identifiers;
};

Companions find_companions(const ConvertOptions& options) {
  const fs::path folder = options.checkpoint.parent_path();
  Companions found{.config = options.config, .dataset = options.dataset, .identifiers = options.identifiers};
  if (found.config.empty()) found.config = first_file({folder / "all_config.yaml"});
  if (found.dataset.empty()) found.dataset = first_file({folder / "dataset.json"});
  if (is_folder(found.dataset)) {
    const fs::path given = found.dataset;
    found.dataset =
        first_file({given / "dataset.json", given / "test" / "dataset.json", given / "train" / "dataset.json"});
    if (found.dataset.empty()) throw input_error(given.string(), "", "no dataset.json in it, its test/ or its train/");
  }
  if (found.identifiers.empty()) {
    std::vector<fs::path> places = {folder / "identifiers.json"};
    if (!options.dataset.empty()) {  // a data set keeps it beside or above its splits
      const fs::path split = fs::absolute(found.dataset).parent_path();
      places.insert(places.end(), {split / "identifiers.json", split.parent_path() / "identifiers.json"});
    }
    found.identifiers = first_file(places);
  }
  return found;
}

// A size that several places may give: all that do must agree.
class Agreement {
 public:
  explicit Agreement(std::string what) : what_(std::move(what)) {}

  void add(const std::string& place, std::optional<std::int64_t> value) {
    if (!value || *value == 0) return;
    if (value_ != 0 && value_ != *value) {
      throw input_error(place, "",
                        what_ + " is " + std::to_string(*value) + ", but " + place_ + " says " + std::to_string(value_),
                        "give the data set that the model was trained on, and nothing that contradicts it");
    }
    value_ = *value;
    place_ = place;
  }
  [[nodiscard]] std::int64_t value() const { return value_; }

 private:
  std::string what_;
  std::int64_t value_ = 0;
  std::string place_;
};

// The configuration, with the sizes that the user and the data set give.
Hyperparameters configure(const ConvertOptions& options, const Companions& files, const Checkpoint& checkpoint) {
  auto [h, family_recognised] = read_model_config(files.config, options.overrides, recognise(checkpoint));
  if (family_recognised && options.remark) {
    options.remark("the configuration has no arch.name; by its tensors' names the model is a " + h.family);
  }
  const DataSetSizes sizes = files.dataset.empty() ? DataSetSizes{} : read_data_set_sizes(files.dataset);
  Agreement seq_len("seq_len");
  seq_len.add("the configuration", h.seq_len);
  seq_len.add("the given length", options.seq_len);
  seq_len.add("the given task", options.task_seq_len);
  seq_len.add(files.dataset.string(), sizes.seq_len);
  h.seq_len = seq_len.value();
  Agreement vocab_size("vocab_size");
  vocab_size.add("the configuration", h.vocab_size);
  vocab_size.add(files.dataset.string(), sizes.vocab_size);
  h.vocab_size = vocab_size.value();
  Agreement identifiers("num_puzzle_identifiers");
  identifiers.add("the configuration", h.num_puzzle_identifiers);
  identifiers.add(files.dataset.string(), sizes.num_puzzle_identifiers);
  h.num_puzzle_identifiers = identifiers.value();
  return h;
}

void check_complete(const Hyperparameters& h, const std::string& checkpoint) {
  if (h.seq_len == 0) {
    throw input_error(checkpoint, "seq_len",
                      "unknown: neither the shapes nor the configuration tell the sequence length",
                      "give the data set's dataset.json, the length or the task", {"dataset", "seq_len", "task"});
  }
  try {
    validate(h);
  } catch (const Error& error) {
    throw input_error(checkpoint, "", error.what());
  }
}

// One weight, in whole rows.
WeightReader weight_reader(const Checkpoint& checkpoint, const StateDictTensor& tensor) {
  std::int64_t count = 1;
  for (const auto size : tensor.spec.shape) count *= size;
  return [&checkpoint, &tensor, count](const auto& visit) {
    for_each_piece(checkpoint, *tensor.source, 0, count, tensor.spec.shape.back(), visit);
  };
}

// Reports how much of the output has been written, and passes the writing on.
std::vector<gguf::Source> with_progress(std::vector<gguf::Source> sources, const ConvertOptions& options) {
  if (!options.progress) return sources;
  double total = 0;
  for (const auto& source : sources) total += static_cast<double>(source.tensor.bytes());
  auto done = std::make_shared<double>(0);
  for (auto& source : sources) {
    source.fill = [fill = std::move(source.fill), done, total, &options](const auto& write) {
      fill([&](std::span<const std::byte> piece) {
        write(piece);
        *done += static_cast<double>(piece.size());
        options.progress(hashing_share + (1 - hashing_share) * *done / total);
      });
    };
  }
  return sources;
}

PuzzleRows choose_puzzles(const ConvertOptions& options, const Companions& files, const Hyperparameters& h) {
  RowChoice choice = RowChoice::parse(options.ids, h.num_puzzle_identifiers);
  PuzzleRows rows = choose_rows(choice, files.identifiers, h.num_puzzle_identifiers);
  if (!options.remark) return rows;
  if (choice.unknown_tasks() > 0) {
    options.remark(std::to_string(choice.unknown_tasks()) + " tasks of " + options.ids.substr(1) +
                   " have no row: this model was not trained on them");
  }
  if (rows.count > 1 && rows.identifiers.empty()) {
    options.remark("no identifiers.json: the " + std::to_string(rows.count) + " rows of the id table have no names");
  }
  return rows;
}

std::string source_sha256(const ConvertOptions& options) {
  std::error_code failure;
  const auto size = static_cast<double>(std::max<std::uintmax_t>(fs::file_size(options.checkpoint, failure), 1));
  return sha256_of_file(options.checkpoint, [&](std::uint64_t done) {
    if (options.progress) options.progress(hashing_share * static_cast<double>(done) / size);
  });
}

}  // namespace

ConvertResult convert(const ConvertOptions& options) {
  const Checkpoint checkpoint = Checkpoint::open(options.checkpoint);
  std::error_code failure;
  if (fs::equivalent(options.checkpoint, options.output, failure)) {
    throw Error(ErrorKind::usage, options.output.string() + ": is the checkpoint itself; give the model another name");
  }
  const Companions files = find_companions(options);
  const StateDict state_dict = find_state_dict(checkpoint, configure(options, files, checkpoint), options.key);
  const Hyperparameters& h = state_dict.hyperparameters;
  check_complete(h, options.checkpoint.string());

  PuzzleRows rows;
  std::vector<gguf::Source> sources;
  for (const auto& tensor : state_dict.tensors) {
    if (tensor.spec.role != TensorRole::id_table) {
      for (auto& source : weight_sources(tensor.spec, options.type, weight_reader(checkpoint, tensor))) {
        sources.push_back(std::move(source));
      }
      continue;
    }
    rows = choose_puzzles(options, files, h);
    for (auto& source : puzzle_sources(checkpoint, *tensor.source, rows)) sources.push_back(std::move(source));
  }
  const Provenance provenance{.source_file = options.checkpoint.filename().string(),
                              .source_sha256 = source_sha256(options),
                              .converter_version = TRM_VERSION};
  write_model_file(options.output, h, provenance, with_progress(std::move(sources), options));
  return {.hyperparameters = h,
          .prefix = state_dict.prefix,
          .rows = rows.count,
          .named = rows.name_bytes > 0,
          .bytes = fs::file_size(options.output)};
}

}  // namespace trm
