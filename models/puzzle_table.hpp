#pragma once
// The kept rows of the puzzle-id table of a model file. Views into the mapped
// file, nothing is copied: a table of 1.8 GB costs a run the pages of the rows it
// reads. Nothing here is verified as a whole when a model is loaded; each row
// carries a checksum over its values, its name and its id, compared at use.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "io/gguf.hpp"
#include "models/hyperparameters.hpp"

namespace trm {

// The tensors of the table: FORMAT.md.
inline constexpr const char* puzzle_weights = "puzzle_emb.weights";      // F32 [rows, puzzle_emb_ndim]
inline constexpr const char* puzzle_ids = "puzzle_emb.ids";              // I32 [rows], ascending; absent: row r is id r
inline constexpr const char* puzzle_names = "puzzle_emb.names";          // I8, the names one after another
inline constexpr const char* puzzle_name_ends = "puzzle_emb.name_ends";  // I64 [rows], where each name ends
inline constexpr const char* puzzle_name_order = "puzzle_emb.name_order";  // I32 [rows], rows by checksum(name)
inline constexpr const char* puzzle_checksums = "puzzle_emb.checksums";    // I64 [rows], row_checksum of each

// What `puzzle_emb.checksums` holds. `name_checksum` is checksum() of the name's bytes; of no bytes for an unnamed row.
[[nodiscard]] std::uint64_t row_checksum(std::span<const float> row, std::uint64_t name_checksum, std::int64_t id);

class PuzzleTable {
 public:
  PuzzleTable() = default;
  // A file without the table (`--ids none`) has no rows. Throws Error(input) when
  // the parts disagree. `file` must outlive the table and may be moved.
  explicit PuzzleTable(const gguf::File& file);

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t cols() const { return cols_; }  // puzzle_emb_ndim
  [[nodiscard]] bool named() const { return !name_ends_.empty(); }
  [[nodiscard]] std::optional<std::int64_t> row_of(std::int64_t id) const;      // id -> row in the file
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view name) const;  // puzzle name -> id
  [[nodiscard]] std::string_view name_of(std::int64_t row) const;               // empty: unnamed
  [[nodiscard]] std::int64_t id_of(std::int64_t row) const;
  // Copies one row, [puzzle_emb_ndim], after comparing it with its checksum. Throws Error(input) for a damaged one.
  void read(std::int64_t row, std::span<float> out) const;

 private:
  std::string_view file_name_;
  std::int64_t rows_ = 0;
  std::int64_t cols_ = 0;
  std::span<const float> weights_;     // [rows, cols]
  std::span<const std::int32_t> ids_;  // [rows] or empty
  std::span<const std::byte> names_;
  std::span<const std::int64_t> name_ends_;   // [rows] or empty
  std::span<const std::int32_t> name_order_;  // [rows] or empty
  std::span<const std::int64_t> checksums_;   // [rows]
};

}  // namespace trm
