#include "models/puzzle_table.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "base/error.hpp"
#include "io/checksum.hpp"
#include "io/shape.hpp"

namespace trm {
namespace {

constexpr const char* convert_again = "convert the checkpoint again";

// Element type of the file for a C++ type.
template <class T>
constexpr gguf::Type type_of = gguf::Type::f32;
template <>
constexpr gguf::Type type_of<std::byte> = gguf::Type::i8;
template <>
constexpr gguf::Type type_of<std::int32_t> = gguf::Type::i32;
template <>
constexpr gguf::Type type_of<std::int64_t> = gguf::Type::i64;

// A tensor of the table; null for an optional one that is absent.
template <class T>
const gguf::TensorInfo* part(const gguf::File& file, const char* name, const std::vector<std::int64_t>& shape,
                             bool optional = false) {
  const auto* tensor = file.find_tensor(name);
  const bool fits = tensor == nullptr ? optional : tensor->type == type_of<T> && tensor->shape == shape;
  if (!fits) {
    const std::string found =
        tensor == nullptr ? "missing" : std::string("is ") + to_string(tensor->type) + " " + shape_text(tensor->shape);
    throw input_error(file.name(), "tensor " + std::string(name),
                      found + ", expected " + to_string(type_of<T>) + " " + shape_text(shape), convert_again);
  }
  return tensor;
}

std::uint64_t checksum_of_name(std::string_view name) {
  return checksum(std::as_bytes(std::span(name)));
}

}  // namespace

std::uint64_t row_checksum(std::span<const float> row, std::uint64_t name_checksum, std::int64_t id) {
  return checksum(std::as_bytes(row), name_checksum ^ static_cast<std::uint64_t>(id));
}

PuzzleTable::PuzzleTable(const gguf::File& file) : source_(&file.source()) {
  const auto* weights = file.find_tensor(puzzle_weights);
  if (weights == nullptr) return;
  rows_ = weights->shape.front();
  cols_ = weights->shape.back();
  weights_ = file.position(*part<float>(file, puzzle_weights, {rows_, cols_}));
  checksums_ = file.position(*part<std::int64_t>(file, puzzle_checksums, {rows_}));
  const auto* ids = part<std::int32_t>(file, puzzle_ids, {rows_}, true);
  if (ids != nullptr) ids_ = file.values<std::int32_t>(*ids);
  const auto* names = file.find_tensor(puzzle_names);
  if (names == nullptr) return;
  names_ = {.text = file.position(*part<std::byte>(file, puzzle_names, {names->shape.front()})),
            .text_bytes = names->bytes(),
            .ends = file.position(*part<std::int64_t>(file, puzzle_name_ends, {rows_})),
            .order = file.position(*part<std::int32_t>(file, puzzle_name_order, {rows_}))};
}

std::optional<std::int64_t> PuzzleTable::row_of(std::int64_t id) const {
  if (ids_.empty()) return id >= 0 && id < rows_ ? std::optional(id) : std::nullopt;
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
  return found != ids_.end() && *found == id ? std::optional(found - ids_.begin()) : std::nullopt;
}

std::int64_t PuzzleTable::id_of(std::int64_t row) const {
  return ids_.empty() ? row : ids_[static_cast<std::size_t>(row)];
}

template <class T>
T PuzzleTable::number_at(std::uint64_t part, std::int64_t index) const {
  T number{};
  source_->read(part + static_cast<std::uint64_t>(index) * sizeof(T), std::as_writable_bytes(std::span(&number, 1)));
  return number;
}

Error PuzzleTable::damaged(const char* tensor, const std::string& where) const {
  return input_error(source_->name(), "tensor " + std::string(tensor), "damaged" + where, convert_again);
}

std::string PuzzleTable::name_of(std::int64_t row) const {
  return std::string(PuzzleNames(*this, 0).of_row(row));
}

// Binary search over the rows in order of their names' checksums: some 20 names are looked at among a million.
std::optional<std::int64_t> PuzzleTable::find(std::string_view name) const {
  if (name.empty() || !named()) return std::nullopt;
  const std::uint64_t wanted = checksum_of_name(name);
  PuzzleNames names(*this, 0);
  const auto row_at = [&](std::int64_t place) {
    const std::int64_t row = number_at<std::int32_t>(names_->order, place);
    if (row < 0 || row >= rows_) throw damaged(puzzle_name_order, "");
    return row;
  };
  std::int64_t first = 0;  // the first place whose name has a checksum of at least `wanted`
  for (std::int64_t count = rows_; count > 0;) {
    const std::int64_t below = count / 2;  // rows before the one that is looked at
    const bool less = checksum_of_name(names.of_row(row_at(first + below))) < wanted;
    if (less) first += below + 1;
    count = less ? count - below - 1 : below;
  }
  for (; first < rows_; ++first) {
    const std::int64_t row = row_at(first);
    const std::string_view candidate = names.of_row(row);
    if (candidate == name) return id_of(row);
    if (checksum_of_name(candidate) != wanted) break;
  }
  return std::nullopt;
}

std::uint64_t PuzzleTable::name_checksum(std::int64_t row) const {
  if (!named()) return checksum_of_name({});
  const std::int64_t begin = row == 0 ? 0 : number_at<std::int64_t>(names_->ends, row - 1);
  const std::int64_t end = number_at<std::int64_t>(names_->ends, row);
  std::array<std::byte, 256> name;
  if (begin < 0 || end < begin || end - begin > static_cast<std::int64_t>(name.size()) ||
      static_cast<std::uint64_t>(end) > names_->text_bytes) {
    return checksum_of_name(name_of(row));  // a long one, or damaged
  }
  const auto bytes = std::span(name).first(static_cast<std::size_t>(end - begin));
  source_->read(names_->text + static_cast<std::uint64_t>(begin), bytes);
  return checksum(std::as_bytes(bytes));
}

void PuzzleTable::read(std::int64_t row, std::span<float> out) const {
  const auto cols = static_cast<std::size_t>(cols_);
  if (out.size() != cols) {
    throw input_error(
        source_->name(), "tensor " + std::string(puzzle_weights),
        "has rows of " + std::to_string(cols) + " values, puzzle_emb_ndim is " + std::to_string(out.size()),
        convert_again);
  }
  source_->read(weights_ + static_cast<std::uint64_t>(row) * out.size_bytes(), std::as_writable_bytes(out));
  const auto expected = static_cast<std::uint64_t>(number_at<std::int64_t>(checksums_, row));
  if (row_checksum(out, name_checksum(row), id_of(row)) != expected) {
    throw damaged(puzzle_weights, " at row " + std::to_string(row));
  }
}

PuzzleNames::PuzzleNames(const PuzzleTable& table, std::size_t read_ahead)
    : table_(table), ends_(*table.source_, read_ahead), text_(*table.source_, read_ahead) {}

std::string_view PuzzleNames::of_row(std::int64_t row) {
  if (!table_.named()) return {};
  const PuzzleTable::Names& names = *table_.names_;
  std::array<std::int64_t, 2>
      range{};  // of the name in the text: its begin, which is the row before's end, and its end
  const auto ends = std::span(range).last(row == 0 ? 1 : 2);
  const auto bytes = ends_.at(names.ends + static_cast<std::uint64_t>(row == 0 ? 0 : row - 1) * sizeof(std::int64_t),
                              ends.size_bytes());
  std::memcpy(ends.data(), bytes.data(), bytes.size());
  const auto [begin, end] = range;
  if (begin < 0 || end < begin || static_cast<std::uint64_t>(end) > names.text_bytes) {
    throw table_.damaged(puzzle_name_ends, " at row " + std::to_string(row));
  }
  const auto text = text_.at(names.text + static_cast<std::uint64_t>(begin), static_cast<std::size_t>(end - begin));
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

}  // namespace trm
