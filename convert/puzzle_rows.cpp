#include "convert/puzzle_rows.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "io/checksum.hpp"
#include "io/json.hpp"
#include "models/puzzle_table.hpp"

namespace trm {
namespace {

std::uint64_t checksum_of_name(const std::string& name) {
  return checksum(std::as_bytes(std::span(name)));
}

// Chooses among rows without names: all of them, or ids by number.
void choose_unnamed(RowChoice& choice, std::int64_t rows, PuzzleRows& kept) {
  if (choice.needs_names()) {
    const std::string names = choice.unseen_names();
    throw Error(ErrorKind::usage, {.file = {},
                                   .place = {},
                                   .what = (names.empty() ? "a task" : names) + " is no row number below " +
                                           std::to_string(rows) + ", and names need the data set's identifiers.json",
                                   .remedy = "put it beside the checkpoint, or give its path",
                                   .settings = {"ids", "identifiers"}});
  }
  for (std::int64_t id = 0; id < rows; ++id) {
    if (choice.keeps(id, {})) kept.ids.push_back(static_cast<std::int32_t>(id));
  }
  kept.checksums.assign(kept.ids.size(), checksum({}));
}

void choose_named(RowChoice& choice, std::int64_t rows, PuzzleRows& kept) {
  if (choice.all()) {
    kept.ids.reserve(static_cast<std::size_t>(rows));
    kept.name_ends.reserve(static_cast<std::size_t>(rows));
    kept.checksums.reserve(static_cast<std::size_t>(rows));
  }
  std::int64_t names = 0;
  std::int64_t name_bytes = 0;
  for_each_string(kept.identifiers, [&](std::int64_t id, const std::string& name) {
    ++names;
    if (id >= rows || !choice.keeps(id, name)) return;
    kept.ids.push_back(static_cast<std::int32_t>(id));
    kept.checksums.push_back(checksum_of_name(name));
    name_bytes += static_cast<std::int64_t>(name.size());
    kept.name_ends.push_back(name_bytes);
  });
  if (names != rows) {
    throw input_error(
        kept.identifiers.string(), "",
        "has " + std::to_string(names) + " names, the checkpoint's id table " + std::to_string(rows) + " rows",
        "give the identifiers.json of the training data set", {"identifiers"});
  }
  kept.name_order.resize(kept.ids.size());
  std::iota(kept.name_order.begin(), kept.name_order.end(), 0);
  const auto sum = [&](std::int32_t row) { return kept.checksums[static_cast<std::size_t>(row)]; };
  std::sort(kept.name_order.begin(), kept.name_order.end(),
            [&](auto a, auto b) { return sum(a) != sum(b) ? sum(a) < sum(b) : a < b; });
}

}  // namespace

std::int64_t PuzzleRows::id_of(std::int64_t row) const {
  return ids.empty() ? row : std::int64_t{ids[static_cast<std::size_t>(row)]};
}

PuzzleRows choose_rows(RowChoice& choice, const std::filesystem::path& identifiers, std::int64_t rows) {
  PuzzleRows kept;
  if (choice.none()) return kept;
  kept.identifiers = identifiers;
  if (identifiers.empty()) {
    choose_unnamed(choice, rows, kept);
  } else {
    choose_named(choice, rows, kept);
  }
  choice.check_complete();
  if (!kept.name_ends.empty() && kept.name_ends.back() == 0) kept.name_ends = {};  // every name is empty
  kept.count = static_cast<std::int64_t>(kept.ids.size());
  if (kept.count == rows || kept.ids.back() == kept.count - 1) kept.ids = {};  // row r is id r
  return kept;
}

std::vector<gguf::TensorInfo> puzzle_tensors(const PuzzleRows& rows, std::int64_t cols) {
  std::vector<gguf::TensorInfo> tensors;
  const auto add = [&](const char* name, gguf::Type type, std::vector<std::int64_t> shape) {
    tensors.push_back({.name = name, .type = type, .shape = std::move(shape)});
  };
  if (rows.count == 0) return tensors;
  if (!rows.ids.empty()) add(puzzle_ids, gguf::Type::i32, {rows.count});
  if (!rows.name_ends.empty()) {
    add(puzzle_names, gguf::Type::i8, {rows.name_ends.back()});
    add(puzzle_name_ends, gguf::Type::i64, {rows.count});
    add(puzzle_name_order, gguf::Type::i32, {rows.count});
  }
  add(puzzle_weights, gguf::Type::f32, {rows.count, cols});
  add(puzzle_checksums, gguf::Type::i64, {rows.count});
  return tensors;
}

void write_ids_and_names(const PuzzleRows& rows, ModelFileWriter& writer) {
  if (!rows.ids.empty()) writer.write_tensor(puzzle_ids, std::span(rows.ids));
  if (rows.name_ends.empty()) return;
  writer.begin(puzzle_names);
  std::int64_t row = 0;
  for_each_string(rows.identifiers, [&](std::int64_t id, const std::string& name) {
    if (row == rows.count || id != rows.id_of(row)) return;
    ++row;
    writer.write(std::as_bytes(std::span(name)));
  });
  writer.write_tensor(puzzle_name_ends, std::span(rows.name_ends));
  writer.write_tensor(puzzle_name_order, std::span(rows.name_order));
}

std::int64_t run_length(const PuzzleRows& rows, std::int64_t row, std::int64_t most) {
  most = std::min(most, rows.count - row);
  std::int64_t run = 1;
  while (run < most && rows.id_of(row + run) == rows.id_of(row) + run) ++run;
  return run;
}

void add_row_checksums(PuzzleRows& rows, std::int64_t first, std::span<const float> values, std::int64_t cols) {
  const auto size = static_cast<std::size_t>(cols);
  for (std::int64_t row = first; !values.empty(); ++row, values = values.subspan(size)) {
    auto& sum = rows.checksums[static_cast<std::size_t>(row)];
    sum = row_checksum(values.first(size), sum, rows.id_of(row));
  }
}

}  // namespace trm
