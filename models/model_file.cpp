#include "models/model_file.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "io/shape.hpp"
#include "models/puzzle_table.hpp"
#include "models/tensor_list.hpp"

namespace trm {
namespace {

constexpr const char* architecture = "trm";
constexpr std::uint32_t format_version = 1;  // of what FORMAT.md describes
constexpr std::string_view tensor_checksums_key = "trm.checksums";
constexpr std::string_view metadata_checksum_key = "trm.metadata_checksum";
constexpr std::string_view source_sha256_key = "trm.source.sha256";
constexpr const char* convert_checkpoint_again = "convert the checkpoint again";

std::string key_of(const HyperparameterField& field) {
  return std::string("trm.") + field.name;
}

gguf::Value value_of(const std::string& text) {
  return text;
}
gguf::Value value_of(std::int64_t number) {
  return static_cast<std::uint32_t>(number);
}
gguf::Value value_of(double number) {
  return number;
}
gguf::Value value_of(bool flag) {
  return flag;
}
gguf::Value value_of(PositionEncoding encoding) {
  return std::string(to_string(encoding));
}

// False: the value has another type or is out of range.
bool assign(const gguf::Value& value, std::string& out) {
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr) out = *text;
  return text != nullptr;
}
bool assign(const gguf::Value& value, std::int64_t& out) {
  const auto* number = std::get_if<std::uint32_t>(&value);
  if (number != nullptr) out = *number;
  return number != nullptr;
}
bool assign(const gguf::Value& value, double& out) {
  const auto* number = std::get_if<double>(&value);
  if (number != nullptr) out = *number;
  return number != nullptr;
}
bool assign(const gguf::Value& value, bool& out) {
  const auto* flag = std::get_if<bool>(&value);
  if (flag != nullptr) out = *flag;
  return flag != nullptr;
}
bool assign(const gguf::Value& value, PositionEncoding& out) {
  const auto* text = std::get_if<std::string>(&value);
  const auto encoding = text == nullptr ? std::nullopt : parse_position_encoding(*text);
  if (encoding) out = *encoding;
  return encoding.has_value();
}

template <class T>
const T& require(const gguf::File& file, std::string_view key) {
  const auto* value = file.find(key);
  const auto* typed = value == nullptr ? nullptr : std::get_if<T>(value);
  if (typed == nullptr) {
    throw input_error(file.name(), "key " + std::string(key), value == nullptr ? "missing" : "has another type",
                      convert_checkpoint_again);
  }
  return *typed;
}

// The checksum of the metadata: over the list of tensors, and over every key and value that this reader understands, in
// the file's order, without the checksum's own. The tensors' offsets are left out: their bytes have checksums.
std::uint64_t checksum_of(std::span<const gguf::KeyValue> metadata, std::span<const gguf::TensorInfo> tensors) {
  StreamingChecksum sum;
  const auto add = [&](const auto& items) { sum.update(std::as_bytes(std::span(items))); };
  const auto add_text = [&](const std::string& text) {
    const std::uint64_t length = text.size();
    add(std::span(&length, 1));
    add(text);
  };
  for (const auto& [key, value] : metadata) {
    if (key == metadata_checksum_key) continue;
    add_text(key);
    std::visit(
        [&]<class T>(const T& v) {
          if constexpr (std::is_arithmetic_v<T>) {
            add(std::span(&v, 1));
          } else if constexpr (std::is_same_v<T, std::string>) {
            add_text(v);
          } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
            for (const auto& text : v) add_text(text);
          } else {
            add(v);
          }
        },
        value);
  }
  for (const auto& tensor : tensors) {
    add_text(tensor.name);
    add(std::span(&tensor.type, 1));
    add(tensor.shape);
  }
  return sum.value();
}

