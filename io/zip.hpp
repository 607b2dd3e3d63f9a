#pragma once
// A zip (zip64 too) as named records that are read in pieces. A stored record is read from any place, so that single
// rows of a large table are cheap; a deflated record is read forwards, by zlib. For one thread at a time.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/byte_source.hpp"

namespace trm {

struct ZipRecord {
  std::string name;
  std::uint64_t index = 0;
  std::uint64_t bytes = 0;  // uncompressed
  bool stored = true;       // else deflated
};

class ZipArchive {
 public:
  // Reads the directory, and refuses what read_zip_directory() refuses. `source` must outlive the archive.
  // Throws Error(input) or Error(io).
  [[nodiscard]] static ZipArchive open(const ByteSource& source);

  ZipArchive(ZipArchive&& other) noexcept;
  ZipArchive& operator=(ZipArchive&& other) noexcept;
  ~ZipArchive();

  [[nodiscard]] std::span<const ZipRecord> records() const;
  [[nodiscard]] const ZipRecord* find(std::string_view name) const;  // nullptr: absent
  // Bytes [offset, offset + out.size()) of a record. A record read from its
  // start to its end is compared with its checksum on the way.
  void read(const ZipRecord& record, std::uint64_t offset, std::span<std::byte> out);
  // A whole small record; larger than `limit` bytes is an error.
  [[nodiscard]] std::vector<std::byte> read_all(const ZipRecord& record, std::size_t limit);

 private:
  ZipArchive();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trm
