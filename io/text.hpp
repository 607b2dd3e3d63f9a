#pragma once
// Text files such as lists of puzzles: read whole and split into lines, and the places in them that messages name.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "io/input_file.hpp"

namespace trm {

// The whole text of a file, a pipe, or standard input for "-". A UTF-8 byte order mark is left out. Throws Error(io)
// naming the file (missing, a directory, unreadable), and Error(work) once `interrupted` answers true.
[[nodiscard]] std::string read_text(const std::string& path, const std::function<bool()>& interrupted = {});

// The whole of a file that is small by nature: a configuration, a list of names.
// Throws Error(io) when it cannot be read, Error(input) when it has more than `limit` bytes.
[[nodiscard]] std::string read_small_file(const std::filesystem::path& path, std::uint64_t limit = 16 << 20);

// The name of such a file in messages.
[[nodiscard]] std::string text_name(const std::string& path);

// Lines without their ends ("\n" or "\r\n"). A text that ends in a line end has no empty last line.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text);

// Without the spaces and tabs at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// "line 3, column 14", both from 1.
[[nodiscard]] std::string place(std::size_t line, std::size_t column);

// A byte as a message shows it: 'a', or byte 0x1b when it cannot be printed.
[[nodiscard]] std::string quoted(char c);

// Text from a file or a file's name as a terminal may show it: control characters and bytes that are no UTF-8 become
// "\\x1b".
[[nodiscard]] std::string printable(std::string_view text);

// The characters of a UTF-8 text; replacement_character for every byte that belongs to none.
inline constexpr char32_t replacement_character = 0xFFFD;
[[nodiscard]] std::u32string characters(std::string_view utf8);

// A character as a message shows it, in UTF-8: 'a', '·', or character 0x1b when it cannot be printed.
[[nodiscard]] std::string quoted_character(char32_t c);

// "1 cell", "80 cells".
[[nodiscard]] std::string plural(std::size_t count, const std::string& noun);

}  // namespace trm