void check_identity(const gguf::File& file) {
  const auto& found = require<std::string>(file, "general.architecture");
  if (found != architecture) {
    throw input_error(file.name(), "", "a GGUF file for \"" + found + "\", not a trm model",
                      "give a converted model file");
  }
  const auto found_version = require<std::uint32_t>(file, "trm.format");
  if (found_version != format_version) {
    throw input_error(
        file.name(), "key trm.format",
        "version " + std::to_string(found_version) + ", this program reads version " + std::to_string(format_version),
        convert_checkpoint_again);
  }
  if (checksum_of(file.metadata(), file.tensors()) != require<std::uint64_t>(file, metadata_checksum_key)) {
    throw input_error(file.name(), "metadata", "damaged: they do not match their checksum", convert_checkpoint_again);
  }
}

void check_presence(const gguf::File& file, const Hyperparameters& h) {
  for (const auto& spec : tensor_list(h)) {
    if (spec.role == TensorRole::id_table) continue;  // may be left out, and has fewer rows
    const auto* tensor = file.find_tensor(spec.name);
    if (tensor == nullptr || tensor->shape != spec.shape) {
      throw input_error(
          file.name(), "tensor " + spec.name,
          tensor == nullptr ? "missing" : "is " + shape_text(tensor->shape) + ", expected " + shape_text(spec.shape),
          convert_checkpoint_again);
    }
  }
}

// Compares every row with its checksum, and checks the order of ids and names on which look-ups rely.
void check_table(const gguf::File& file, const PuzzleTable& table, const Hyperparameters& h) {
  PuzzleNames names(table);
  std::vector<float> row(static_cast<std::size_t>(h.puzzle_emb_ndim));
  for (std::int64_t r = 0; r < table.rows(); ++r) {
    table.read(r, row);
    const bool ascending = r == 0 || table.id_of(r - 1) < table.id_of(r);
    const bool known = table.id_of(r) >= 0 && table.id_of(r) < h.num_puzzle_identifiers;
    const auto name = names.of_row(r);
    if (!ascending || !known || (!name.empty() && !table.find(name))) {
      throw input_error(file.name(), "puzzle id table", "damaged at row " + std::to_string(r),
                        convert_checkpoint_again);
    }
  }
}

// The values of the two checksum keys, the last, are placeholders until the tensors are written.
std::vector<gguf::KeyValue> metadata_of(const Hyperparameters& hyperparameters, const Provenance& provenance,
                                        std::size_t tensors) {
  std::vector<gguf::KeyValue> metadata = {
      {"general.architecture", std::string(architecture)},
      {"general.alignment", static_cast<std::uint32_t>(gguf::alignment)},
      {"general.name", provenance.source_file},
      {"trm.format", format_version},
      {"trm.source.file", provenance.source_file},
      {std::string(source_sha256_key), provenance.source_sha256},
      {"trm.converter.version", provenance.converter_version},
  };
  for (auto& pair : to_metadata(hyperparameters)) metadata.push_back(std::move(pair));
  metadata.push_back({std::string(tensor_checksums_key), std::vector<std::uint64_t>(tensors)});
  metadata.push_back({std::string(metadata_checksum_key), std::uint64_t{0}});
  return metadata;
}

}  // namespace

namespace {

bool is_default(const HyperparameterField& field, const Hyperparameters& hyperparameters) {
  return std::visit([&](auto member) { return hyperparameters.*member == Hyperparameters{}.*member; }, field.member);
}

}  // namespace

std::vector<gguf::KeyValue> to_metadata(const Hyperparameters& hyperparameters) {
  std::vector<gguf::KeyValue> metadata;
  for (const auto& field : hyperparameter_fields()) {
    if (field.presence == FieldPresence::with_mamba && hyperparameters.mamba_layers == 0) continue;
    const bool optional =
        field.presence == FieldPresence::unless_default || field.presence == FieldPresence::fixed_point;
    if (optional && is_default(field, hyperparameters)) continue;
    std::visit(
        [&](auto member) {
          metadata.push_back({key_of(field), value_of(hyperparameters.*member)});
        },
        field.member);
  }
  return metadata;
}

