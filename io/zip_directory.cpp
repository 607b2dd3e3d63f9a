#include "io/zip_directory.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_set>

namespace trm {
namespace {

using Bytes = std::span<const std::byte>;

constexpr const char* copy_again = "the file is truncated or damaged: copy it again";
constexpr std::uint64_t max_deflate_ratio = 1032;  // deflate's own: 258 bytes from 2 bits

// Sizes of records without their names and comments, and the signatures they begin with.
constexpr std::size_t local_header_bytes = 30, entry_bytes = 46, end_bytes = 22, locator_bytes = 20, end64_bytes = 56;
constexpr std::size_t max_comment_bytes = 0xFFFF;
constexpr std::uint64_t local_header_signature = 0x04034b50, entry_signature = 0x02014b50, end_signature = 0x06054b50,
                        locator_signature = 0x07064b50, end64_signature = 0x06064b50;
constexpr std::uint64_t absent16 = 0xFFFF, absent32 = 0xFFFFFFFF;  // zip64: the value is elsewhere

// An integer of `count` bytes, least significant first.
std::uint64_t number(Bytes bytes, std::size_t offset, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[offset + i]);
  return value;
}

Error directory_error(const ByteSource& source, const std::string& what) {
  return input_error(source.name(), "zip directory", what, copy_again);
}

struct Directory {
  std::uint64_t offset = 0, bytes = 0, entries = 0;
};

// Section 4.3.16. The end record is the file's last, but for a comment that nothing delimits: the last place where one
// with its comment would fit is taken.
std::uint64_t find_end_record(const ByteSource& source) {
  const std::uint64_t most = std::min<std::uint64_t>(source.size(), end_bytes + max_comment_bytes);
  std::vector<std::byte> tail(most);
  source.read(source.size() - most, tail);
  for (std::size_t back = end_bytes; back <= most; ++back) {
    const Bytes end = Bytes(tail).last(back);
    if (number(end, 0, 4) == end_signature && number(end, 20, 2) <= back - end_bytes) return source.size() - back;
  }
  throw directory_error(source, "there is none");
}

// Sections 4.3.14 and 4.3.15: the zip64 end record, which a locator before the end record names. None: no zip64.
std::optional<Directory> read_zip64_end(const ByteSource& source, std::uint64_t end) {
  if (end < locator_bytes) return std::nullopt;
  std::array<std::byte, locator_bytes> locator{};
  source.read(end - locator_bytes, locator);
  if (number(locator, 0, 4) != locator_signature) return std::nullopt;
  const std::uint64_t offset = number(locator, 8, 8);
  if (end < locator_bytes + end64_bytes || offset > end - locator_bytes - end64_bytes) {
    throw directory_error(source, "its zip64 end record lies outside the file");
  }
  std::array<std::byte, end64_bytes> record{};
  source.read(offset, record);
  if (number(record, 0, 4) != end64_signature) throw directory_error(source, "its zip64 end record is damaged");
  return Directory{number(record, 48, 8), number(record, 40, 8), number(record, 32, 8)};
}

Directory find_directory(const ByteSource& source) {
  const std::uint64_t end = find_end_record(source);
  std::array<std::byte, end_bytes> record{};
  source.read(end, record);
  Directory directory{number(record, 16, 4), number(record, 12, 4), number(record, 10, 2)};
  const std::uint64_t disk = number(record, 4, 2);
  if (directory.offset == absent32 || directory.bytes == absent32 || directory.entries == absent16) {
    if (const auto zip64 = read_zip64_end(source, end)) directory = *zip64;
  } else if (disk != 0 || number(record, 8, 2) != directory.entries) {
    throw input_error(source.name(), "zip directory", "it is one part of a split archive", "join the parts first");
  }
  if (directory.offset > end || directory.bytes > end - directory.offset ||
      directory.entries > directory.bytes / entry_bytes) {
    throw directory_error(source, "it does not fit the file");
  }
  return directory;
}

// Section 4.5.3: values that do not fit the entry's 32 bits follow in its extra field, in this order.
void read_zip64_extra(const ByteSource& source, ZipEntry& entry, Bytes extra) {
  while (extra.size() >= 4) {
    const std::uint64_t id = number(extra, 0, 2);
    const std::size_t size = number(extra, 2, 2);
    extra = extra.subspan(4);
    if (size > extra.size()) return;
    if (id == 1) {
      Bytes values = extra.first(size);
      for (std::uint64_t* value : {&entry.bytes, &entry.compressed_bytes, &entry.header_offset}) {
        if (*value != absent32) continue;
        if (values.size() < 8) throw zip_error(source.name(), entry.name, "its zip64 sizes are missing");
        *value = number(values, 0, 8);
        values = values.subspan(8);
      }
      return;
    }
    extra = extra.subspan(size);
  }
}

// Section 4.3.12, from its fixed part and what follows that. No size is believed beyond what the file can hold.
ZipEntry read_entry(const ByteSource& source, Bytes fixed, Bytes name, Bytes extra) {
  constexpr std::uint64_t stored = 0, deflated = 8, encrypted_flag = 1;
  const std::uint64_t method = number(fixed, 10, 2);
  ZipEntry entry{.name = std::string(reinterpret_cast<const char*>(name.data()), name.size()),
                 .bytes = number(fixed, 24, 4),
                 .compressed_bytes = number(fixed, 20, 4),
                 .header_offset = number(fixed, 42, 4),
                 .crc32 = static_cast<std::uint32_t>(number(fixed, 16, 4)),
                 .stored = method == stored};
  read_zip64_extra(source, entry, extra);
  const std::string place = "zip record " + entry.name;
  if ((number(fixed, 8, 2) & encrypted_flag) != 0) {
    throw input_error(source.name(), place, "it is encrypted", "save the file again without a password");
  }
  if (method != stored && method != deflated) {
    throw input_error(source.name(), place, "its compression is not read", "save the file again uncompressed");
  }
  const bool fits = entry.compressed_bytes <= source.size() &&
                    (entry.stored ? entry.bytes == entry.compressed_bytes
                                  : entry.bytes <= entry.compressed_bytes * max_deflate_ratio);
  if (!fits) {
    throw zip_error(source.name(), entry.name, "its " + std::to_string(entry.bytes) + " bytes do not fit the file");
  }
  return entry;
}

}  // namespace

