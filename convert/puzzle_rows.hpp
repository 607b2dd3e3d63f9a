#pragma once
// The id table on its way from a checkpoint into a model file, a piece at a time:
// memory is 12 bytes a kept row, whatever the rows' width and the names' length.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "convert/checkpoint/checkpoint.hpp"
#include "convert/row_choice.hpp"
#include "io/gguf.hpp"

namespace trm {

struct PuzzleRows {
  std::int64_t count = 0;                // rows kept
  std::vector<std::int32_t> ids;         // [count] ascending; empty: row r is id r
  std::filesystem::path identifiers;     // identifiers.json; empty: names unknown
  std::int64_t name_bytes = 0;           // of all kept names
  std::vector<std::uint64_t> checksums;  // [count] of the names; once the rows are written, of the rows
  std::vector<std::int32_t> name_order;  // [count] rows by checksum of their name
};

// `rows` is the table's length. Throws Error(input) when the names are not as many,
// Error(usage) when names are needed and there is no identifiers.json.
[[nodiscard]] PuzzleRows choose_rows(RowChoice& choice, const std::filesystem::path& identifiers, std::int64_t rows);

// The tensors that FORMAT.md lists for the id table, read from `table` [rows, puzzle_emb_ndim].
// All arguments must outlive the sources, which are filled in order.
[[nodiscard]] std::vector<gguf::Source> puzzle_sources(const Checkpoint& checkpoint, const CheckpointTensor& table,
                                                       PuzzleRows& rows);

}  // namespace trm
