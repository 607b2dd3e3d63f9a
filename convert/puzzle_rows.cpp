#include "convert/puzzle_rows.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "convert/tensor_stream.hpp"
#include "io/checksum.hpp"
#include "io/json.hpp"
#include "models/puzzle_table.hpp"

namespace trm {
namespace {

using Write = std::function<void(std::span<const std::byte>)>;

std::uint64_t checksum_of_name(const std::string& name) {
  return checksum(std::as_bytes(std::span(name)));
}

gguf::Source source(const char* name, gguf::Type type, std::vector<std::int64_t> shape,
                    std::function<void(const Write& write)> fill) {
  gguf::TensorInfo tensor;
  tensor.name = name;
  tensor.type = type;
  tensor.shape = std::move(shape);
  return {std::move(tensor), std::move(fill)};
}

// The whole of a vector, as it is when its turn comes.
template <class T>
gguf::Source source(const char* name, gguf::Type type, const std::vector<T>& values) {
  return source(name, type, {static_cast<std::int64_t>(values.size())},
                [&values](const Write& write) { write(std::as_bytes(std::span(values))); });
}

std::int64_t id_of(const PuzzleRows& rows, std::int64_t row) {
  return rows.ids.empty() ? row : std::int64_t{rows.ids[static_cast<std::size_t>(row)]};
}

// Names of the kept rows in their order.
void for_each_name(const PuzzleRows& rows, const std::function<void(const std::string& name)>& visit) {
  std::int64_t next = 0;
  for_each_string(rows.identifiers, [&](std::int64_t id, const std::string& name) {
    if (next == rows.count || id != id_of(rows, next)) return;
    ++next;
    visit(name);
  });
}

void write_names(const PuzzleRows& rows, const Write& write) {
  for_each_name(rows, [&](const std::string& name) { write(std::as_bytes(std::span(name))); });
}

void write_name_ends(const PuzzleRows& rows, const Write& write) {
  std::int64_t end = 0;
  for_each_name(rows, [&](const std::string& name) {
    end += static_cast<std::int64_t>(name.size());
    write(std::as_bytes(std::span(&end, 1)));
  });
}

// Writes the rows, turning each name's checksum into its row's on the way.
void write_rows(const Checkpoint& checkpoint, const CheckpointTensor& table, PuzzleRows& rows, const Write& write) {
  const std::int64_t cols = table.shape[1];
  for (std::int64_t row = 0; row < rows.count;) {
    const std::int64_t first_id = id_of(rows, row);
    std::int64_t run = 1;  // rows whose ids follow one another: read together
    while (row + run < rows.count && id_of(rows, row + run) == first_id + run) ++run;
    for_each_piece(checkpoint, table, first_id * cols, run * cols, cols, [&](std::span<const float> piece) {
      for (; !piece.empty(); piece = piece.subspan(static_cast<std::size_t>(cols)), ++row) {
        const auto values = piece.first(static_cast<std::size_t>(cols));
        auto& sum = rows.checksums[static_cast<std::size_t>(row)];
        sum = row_checksum(values, sum, id_of(rows, row));
        write(std::as_bytes(values));
      }
    });
  }
}

// Without identifiers.json: all rows, or ids by number.
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
    kept.checksums.reserve(static_cast<std::size_t>(rows));
  }
  std::int64_t names = 0;
  for_each_string(kept.identifiers, [&](std::int64_t id, const std::string& name) {
    ++names;
    if (id >= rows || !choice.keeps(id, name)) return;
    kept.ids.push_back(static_cast<std::int32_t>(id));
    kept.checksums.push_back(checksum_of_name(name));
    kept.name_bytes += static_cast<std::int64_t>(name.size());
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
  kept.count = static_cast<std::int64_t>(kept.ids.size());
  if (kept.count == rows || kept.ids.back() == kept.count - 1) kept.ids = {};  // row r is id r
  return kept;
}

std::vector<gguf::Source> puzzle_sources(const Checkpoint& checkpoint, const CheckpointTensor& table,
                                         PuzzleRows& rows) {
  std::vector<gguf::Source> sources;
  if (rows.count == 0) return sources;
  if (!rows.ids.empty()) sources.push_back(source(puzzle_ids, gguf::Type::i32, rows.ids));
  if (rows.name_bytes > 0) {
    sources.push_back(source(puzzle_names, gguf::Type::i8, {rows.name_bytes},
                             [&rows](const Write& write) { write_names(rows, write); }));
    sources.push_back(source(puzzle_name_ends, gguf::Type::i64, {rows.count},
                             [&rows](const Write& write) { write_name_ends(rows, write); }));
    sources.push_back(source(puzzle_name_order, gguf::Type::i32, rows.name_order));
  }
  sources.push_back(source(puzzle_weights, gguf::Type::f32, {rows.count, table.shape[1]},
                           [&](const Write& write) { write_rows(checkpoint, table, rows, write); }));
  sources.push_back(source(puzzle_checksums, gguf::Type::i64, rows.checksums));
  return sources;
}

}  // namespace trm
