#pragma once
// Text in lines of a given width, counted in characters (UTF-8).

#include <cstddef>
#include <string>
#include <string_view>

namespace trm {

// The words of a paragraph in lines of at most `width`, unless a single word is longer. Every line after the first
// begins with `indent` spaces; the first begins `start` characters into its line.
[[nodiscard]] std::string wrapped(std::string_view paragraph, std::size_t width, std::size_t indent = 0,
                                  std::size_t start = 0);

// Notes as the commands have them. Lines that begin with a letter are prose and are filled anew. Lines that begin with
// spaces are examples: a command, and after two spaces or more a remark. Where an example does not fit, its remark gets
// a line of its own, and a command is broken with a backslash, so that it can still be copied into a shell.
[[nodiscard]] std::string wrapped_notes(std::string_view notes, std::size_t width);

}  // namespace trm
