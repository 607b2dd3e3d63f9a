#pragma once
// A file that is open for reading: the one way in which this project opens files that others wrote.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace trm {

class InputFile {
 public:
  InputFile() = default;
  // A regular file. Never waits: a pipe, a device or a directory is refused. Throws Error(io).
  [[nodiscard]] static InputFile open(const std::filesystem::path& path);
  // Also a pipe or a terminal; "-" is standard input. Does not wait for a pipe's writer: read() does. Throws Error(io).
  [[nodiscard]] static InputFile open_stream(const std::string& path);

  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  ~InputFile();

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }  // in bytes, when it was opened; 0 unless it is regular

  // The next bytes, as many as there are at once; 0 only at the end. `interrupted`, if given, is asked before every
  // read and every tenth of a second while it waits: nothing is returned once it answers true.
  [[nodiscard]] std::optional<std::size_t> read(std::span<std::byte> out, const std::function<bool()>& interrupted);
  // Would read() return at once?
  [[nodiscard]] bool ready() const;
  // Bytes [offset, offset + out.size()) of a regular file. Throws Error(io) where the file ends before them.
  void read_at(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  std::string name_;
  std::uint64_t size_ = 0;
  int file_ = -1;
};

}  // namespace trm
