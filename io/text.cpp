#include "io/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <span>

#include "base/error.hpp"
#include "io/byte_source.hpp"
#include "io/io_error.hpp"

namespace trm {
namespace {

// Reads to the end, so that pipes work as files do.
std::string read_all(int file, const std::string& name) {
  std::string text;
  std::array<char, 1 << 16> buffer{};
  for (;;) {
    const ssize_t got = read(file, buffer.data(), buffer.size());
    if (got == 0) return text;
    if (got > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      throw io_error(name, "cannot read", errno);
    }
  }
}

}  // namespace

std::string read_text(const std::string& path) {
  const bool standard_input = path == "-";
  const int file = standard_input ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw io_error(path, "cannot open", errno);
  struct Closer {
    int file;
    ~Closer() {
      if (file != STDIN_FILENO) close(file);
    }
  } const closer{file};
  std::string text = read_all(file, text_name(path));
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

std::string read_small_file(const std::filesystem::path& path, std::uint64_t limit) {
  const ByteSource source = ByteSource::open(path);
  if (source.size() > limit) {
    throw input_error(path.string(), "",
                      "has " + std::to_string(source.size()) + " bytes, far more than such a file has",
                      "check that it is the right file");
  }
  std::string text(source.size(), '\0');
  source.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

std::string text_name(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string place(std::size_t line, std::size_t column) {
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

std::string quoted(char c) {
  if (c >= ' ' && c <= '~') return std::string{'\'', c, '\''};
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "byte 0x%02x", static_cast<unsigned char>(c));
  return text.data();
}

std::string plural(std::size_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

}  // namespace trm
