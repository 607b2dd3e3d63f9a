#include "models/puzzle_table.hpp"

#include <algorithm>
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

// The values of a tensor of the table where they lie. An optional one that is absent has no values.
template <class T>
std::span<const T> part(const gguf::File& file, const char* name, const std::vector<std::int64_t>& shape,
                        bool optional) {
  const auto* tensor = file.find_tensor(name);
  const bool fits = tensor == nullptr ? optional : tensor->type == type_of<T> && tensor->shape == shape;
  if (!fits) {
    const std::string found =
        tensor == nullptr ? "missing" : std::string("is ") + to_string(tensor->type) + " " + shape_text(tensor->shape);
    throw input_error(file.name(), "tensor " + std::string(name),
                      found + ", expected " + to_string(type_of<T>) + " " + shape_text(shape), convert_again);
  }
  if (tensor == nullptr) return {};
  const auto bytes = file.data(*tensor);
  return {reinterpret_cast<const T*>(bytes.data()),
          bytes.size() / sizeof(T)};  // aligned: the file's alignment, 8 at least
}

std::uint64_t checksum_of_name(std::string_view name) {
  return checksum(std::as_bytes(std::span(name)));
}

}  // namespace

std::uint64_t row_checksum(std::span<const float> row, std::uint64_t name_checksum, std::int64_t id) {
  return checksum(std::as_bytes(row), name_checksum ^ static_cast<std::uint64_t>(id));
}

PuzzleTable::PuzzleTable(const gguf::File& file) : file_name_(file.name()) {
  const auto* weights = file.find_tensor(puzzle_weights);
  if (weights == nullptr) return;
  rows_ = weights->shape.front();
  cols_ = weights->shape.back();
  weights_ = part<float>(file, puzzle_weights, {rows_, cols_}, false);
  checksums_ = part<std::int64_t>(file, puzzle_checksums, {rows_}, false);
  ids_ = part<std::int32_t>(file, puzzle_ids, {rows_}, true);
  const auto* names = file.find_tensor(puzzle_names);
  if (names == nullptr) return;
  names_ = part<std::byte>(file, puzzle_names, {names->shape.front()}, false);
  name_ends_ = part<std::int64_t>(file, puzzle_name_ends, {rows_}, false);
  name_order_ = part<std::int32_t>(file, puzzle_name_order, {rows_}, false);
}

std::optional<std::int64_t> PuzzleTable::row_of(std::int64_t id) const {
  if (ids_.empty()) return id >= 0 && id < rows_ ? std::optional(id) : std::nullopt;
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
  return found != ids_.end() && *found == id ? std::optional(found - ids_.begin()) : std::nullopt;
}

std::int64_t PuzzleTable::id_of(std::int64_t row) const {
  return ids_.empty() ? row : ids_[static_cast<std::size_t>(row)];
}

std::string_view PuzzleTable::name_of(std::int64_t row) const {
  if (!named()) return {};
  const auto r = static_cast<std::size_t>(row);
  const std::int64_t begin = r == 0 ? 0 : name_ends_[r - 1];
  const std::int64_t end = name_ends_[r];
  if (begin < 0 || end < begin || static_cast<std::uint64_t>(end) > names_.size()) {
    throw input_error(std::string(file_name_), "tensor " + std::string(puzzle_name_ends),
                      "damaged at row " + std::to_string(row), convert_again);
  }
  return {reinterpret_cast<const char*>(names_.data()) + begin, static_cast<std::size_t>(end - begin)};
}

// Binary search over the rows in order of their names' checksums: some 20 names are looked at among a million.
std::optional<std::int64_t> PuzzleTable::find(std::string_view name) const {
  if (name.empty()) return std::nullopt;
  const std::uint64_t wanted = checksum_of_name(name);
  const auto row_in_table = [&](std::int32_t row) {
    if (row < 0 || row >= rows_) {
      throw input_error(std::string(file_name_), "tensor " + std::string(puzzle_name_order), "damaged", convert_again);
    }
    return std::int64_t{row};
  };
  auto at = std::lower_bound(name_order_.begin(), name_order_.end(), wanted, [&](std::int32_t row, std::uint64_t sum) {
    return checksum_of_name(name_of(row_in_table(row))) < sum;
  });
  for (; at != name_order_.end(); ++at) {
    const std::string_view candidate = name_of(row_in_table(*at));
    if (candidate == name) return id_of(*at);
    if (checksum_of_name(candidate) != wanted) break;
  }
  return std::nullopt;
}

void PuzzleTable::read(std::int64_t row, std::span<float> out) const {
  const auto cols = static_cast<std::size_t>(cols_);
  if (out.size() != cols) {
    throw input_error(
        std::string(file_name_), "tensor " + std::string(puzzle_weights),
        "has rows of " + std::to_string(cols) + " values, puzzle_emb_ndim is " + std::to_string(out.size()),
        convert_again);
  }
  const auto values = weights_.subspan(static_cast<std::size_t>(row) * cols, cols);
  const auto expected = static_cast<std::uint64_t>(checksums_[static_cast<std::size_t>(row)]);
  if (row_checksum(values, checksum_of_name(name_of(row)), id_of(row)) != expected) {
    throw input_error(std::string(file_name_), "tensor " + std::string(puzzle_weights),
                      "damaged at row " + std::to_string(row), convert_again);
  }
  std::copy(values.begin(), values.end(), out.begin());
}

}  // namespace trm