Hyperparameters read_hyperparameters(const gguf::File& file) {
  check_identity(file);
  Hyperparameters hyperparameters;
  for (const auto& field : hyperparameter_fields()) {
    const std::string key = key_of(field);
    const auto* value = file.find(key);
    if (value == nullptr && field.presence != FieldPresence::always) continue;
    if (value == nullptr) throw input_error(file.name(), "key " + key, "missing", convert_checkpoint_again);
    if (!std::visit([&](auto member) { return assign(*value, hyperparameters.*member); }, field.member)) {
      throw input_error(file.name(), "key " + key, "has another type or an unknown value", convert_checkpoint_again);
    }
  }
  try {
    validate(hyperparameters);
  } catch (const Error& error) {
    throw input_error(file.name(), "hyperparameters", error.what(), convert_checkpoint_again);
  }
  return hyperparameters;
}

namespace {

void compare_checksum(const gguf::File& file, const gguf::TensorInfo& tensor, std::uint64_t found) {
  const auto& expected = require<std::vector<std::uint64_t>>(file, tensor_checksums_key);
  const auto index = static_cast<std::size_t>(&tensor - file.tensors().data());
  if (expected.size() != file.tensors().size()) {
    throw input_error(file.name(), "key " + std::string(tensor_checksums_key), "has not one value a tensor",
                      convert_checkpoint_again);
  }
  if (found != expected[index]) {
    throw input_error(file.name(), "tensor " + tensor.name, "damaged: it does not match its checksum",
                      convert_checkpoint_again);
  }
}

}  // namespace

void verify(const gguf::File& file, const gguf::TensorInfo& tensor, std::span<const std::byte> bytes) {
  compare_checksum(file, tensor, checksum(bytes));
}

void verify(const gguf::File& file, const gguf::TensorInfo& tensor) {
  constexpr std::uint64_t piece = std::uint64_t{256} << 10;  // bytes read at once
  ByteWindow window(file.source(), piece);
  StreamingChecksum sum;
  for (std::uint64_t done = 0; done < tensor.bytes(); done += piece) {
    sum.update(window.at(file.position(tensor) + done, std::min(piece, tensor.bytes() - done)));
  }
  compare_checksum(file, tensor, sum.value());
}

ModelFileWriter::ModelFileWriter(const std::filesystem::path& path, const Hyperparameters& hyperparameters,
                                 const Provenance& provenance, std::vector<gguf::TensorInfo> tensors)
    : ModelFileWriter(file_sink(path), hyperparameters, provenance, std::move(tensors)) {}

ModelFileWriter::ModelFileWriter(std::unique_ptr<ByteSink> sink, const Hyperparameters& hyperparameters,
                                 const Provenance& provenance, std::vector<gguf::TensorInfo> tensors)
    : tensors_(std::move(tensors)),
      metadata_(metadata_of(hyperparameters, provenance, tensors_.size())),
      file_(std::move(sink), metadata_, tensors_) {
  checksums_.reserve(tensors_.size());
}

void ModelFileWriter::begin(std::string_view name) {
  end_tensor();
  file_.begin(name);
  in_tensor_ = true;
}

void ModelFileWriter::write(std::span<const std::byte> bytes) {
  sum_.update(bytes);
  file_.write(bytes);
}

void ModelFileWriter::set_source_sha256(const std::string& digits) {
  const auto found = std::ranges::find(metadata_, source_sha256_key, &gguf::KeyValue::key);
  found->value = digits;
}

void ModelFileWriter::finish() {
  end_tensor();
  checksums_.resize(tensors_.size());  // fewer tensors than announced: file_ says so
  metadata_[metadata_.size() - 2].value = checksums_;
  metadata_.back().value = checksum_of(metadata_, tensors_);
  file_.finish(metadata_);
}

double ModelFileWriter::share() const {
  double total = 0;
  for (const auto& tensor : tensors_) total += static_cast<double>(tensor.bytes());
  return total > 0 ? static_cast<double>(file_.tensor_bytes_written()) / total : 1;
}

void ModelFileWriter::end_tensor() {
  if (in_tensor_) checksums_.push_back(sum_.value());
  sum_ = StreamingChecksum();
  in_tensor_ = false;
}

void verify_whole(const gguf::File& file) {
  const Hyperparameters h = read_hyperparameters(file);
  check_presence(file, h);
  for (const auto& tensor : file.tensors()) verify(file, tensor);
  check_table(file, PuzzleTable(file), h);
}

}  // namespace trm
