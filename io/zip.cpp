#include "io/zip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "base/error.hpp"
#include "io/zip_directory.hpp"

namespace trm {
namespace {

// zlib counts in 32 bits.
constexpr std::size_t max_piece = std::size_t{1} << 30;

std::uint32_t crc32_of(std::uint32_t crc, std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(::crc32_z(crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

// A deflated record as a stream: gives its bytes once, in order.
class Inflater {
 public:
  // The record's compressed bytes are [begin, end) of the source.
  Inflater(const ByteSource& source, std::uint64_t begin, std::uint64_t end)
      : source_(&source), next_(begin), end_(end) {
    constexpr int raw_deflate = -MAX_WBITS;  // neither zlib's header nor its checksum
    if (::inflateInit2(&stream_, raw_deflate) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { ::inflateEnd(&stream_); }

  // Fills `out`; returns what is wrong with the stream, nullptr if nothing.
  const char* read(std::span<std::byte> out) {
    while (!out.empty()) {
      if (stream_.avail_in == 0) refill();
      const std::size_t wanted = std::min(out.size(), max_piece);
      stream_.next_out = reinterpret_cast<unsigned char*>(out.data());
      stream_.avail_out = static_cast<unsigned>(wanted);
      const int result = ::inflate(&stream_, Z_NO_FLUSH);
      const std::size_t got = wanted - stream_.avail_out;
      out = out.subspan(got);
      if (result == Z_STREAM_END && out.empty()) return nullptr;
      if (result == Z_MEM_ERROR) throw std::bad_alloc();
      if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END) return "it is damaged";
      if (result == Z_STREAM_END || (got == 0 && next_ == end_ && stream_.avail_in == 0)) return "it ends too early";
    }
    return nullptr;
  }

 private:
  void refill() {
    const auto part = std::span(compressed_).first(std::min<std::uint64_t>(compressed_.size(), end_ - next_));
    source_->read(next_, part);
    next_ += part.size();
    stream_.next_in = reinterpret_cast<unsigned char*>(part.data());
    stream_.avail_in = static_cast<unsigned>(part.size());
  }

  const ByteSource* source_;
  std::uint64_t next_;  // of the source: what is read next
  std::uint64_t end_;
  std::array<std::byte, 65536> compressed_{};
  z_stream stream_{};  // points into itself and into compressed_
};

}  // namespace

struct ZipArchive::Impl {
  const ByteSource* source = nullptr;
  std::vector<ZipEntry> entries;
  std::vector<ZipRecord> records;                               // of the same indices
  std::unordered_map<std::string_view, std::size_t> by_name{};  // of records

  // The record being read, and how far.
  static constexpr std::uint64_t none = ~std::uint64_t{0};
  std::uint64_t index = none;
  std::uint64_t data_offset = 0;  // of its first byte in the source
  std::uint64_t position = 0;
  std::uint64_t summed = 0;  // bytes from its start that `crc` covers
  std::uint32_t crc = 0;
  std::unique_ptr<Inflater> inflater;  // of a deflated record

  void select(std::uint64_t wanted);
  void seek(std::uint64_t offset);
  void read_on(std::span<std::byte> out);
  [[noreturn]] void fail(const char* what);
};

ZipArchive::ZipArchive() : impl_(std::make_unique<Impl>()) {}
ZipArchive::ZipArchive(ZipArchive&&) noexcept = default;
ZipArchive& ZipArchive::operator=(ZipArchive&&) noexcept = default;
ZipArchive::~ZipArchive() = default;

ZipArchive ZipArchive::open(const ByteSource& source) {
  ZipArchive zip;
  Impl& impl = *zip.impl_;
  impl.source = &source;
  impl.entries = read_zip_directory(source);
  for (const ZipEntry& entry : impl.entries) {
    impl.records.push_back({entry.name, impl.records.size(), entry.bytes, entry.stored});
  }
  for (const ZipRecord& record : impl.records) impl.by_name.emplace(record.name, record.index);
  return zip;
}

std::span<const ZipRecord> ZipArchive::records() const {
  return impl_->records;
}

const ZipRecord* ZipArchive::find(std::string_view name) const {
  const auto found = impl_->by_name.find(name);
  return found == impl_->by_name.end() ? nullptr : &impl_->records[found->second];
}

void ZipArchive::Impl::fail(const char* what) {
  const std::string& record = entries[index].name;
  index = none;
  throw zip_error(source->name(), record, what);
}

// Makes a record the one being read, from its start.
void ZipArchive::Impl::select(std::uint64_t wanted) {
  const ZipEntry& entry = entries[wanted];
  index = none;
  data_offset = zip_data_offset(*source, entry);
  inflater.reset();
  if (!entry.stored) {
    inflater = std::make_unique<Inflater>(*source, data_offset, data_offset + entry.compressed_bytes);
  }
  position = summed = crc = 0;
  index = wanted;
}

void ZipArchive::Impl::seek(std::uint64_t offset) {
  if (!inflater) {
    position = offset;
    return;
  }
  if (offset < position) select(index);
  std::array<std::byte, 65536> skipped{};
  while (position < offset) {
    read_on(std::span(skipped).first(std::min<std::uint64_t>(offset - position, skipped.size())));
  }
}

void ZipArchive::Impl::read_on(std::span<std::byte> out) {
  if (!inflater) {
    source->read(data_offset + position, out);
  } else if (const char* what = inflater->read(out)) {
    fail(what);
  }
  if (position == 0) summed = crc = 0;
  if (position == summed) {
    crc = crc32_of(crc, out);
    summed += out.size();
  }
  position += out.size();
  if (summed == entries[index].bytes && crc != entries[index].crc32) fail("its checksum does not match");
}

void ZipArchive::read(const ZipRecord& record, std::uint64_t offset, std::span<std::byte> out) {
  if (out.empty()) return;
  if (offset > record.bytes || out.size() > record.bytes - offset) {
    throw zip_error(impl_->source->name(), record.name, "it ends too early");
  }
  if (impl_->index != record.index) impl_->select(record.index);
  impl_->seek(offset);
  impl_->read_on(out);
}

std::vector<std::byte> ZipArchive::read_all(const ZipRecord& record, std::size_t limit) {
  if (record.bytes > limit) {
    throw input_error(impl_->source->name(), "zip record " + record.name,
                      "larger than " + std::to_string(limit >> 20) + " MB",
                      "save the state dict without the other objects beside it");
  }
  std::vector<std::byte> bytes(record.bytes);
  read(record, 0, bytes);
  return bytes;
}

}  // namespace trm
