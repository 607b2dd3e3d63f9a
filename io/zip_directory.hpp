#pragma once
// The directory of a zip: name, sizes and place of every record. PKWARE's APPNOTE.TXT is the specification; "section"
// below means one of its sections.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "io/byte_source.hpp"

namespace trm {

struct ZipEntry {
  std::string name;
  std::uint64_t bytes = 0;             // uncompressed
  std::uint64_t compressed_bytes = 0;  // in the file
  std::uint64_t header_offset = 0;     // of its local header, which precedes its bytes
  std::uint32_t crc32 = 0;             // of the uncompressed bytes
  bool stored = true;                  // else deflated
};

// All entries of the directory, zip64 too. Throws Error(input) for a directory that is damaged or has a name twice, for
// a size that the file cannot hold, for encryption, for other compressions and for one part of a split archive.
[[nodiscard]] std::vector<ZipEntry> read_zip_directory(const ByteSource& source);

// Where the bytes of a record begin, which its local header decides. Throws Error(input) unless the file holds them
// all.
[[nodiscard]] std::uint64_t zip_data_offset(const ByteSource& source, const ZipEntry& entry);

[[nodiscard]] Error zip_error(const std::string& file, const std::string& record, const std::string& what);

}  // namespace trm
