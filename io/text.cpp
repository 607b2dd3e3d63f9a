#include "io/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>

#include "base/error.hpp"
#include "io/byte_source.hpp"

namespace trm {

std::string read_text(const std::string& path, const std::function<bool()>& interrupted) {
  InputFile file = InputFile::open_stream(path);
  std::string text;
  std::vector<char> piece(std::size_t{64} << 10);
  for (;;) {
    const auto got = file.read(std::as_writable_bytes(std::span(piece)), interrupted);
    if (!got) throw Error(ErrorKind::work, file.name() + ": interrupted while it was read");
    if (*got == 0) break;
    text.append(piece.data(), *got);
  }
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

namespace {

// Bytes of the UTF-8 character that `text` begins with; 0 where it begins with none.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead < 0x80                   ? 1
                           : lead >= 0xC2 && lead < 0xE0 ? 2
                           : lead >= 0xE0 && lead < 0xF0 ? 3
                           : lead >= 0xF0 && lead < 0xF5 ? 4
                                                         : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xED && byte(1) > 0x9F;
  const bool beyond = lead == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || beyond ? 0 : size;
}

// C0 and C1 control characters: a terminal takes both for commands.
bool is_control(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  return lead < 0x20 || lead == 0x7F || (lead == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0);
}

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15U];
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const std::string_view character = text.substr(0, size == 0 ? 1 : size);
    if (size == 0 || is_control(character)) {
      append_escaped(out, character);
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  return out;
}

std::u32string characters(std::string_view utf8) {
  std::u32string decoded;
  decoded.reserve(utf8.size());
  while (!utf8.empty()) {
    const std::size_t size = character_size(utf8);
    char32_t c = size == 0 ? replacement_character : static_cast<unsigned char>(utf8[0]);
    if (size > 1) c &= 0xFFU >> (size + 1);
    for (std::size_t i = 1; i < size; ++i) c = (c << 6U) | (static_cast<unsigned char>(utf8[i]) & 0x3FU);
    decoded += c;
    utf8.remove_prefix(std::max(size, std::size_t{1}));
  }
  return decoded;
}

std::string quoted_character(char32_t c) {
  if (c < 0x80) return quoted(static_cast<char>(c));
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80U | ((c >> shift) & 0x3FU)); };
  std::string text;
  if (c < 0x800) {
    text = {static_cast<char>(0xC0U | (c >> 6U)), tail(0)};
  } else if (c < 0x10000) {
    text = {static_cast<char>(0xE0U | (c >> 12U)), tail(6), tail(0)};
  } else {
    text = {static_cast<char>(0xF0U | (c >> 18U)), tail(12), tail(6), tail(0)};
  }
  return '\'' + printable(text) + '\'';
}

std::string plural(std::size_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

}  // namespace trm
