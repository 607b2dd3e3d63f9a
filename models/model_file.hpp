#pragma once
// What a trm model file holds beyond plain GGUF (FORMAT.md): hyperparameters as
// metadata, a checksum per tensor, and the puzzle-id table whose rows are looked
// up where they lie in the mapped file.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/gguf.hpp"
#include "models/hyperparameters.hpp"

namespace trm {

// Metadata keys "trm.<field>" for every field of Hyperparameters, and back.
// Reading throws Error(input) naming a missing, mistyped or impossible field.
[[nodiscard]] std::vector<gguf::KeyValue> to_metadata(const Hyperparameters& hyperparameters);
[[nodiscard]] Hyperparameters read_hyperparameters(const gguf::File& file);

// XXH3-64 of a tensor's bytes.
[[nodiscard]] std::uint64_t checksum(std::span<const std::byte> bytes);
// Compares a tensor with its recorded checksum; throws Error(input) naming it.
void verify(const gguf::File& file, const gguf::TensorInfo& tensor);

// The kept rows of the puzzle-id table. Views into the mapped file, nothing is
// copied: a table of 1.8 GB costs a run the pages of the rows it reads.
class PuzzleTable {
 public:
  PuzzleTable() = default;
  explicit PuzzleTable(const gguf::File& file);  // throws Error(input) when the parts disagree; `file` must outlive it

  [[nodiscard]] std::int64_t rows() const;
  [[nodiscard]] std::optional<std::int64_t> row_of(std::int64_t id) const;  // id -> row in the file
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view name) const;  // puzzle name -> id
  [[nodiscard]] std::string_view name_of(std::int64_t row) const;           // empty: unnamed
  [[nodiscard]] std::int64_t id_of(std::int64_t row) const;
  // Copies one row, [puzzle_emb_ndim], after comparing it with its checksum.
  void read(std::int64_t row, std::span<float> out) const;

 private:
  const gguf::File* file_ = nullptr;
  const gguf::TensorInfo* table_ = nullptr;
  std::span<const std::int32_t> ids_;              // ascending; empty: row r is id r
  std::span<const std::int64_t> name_ends_;        // [rows] end offset of each name in names_
  std::span<const std::byte> names_;
  std::span<const std::int64_t> row_checksums_;    // [rows] XXH3-64
};

}  // namespace trm
