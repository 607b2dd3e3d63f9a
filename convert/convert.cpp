#include "convert/convert.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "convert/checkpoint/checkpoint.hpp"
#include "convert/model_config.hpp"
#include "convert/puzzle_rows.hpp"
#include "convert/recognise.hpp"
#include "convert/row_choice.hpp"
#include "convert/row_reader.hpp"
#include "convert/source_hash.hpp"
#include "convert/state_dict.hpp"
#include "convert/weight_encoder.hpp"
#include "io/text.hpp"
#include "models/model_file.hpp"
#include "models/puzzle_table.hpp"

namespace trm {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code failure;
  return fs::is_regular_file(path, failure);
}
bool is_folder(const fs::path& path) {
  std::error_code failure;
  return fs::is_directory(path, failure);
}

// The first path that is a file; empty where none is.
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
  if (found.config.empty())
    found.config = first_file({folder / "all_config.yaml", folder / "config.yaml", folder / "config.json"});
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

void remark(const ConvertOptions& options, const std::string& text) {
  if (options.remark) options.remark(text);
}

// A size that several places may give. The first place is the checkpoint: a later one that contradicts it is blamed.
class Agreement {
 public:
  Agreement(std::string what, std::string place, std::int64_t value)
      : what_(std::move(what)), place_(std::move(place)), value_(value) {}

  void add(const std::string& place, std::optional<std::int64_t> value,
           std::initializer_list<std::string_view> settings) {
    if (!value || *value == 0) return;
    if (value_ != 0 && value_ != *value) {
      throw input_error(place, "",
                        what_ + " is " + std::to_string(*value) + ", but " + place_ + " says " + std::to_string(value_),
                        "give the data set that the model was trained on, and nothing that contradicts it", settings);
    }
    if (value_ == 0) place_ = place;
    value_ = *value;
  }
  [[nodiscard]] std::int64_t value() const { return value_; }

 private:
  std::string what_;
  std::string place_;
  std::int64_t value_ = 0;
};

// The configuration's file or, where there is none, the text that the checkpoint carries.
ConfigText find_config(const ConvertOptions& options, const Companions& files, const Checkpoint& checkpoint) {
  if (!files.config.empty()) return {files.config.string(), read_small_file(files.config)};
  const auto& inside = checkpoint.configuration();
  if (inside.text.empty()) return {"no all_config.yaml beside the checkpoint", {}};
  remark(options, "the configuration is the one within the checkpoint, under \"" + inside.key + "\"");
  return {checkpoint.name() + ": " + inside.key, inside.text};
}

Hyperparameters configure(const ConvertOptions& options, const ConfigText& text, const Checkpoint& checkpoint) {
  const ModelConfig config = read_model_config(text, options.overrides, recognise(checkpoint));
  if (config.family_recognised) {
    remark(options,
           "the configuration has no arch.name; by its tensors' names the model is a " + config.hyperparameters.family);
  }
  if (config.puzzle_tokens_unused) {
    remark(options, "puzzle_emb_len counts as 0: the configuration has no puzzle_emb_ndim, the checkpoint no table");
  }
  return config.hyperparameters;
}

// The weights, with the sizes that the user and the data set give beside those of the checkpoint.
StateDict find_weights(const ConvertOptions& options, const Companions& files, const ConfigText& text,
                       const Checkpoint& checkpoint) {
  const Hyperparameters config = configure(options, text, checkpoint);
  StateDict state_dict = find_state_dict(checkpoint, config, options.key, options.weights);
  Hyperparameters& h = state_dict.hyperparameters;
  const std::string dataset = files.dataset.string();
  const DataSetSizes sizes = dataset.empty() ? DataSetSizes{} : parse_data_set_sizes(read_small_file(dataset), dataset);
  const std::string origin = config.seq_len > 0
                                 ? "the configuration"
                                 : "the checkpoint with puzzle_emb_len " + std::to_string(h.puzzle_emb_len);

  Agreement seq_len("seq_len", origin, h.seq_len);
  seq_len.add("the given length", options.seq_len, {"seq_len"});
  seq_len.add("the given task", options.task_seq_len, {"task"});
  seq_len.add(dataset, sizes.seq_len, {"dataset"});
  h.seq_len = seq_len.value();
  Agreement("vocab_size", "the checkpoint", h.vocab_size).add(dataset, sizes.vocab_size, {"dataset"});
  if (h.puzzle_emb_ndim > 0) {
    Agreement("num_puzzle_identifiers", "the checkpoint", h.num_puzzle_identifiers)
        .add(dataset, sizes.num_puzzle_identifiers, {"dataset"});
  }
  return state_dict;
}

