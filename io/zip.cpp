#include "io/zip.hpp"

#include <zip.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "base/error.hpp"

namespace trm {
namespace {

constexpr std::uint64_t max_deflate_ratio = 1032;  // deflate's own: 258 bytes from 2 bits
constexpr const char* copy_again = "the file is truncated or damaged: copy it again";

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

std::string text_of(zip_error_t& error) {
  std::string text = zip_error_strerror(&error);
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

struct ZipArchive::Impl {
  std::string name;
  std::unique_ptr<zip_t, CloseArchive> archive;
  std::vector<ZipRecord> records;
  std::unordered_map<std::string_view, std::size_t> by_name;  // of records

  // The record being read, and how far.
  std::unique_ptr<zip_file_t, CloseFile> file;
  std::uint64_t index = 0;
  std::uint64_t position = 0;

  void seek(const ZipRecord& record, std::uint64_t offset);
  void read_on(const ZipRecord& record, std::span<std::byte> out);
};

ZipArchive::ZipArchive() : impl_(std::make_unique<Impl>()) {}
ZipArchive::ZipArchive(ZipArchive&&) noexcept = default;
ZipArchive& ZipArchive::operator=(ZipArchive&&) noexcept = default;
ZipArchive::~ZipArchive() = default;

namespace {

std::unique_ptr<zip_t, CloseArchive> open_archive(const ByteSource& source) {
  zip_error_t error;
  zip_error_init(&error);
  const std::span<const std::byte> memory = source.memory();
  zip_source_t* bytes = memory.data() != nullptr ? zip_source_buffer_create(memory.data(), memory.size(), 0, &error)
                                                 : zip_source_file_create(source.name().c_str(), 0, 0, &error);
  zip_t* archive = bytes != nullptr ? zip_open_from_source(bytes, ZIP_RDONLY, &error) : nullptr;
  if (archive == nullptr) {
    if (bytes != nullptr) zip_source_free(bytes);
    const std::string text = text_of(error);
    zip_error_fini(&error);
    throw input_error(source.name(), "zip directory", text, copy_again);
  }
  zip_error_fini(&error);
  return std::unique_ptr<zip_t, CloseArchive>(archive);
}

// One entry of the directory. Nothing it claims is believed beyond what the file can hold.
ZipRecord describe(const ByteSource& source, zip_t* archive, std::uint64_t index) {
  zip_stat_t entry;
  zip_stat_init(&entry);
  constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if (zip_stat_index(archive, index, 0, &entry) != 0 || (entry.valid & needed) != needed) {
    throw input_error(source.name(), "zip record " + std::to_string(index), "it has no name or size", copy_again);
  }
  ZipRecord record{entry.name, index, entry.size, entry.comp_method == ZIP_CM_STORE};
  const std::string place = "zip record " + record.name;
  if (!record.stored && entry.comp_method != ZIP_CM_DEFLATE) {
    throw input_error(source.name(), place, "its compression is not read", "save the file again uncompressed");
  }
  if ((entry.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && entry.encryption_method != ZIP_EM_NONE) {
    throw input_error(source.name(), place, "it is encrypted", "save the file again without a password");
  }
  const std::uint64_t most = record.stored ? entry.comp_size : entry.comp_size * max_deflate_ratio;
  if (entry.comp_size > source.size() || record.bytes > most) {
    throw input_error(source.name(), place, "its " + std::to_string(record.bytes) + " bytes do not fit the file",
                      copy_again);
  }
  return record;
}

}  // namespace

ZipArchive ZipArchive::open(const ByteSource& source) {
  ZipArchive zip;
  Impl& impl = *zip.impl_;
  impl.name = source.name();
  impl.archive = open_archive(source);
  const auto count = static_cast<std::uint64_t>(std::max<zip_int64_t>(zip_get_num_entries(impl.archive.get(), 0), 0));
  for (std::uint64_t i = 0; i < count; ++i) impl.records.push_back(describe(source, impl.archive.get(), i));
  for (std::size_t i = 0; i < impl.records.size(); ++i) {
    if (!impl.by_name.emplace(impl.records[i].name, i).second) {
      throw input_error(impl.name, "zip record " + impl.records[i].name, "the name occurs twice", copy_again);
    }
  }
  return zip;
}

std::span<const ZipRecord> ZipArchive::records() const {
  return impl_->records;
}

const ZipRecord* ZipArchive::find(std::string_view name) const {
  const auto found = impl_->by_name.find(name);
  return found == impl_->by_name.end() ? nullptr : &impl_->records[found->second];
}

void ZipArchive::Impl::read_on(const ZipRecord& record, std::span<std::byte> out) {
  while (!out.empty()) {
    const zip_int64_t got = zip_fread(file.get(), out.data(), out.size());
    if (got <= 0) {
      const std::string why = got == 0 ? "it ends too early" : text_of(*zip_file_get_error(file.get()));
      file.reset();
      throw input_error(name, "zip record " + record.name, why, copy_again);
    }
    position += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

void ZipArchive::Impl::seek(const ZipRecord& record, std::uint64_t offset) {
  if (!file || index != record.index || (!record.stored && offset < position)) {
    file.reset(zip_fopen_index(archive.get(), record.index, 0));
    if (!file) throw input_error(name, "zip record " + record.name, text_of(*zip_get_error(archive.get())), copy_again);
    index = record.index;
    position = 0;
  }
  if (record.stored) {
    if (offset != position && zip_fseek(file.get(), static_cast<zip_int64_t>(offset), SEEK_SET) != 0) {
      const std::string why = text_of(*zip_file_get_error(file.get()));
      file.reset();
      throw input_error(name, "zip record " + record.name, why, copy_again);
    }
    position = offset;
    return;
  }
  std::array<std::byte, 65536> skipped{};
  while (position < offset) {
    read_on(record, std::span(skipped).first(std::min<std::uint64_t>(offset - position, skipped.size())));
  }
}

void ZipArchive::read(const ZipRecord& record, std::uint64_t offset, std::span<std::byte> out) {
  if (out.empty()) return;
  if (offset > record.bytes || out.size() > record.bytes - offset) {
    throw input_error(impl_->name, "zip record " + record.name, "it ends too early", copy_again);
  }
  impl_->seek(record, offset);
  impl_->read_on(record, out);
  // The checksum is compared by the read that finds the end.
  std::byte past_end{};
  if (impl_->position == record.bytes && zip_fread(impl_->file.get(), &past_end, 1) != 0) {
    const std::string why = text_of(*zip_file_get_error(impl_->file.get()));
    impl_->file.reset();
    throw input_error(impl_->name, "zip record " + record.name, why, copy_again);
  }
}

std::vector<std::byte> ZipArchive::read_all(const ZipRecord& record, std::size_t limit) {
  if (record.bytes > limit) {
    throw input_error(impl_->name, "zip record " + record.name, "larger than " + std::to_string(limit >> 20) + " MB",
                      "save the state dict without the other objects beside it");
  }
  std::vector<std::byte> bytes(record.bytes);
  read(record, 0, bytes);
  return bytes;
}

}  // namespace trm
