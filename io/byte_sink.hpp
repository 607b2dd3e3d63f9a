#pragma once
// Where a writer's bytes go: into a file that appears whole or not at all, or wherever the caller wants them.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace trm {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  [[nodiscard]] virtual std::string name() const = 0;  // for messages
  // To be called first: throws where there is no room for so many bytes.
  virtual void require_space(std::uint64_t bytes) = 0;
  virtual void write(std::span<const std::byte> bytes) = 0;  // appends
  // Replaces bytes written before: a placeholder whose value is known only at the end.
  virtual void overwrite(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  virtual void commit() = 0;  // once, at the end
};

// An AtomicFile, which must be a regular one. Throws Error(io).
[[nodiscard]] std::unique_ptr<ByteSink> file_sink(const std::filesystem::path& path);

}  // namespace trm
