#include "puzzles/data_set_folder.hpp"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "io/npy.hpp"
#include "io/text.hpp"

namespace trm {
namespace {

using nlohmann::json;

// dataset.json, as far as an evaluation needs it.
struct Description {
  std::int64_t seq_len = 0;
  std::int64_t vocab_size = 0;
  std::optional<std::int32_t> ignore_label_id;
  std::vector<std::string> sets;
};

std::int64_t integer(const json& object, const char* key, const std::string& name) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) {
    throw input_error(name, key, "is missing or no whole number", "the data set's builder writes it");
  }
  return found->get<std::int64_t>();
}

// A set's name becomes part of a file name: it may not lead elsewhere.
std::string set_name(const json& value, const std::string& name) {
  std::string set = value.is_string() ? value.get<std::string>() : std::string();
  if (set.empty() || set.find('/') != std::string::npos || set.find('\0') != std::string::npos) {
    throw input_error(name, "sets", "a set has an impossible name", "names like \"all\" are needed");
  }
  return set;
}

Description read_description(const std::filesystem::path& path) {
  const std::string name = path.string();
  json object;
  try {
    object = json::parse(read_small_file(path));
  } catch (const json::parse_error& error) {
    throw input_error(name, "byte " + std::to_string(error.byte), "is not JSON", "the data set's builder writes it");
  } catch (const json::exception&) {  // the library's other complaint: 1e999
    throw input_error(name, "", "has a number that no double can hold", "the data set's builder writes none");
  }
  if (!object.is_object()) throw input_error(name, "", "is not a JSON object", "the data set's builder writes it");
  Description description;
  description.seq_len = integer(object, "seq_len", name);
  description.vocab_size = integer(object, "vocab_size", name);
  if (const auto ignored = object.find("ignore_label_id"); ignored != object.end() && !ignored->is_null()) {
    const std::int64_t id = integer(object, "ignore_label_id", name);
    if (!std::in_range<std::int32_t>(id)) throw input_error(name, "ignore_label_id", "is no token id");
    description.ignore_label_id = static_cast<std::int32_t>(id);
  }
  if (const auto sets = object.find("sets"); sets != object.end() && sets->is_array()) {
    for (const json& set : *sets) description.sets.push_back(set_name(set, name));
  }
  if (description.sets.empty()) throw input_error(name, "sets", "names no set", "the public sets have [\"all\"]");
  return description;
}

// One set's arrays. An example's puzzle id is that of the range it lies in.
struct Set {
  NpyRows inputs;
  NpyRows labels;
  std::vector<std::int64_t> identifiers;  // [puzzles]
  std::vector<std::int64_t> indices;      // [puzzles + 1], ascending from 0 to N

  [[nodiscard]] std::size_t examples() const { return static_cast<std::size_t>(inputs.rows()); }
  [[nodiscard]] std::int64_t puzzle_id(std::size_t example) const {
    const auto after = std::upper_bound(indices.begin(), indices.end(), static_cast<std::int64_t>(example));
    return identifiers[static_cast<std::size_t>(after - indices.begin()) - 1];
  }
};

void require_columns(const NpyRows& rows, const std::filesystem::path& path, std::int64_t seq_len) {
  if (rows.columns() == seq_len) return;
  throw input_error(path.string(), "", "has " + std::to_string(rows.columns()) + " columns",
                    "dataset.json says seq_len " + std::to_string(seq_len));
}

Set open_set(const std::filesystem::path& folder, const std::string& set, std::int64_t seq_len) {
  const auto file = [&](const char* part) { return folder / (set + "__" + part + ".npy"); };
  Set opened{NpyRows::open(file("inputs")), NpyRows::open(file("labels")),
             read_npy<std::int64_t>(file("puzzle_identifiers")).values,
             read_npy<std::int64_t>(file("puzzle_indices")).values};
  require_columns(opened.inputs, file("inputs"), seq_len);
  require_columns(opened.labels, file("labels"), seq_len);
  if (opened.labels.rows() != opened.inputs.rows()) {
    throw input_error(file("labels").string(), "", "has " + std::to_string(opened.labels.rows()) + " rows",
                      "the inputs have " + std::to_string(opened.inputs.rows()));
  }
  const auto& indices = opened.indices;
  if (indices.size() != opened.identifiers.size() + 1 || indices.front() != 0 ||
      indices.back() != opened.inputs.rows() || !std::is_sorted(indices.begin(), indices.end())) {
    throw input_error(
        file("puzzle_indices").string(), "", "does not divide the examples among the puzzles",
        "puzzles + 1 ascending numbers from 0 to " + std::to_string(opened.inputs.rows()) + " are needed");
  }
  return opened;
}

void append(Batch& batch, const Set& set, std::size_t first, std::size_t count, const Description& description) {
  const std::size_t old = batch.inputs.size();
  const std::size_t more = count * static_cast<std::size_t>(description.seq_len);
  batch.inputs.resize(old + more);
  batch.labels.resize(old + more);
  const auto labels = std::span(batch.labels).subspan(old);
  set.inputs.read(static_cast<std::int64_t>(first), std::span(batch.inputs).subspan(old));
  set.labels.read(static_cast<std::int64_t>(first), labels);
  if (description.ignore_label_id) {
    std::replace(labels.begin(), labels.end(), *description.ignore_label_id, ignored_label);
  }
  for (std::size_t i = first; i < first + count; ++i) batch.puzzle_ids.push_back(set.puzzle_id(i));
}

// The sets one after another, as if they were one.
Batch read_batch(const std::vector<Set>& sets, const Description& description, std::size_t first, std::size_t count) {
  Batch batch;
  for (const Set& set : sets) {
    if (first < set.examples() && count > 0) {
      const std::size_t here = std::min(count, set.examples() - first);
      append(batch, set, first, here, description);
      first += here;
      count -= here;
    }
    first -= std::min(first, set.examples());
  }
  return batch;
}

std::filesystem::path split_folder(const std::filesystem::path& path) {
  for (const auto& folder : {path, path / "test", path / "train"}) {
    if (std::filesystem::exists(folder / "dataset.json")) return folder;
  }
  throw input_error(path.string(), "", "is no data set: no dataset.json in it, in test/ or in train/",
                    "give the folder that the data set's builder wrote");
}

}  // namespace

DataSet open_data_set_folder(const std::filesystem::path& path, const Hyperparameters& model,
                             const std::string& model_name) {
  const auto folder = split_folder(path);
  Description description = read_description(folder / "dataset.json");
  require_fit(model, model_name, folder.string(), description.seq_len, description.vocab_size);
  auto sets = std::make_shared<std::vector<Set>>();
  std::size_t examples = 0;
  for (const std::string& set : description.sets) {
    sets->push_back(open_set(folder, set, description.seq_len));
    examples += sets->back().examples();
  }
  return {.name = folder.string(),
          .examples = examples,
          .read = [sets, description = std::move(description)](std::size_t first, std::size_t count) {
            return read_batch(*sets, description, first, count);
          }};
}

}  // namespace trm
