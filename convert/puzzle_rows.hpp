#pragma once
// The rows of the id table that a model file keeps, and what it says of them beside their values. Memory is 20 bytes a
// kept row, whatever the rows' width and the names' length: an ARC table has a million rows.

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "convert/row_choice.hpp"
#include "io/gguf.hpp"
#include "models/model_file.hpp"

namespace trm {

struct PuzzleRows {
  std::int64_t count = 0;                // rows kept
  std::vector<std::int32_t> ids;         // [count] ascending; empty: row r is id r
  std::filesystem::path identifiers;     // identifiers.json; empty: names unknown
  std::vector<std::int64_t> name_ends;   // [count] where each row's name ends among all kept names; empty: no names
  std::vector<std::int32_t> name_order;  // [count] rows by checksum of their name
  std::vector<std::uint64_t> checksums;  // [count] of the names; once add_row_checksums() saw a row, of that row

  [[nodiscard]] std::int64_t id_of(std::int64_t row) const;
};

// `rows` is the table's length. Throws Error(input) when the names are not as many,
// Error(usage) when names are needed and there is no identifiers.json.
[[nodiscard]] PuzzleRows choose_rows(RowChoice& choice, const std::filesystem::path& identifiers, std::int64_t rows);

// The tensors that FORMAT.md lists for the id table, in the order of the file: what precedes the values, the values
// [count, cols], and the rows' checksums. None where no row is kept.
[[nodiscard]] std::vector<gguf::TensorInfo> puzzle_tensors(const PuzzleRows& rows, std::int64_t cols);

// Writes the tensors that precede the values: ids and names. The names are read from identifiers.json once more.
void write_ids_and_names(const PuzzleRows& rows, ModelFileWriter& writer);

// How many rows from `row` on, `most` at the most, follow one another in the checkpoint too and can be read together.
[[nodiscard]] std::int64_t run_length(const PuzzleRows& rows, std::int64_t row, std::int64_t most);

// Turns the name checksums of the rows from `first` on into row checksums. `values` are those rows' values.
void add_row_checksums(PuzzleRows& rows, std::int64_t first, std::span<const float> values, std::int64_t cols);

}  // namespace trm