void tell_choice(const ConvertOptions& options, const StateDict& state_dict) {
  const auto shown = [](const std::string& prefix) { return prefix.empty() ? "no prefix" : "\"" + prefix + "\""; };
  if (!state_dict.buffer_prefix.empty()) {
    remark(options, "the average under " + shown(state_dict.prefix) +
                        " holds parameters only; the buffers are those under " + shown(state_dict.buffer_prefix));
  }
  if (!state_dict.other) return;
  remark(options, std::string("took the ") + (state_dict.ema ? "average (EMA) of the weights" : "raw weights") +
                      " under " + shown(state_dict.prefix) + "; those under " + shown(*state_dict.other) + " are " +
                      (state_dict.ema ? "the raw ones" : "their average (EMA)"));
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

PuzzleRows choose_puzzles(const ConvertOptions& options, const Companions& files, const Hyperparameters& h) {
  RowChoice choice = RowChoice::parse(options.ids, h.num_puzzle_identifiers);
  PuzzleRows rows = choose_rows(choice, files.identifiers, h.num_puzzle_identifiers);
  if (choice.unknown_tasks() > 0) {
    remark(options, std::to_string(choice.unknown_tasks()) + " tasks of " + options.ids.substr(1) +
                        " have no row: this model was not trained on them");
  }
  if (rows.count > 1 && rows.identifiers.empty()) {
    remark(options, "no identifiers.json: the " + std::to_string(rows.count) + " rows of the id table have no names");
  }
  return rows;
}

// The tensors of the model file, in its order.
std::vector<gguf::TensorInfo> list_tensors(const StateDict& state_dict, const PuzzleRows& rows, gguf::Type type) {
  std::vector<gguf::TensorInfo> list;
  for (const auto& [spec, source] : state_dict.tensors) {
    const auto written = spec.role == TensorRole::id_table ? puzzle_tensors(rows, spec.shape.back())
                                                           : WeightEncoder(spec, type).tensors();
    list.insert(list.end(), written.begin(), written.end());
  }
  return list;
}

// For each tensor, piece by piece: read, encode, write (the writer computes the checksums), report(). Each byte of the
// weights is read once.
void write_tensors(const Checkpoint& checkpoint, const StateDict& state_dict, gguf::Type type, PuzzleRows& kept,
                   ModelFileWriter& writer, const std::function<void()>& report) {
  for (const auto& [spec, source] : state_dict.tensors) {
    const bool id_table = spec.role == TensorRole::id_table;
    if (id_table && kept.count == 0) continue;
    if (id_table) write_ids_and_names(kept, writer);
    RowReader reader(checkpoint, *source);
    WeightEncoder encoder(spec, type);
    const std::int64_t rows = id_table ? kept.count : reader.rows();
    writer.begin(spec.name);
    for (std::int64_t row = 0; row < rows;) {
      const std::int64_t first = id_table ? kept.id_of(row) : row;
      const std::int64_t count =
          id_table ? run_length(kept, row, reader.rows_at_once()) : std::min(reader.rows_at_once(), rows - row);
      const std::span<const float> values = reader.read(first, count);
      if (id_table) add_row_checksums(kept, row, values, spec.shape.back());
      writer.write(encoder.encode(values));
      report();
      row += count;
    }
    if (!encoder.scales().empty()) writer.write_tensor(spec.name + int8_scale_suffix, encoder.scales());
    if (id_table) writer.write_tensor(puzzle_checksums, std::span(std::as_const(kept.checksums)));
  }
}

// Where the model goes, and what it says of the checkpoint.
struct Target {
  Provenance provenance;
  std::unique_ptr<ByteSink> sink;
  std::unique_ptr<SourceHash> hash;  // null: the provenance has it already
};

ConvertResult write_model(const ConvertOptions& options, const Companions& files, const Checkpoint& checkpoint,
                          const ConfigText& config, const std::function<Target()>& open_target) {
  const StateDict state_dict = find_weights(options, files, config, checkpoint);
  const Hyperparameters& h = state_dict.hyperparameters;
  check_complete(h, checkpoint.name());
  tell_choice(options, state_dict);
  PuzzleRows kept = h.puzzle_emb_ndim > 0 ? choose_puzzles(options, files, h) : PuzzleRows{};

  Target target = open_target();
  ModelFileWriter writer(std::move(target.sink), h, target.provenance, list_tensors(state_dict, kept, options.type));
  // The share of the work that is done: hashing takes about as long as writing a large model.
  const auto report = [&] {
    if (!options.progress) return;
    options.progress(target.hash == nullptr ? writer.share() : (writer.share() + target.hash->share()) / 2);
  };
  write_tensors(checkpoint, state_dict, options.type, kept, writer, report);
  if (target.hash != nullptr) writer.set_source_sha256(target.hash->digest(report));
  report();
  writer.finish();
  return {.hyperparameters = h,
          .prefix = state_dict.prefix,
          .ema = state_dict.ema,
          .rows = kept.count,
          .named = !kept.name_ends.empty()};
}

}  // namespace

ConvertResult convert(const ConvertOptions& options) {
  const Checkpoint checkpoint = Checkpoint::open(options.checkpoint);
  std::error_code failure;
  if (fs::equivalent(options.checkpoint, options.output, failure)) {
    throw Error(ErrorKind::usage, options.output.string() + ": is the checkpoint itself; give the model another name");
  }
  const Companions files = find_companions(options);
  ConvertResult result = write_model(options, files, checkpoint, find_config(options, files, checkpoint), [&] {
    Provenance provenance{.source_file = options.checkpoint.filename().string(),
                          .source_sha256 = std::string(64, '0'),
                          .converter_version = TRM_VERSION};
    return Target{std::move(provenance), file_sink(options.output), std::make_unique<SourceHash>(options.checkpoint)};
  });
  result.bytes = fs::file_size(options.output);
  return result;
}

ConvertResult convert(const ConvertOptions& options, const Checkpoint& checkpoint, const ConfigText& config,
                      const std::string& source_sha256, std::unique_ptr<ByteSink> sink) {
  return write_model(options, {}, checkpoint, config, [&] {
    Provenance provenance{
        .source_file = checkpoint.name(), .source_sha256 = source_sha256, .converter_version = TRM_VERSION};
    return Target{std::move(provenance), std::move(sink), nullptr};
  });
}

}  // namespace trm
