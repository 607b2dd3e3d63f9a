#pragma once
// The kept rows of the puzzle-id table of a model file. A row is read from the file when it is used: of a table of
// 1.8 GB a run reads the rows of its samples. Nothing here is verified as a whole when a model is loaded; each row
// carries a checksum over its values, its name and its id, which is compared whenever the row is read.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
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
  [[nodiscard]] bool named() const { return names_.has_value(); }
  [[nodiscard]] std::optional<std::int64_t> row_of(std::int64_t id) const;  // id -> row in the file
  [[nodiscard]] std::int64_t id_of(std::int64_t row) const;

  // These read the file: Error(io) when that fails, Error(input) for a damaged row.
  [[nodiscard]] std::string name_of(std::int64_t row) const;                    // empty: unnamed
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view name) const;  // puzzle name -> id
  // Copies one row, [puzzle_emb_ndim], after comparing it with its checksum.
  void read(std::int64_t row, std::span<float> out) const;

 private:
  friend class PuzzleNames;

  // Where in the file the names' parts begin.
  struct Names {
    std::uint64_t text = 0;  // puzzle_names
    std::uint64_t text_bytes = 0;
    std::uint64_t ends = 0;   // puzzle_name_ends
    std::uint64_t order = 0;  // puzzle_name_order
  };

  template <class T>
  [[nodiscard]] T number_at(std::uint64_t part, std::int64_t index) const;
  // checksum() of the bytes of a row's name; allocates nothing for a name of usual length.
  [[nodiscard]] std::uint64_t name_checksum(std::int64_t row) const;
  [[nodiscard]] Error damaged(const char* tensor, const std::string& where) const;

  const ByteSource* source_ = nullptr;
  std::int64_t rows_ = 0;
  std::int64_t cols_ = 0;
  std::uint64_t weights_ = 0;      // where puzzle_weights begin in the file
  std::uint64_t checksums_ = 0;    // where puzzle_checksums begin
  std::vector<std::int32_t> ids_;  // [rows], or empty where row r is id r
  std::optional<Names> names_;
};

// The names of many rows: faster than PuzzleTable::name_of where rows come in ascending order, because it reads ahead.
// A thread
// needs its own. The table must outlive it.
class PuzzleNames {
 public:
  // Reads `read_ahead` bytes at once.
  explicit PuzzleNames(const PuzzleTable& table, std::size_t read_ahead = std::size_t{64} << 10);
  [[nodiscard]] std::string_view of_row(std::int64_t row);  // until the next call; empty: unnamed

 private:
  const PuzzleTable& table_;
  ByteWindow ends_;
  ByteWindow text_;
};

}  // namespace trm