Error zip_error(const std::string& file, const std::string& record, const std::string& what) {
  return input_error(file, "zip record " + record, what, copy_again);
}

std::vector<ZipEntry> read_zip_directory(const ByteSource& source) {
  const Directory directory = find_directory(source);
  std::vector<std::byte> content(directory.bytes);
  source.read(directory.offset, content);
  Bytes rest = content;
  std::vector<ZipEntry> entries;
  std::unordered_set<std::string> names;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    const bool whole = rest.size() >= entry_bytes && number(rest, 0, 4) == entry_signature;
    const std::size_t name = whole ? number(rest, 28, 2) : 0;
    const std::size_t extra = whole ? number(rest, 30, 2) : 0;
    const std::size_t size = entry_bytes + name + extra + (whole ? number(rest, 32, 2) : 0);
    if (!whole || size > rest.size()) throw directory_error(source, "entry " + std::to_string(i) + " is damaged");
    entries.push_back(read_entry(source, rest.first(entry_bytes), rest.subspan(entry_bytes, name),
                                 rest.subspan(entry_bytes + name, extra)));
    if (!names.insert(entries.back().name).second) {
      throw zip_error(source.name(), entries.back().name, "the name occurs twice");
    }
    rest = rest.subspan(size);
  }
  return entries;
}

std::uint64_t zip_data_offset(const ByteSource& source, const ZipEntry& entry) {
  const auto holds = [&](std::uint64_t offset, std::uint64_t bytes) {
    return offset <= source.size() && bytes <= source.size() - offset;
  };
  if (!holds(entry.header_offset, local_header_bytes)) throw zip_error(source.name(), entry.name, "it ends too early");
  std::array<std::byte, local_header_bytes> header{};
  source.read(entry.header_offset, header);
  if (number(header, 0, 4) != local_header_signature) {
    throw zip_error(source.name(), entry.name, "it is not where the directory says");
  }
  const std::uint64_t offset = entry.header_offset + local_header_bytes + number(header, 26, 2) + number(header, 28, 2);
  if (!holds(offset, entry.compressed_bytes)) throw zip_error(source.name(), entry.name, "it ends too early");
  return offset;
}

}  // namespace trm
