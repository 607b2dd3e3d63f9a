#include "io/byte_sink.hpp"

#include "io/atomic_file.hpp"

namespace trm {
namespace {

class FileSink final : public ByteSink {
 public:
  explicit FileSink(const std::filesystem::path& path)
      : name_(path.string()), file_(path, AtomicFile::Streams::refused) {}
  [[nodiscard]] std::string name() const override { return name_; }
  void require_space(std::uint64_t bytes) override { file_.require_space(bytes); }
  void write(std::span<const std::byte> bytes) override { file_.write(bytes); }
  void overwrite(std::uint64_t offset, std::span<const std::byte> bytes) override { file_.overwrite(offset, bytes); }
  void commit() override { file_.commit(); }

 private:
  std::string name_;
  AtomicFile file_;
};

}  // namespace

std::unique_ptr<ByteSink> file_sink(const std::filesystem::path& path) {
  return std::make_unique<FileSink>(path);
}

}  // namespace trm
