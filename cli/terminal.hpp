#pragma once
// The two standard streams: results on stdout, checked; everything else on stderr.

#include <cstddef>
#include <string_view>

namespace trm {

// Makes every write to a closed stdout or stderr fail instead of landing in the
// next file that is opened, and a broken pipe of stderr no reason to end.
void prepare_standard_streams();

[[nodiscard]] bool stdin_is_terminal();
[[nodiscard]] bool stdout_is_terminal();
[[nodiscard]] bool stderr_is_terminal();
// Characters in a line of the terminal at this moment; 0: it is no terminal, or does not tell.
[[nodiscard]] std::size_t stdout_width();
[[nodiscard]] std::size_t stderr_width();
[[nodiscard]] bool stdout_has_colour();  // a terminal, NO_COLOR unset

// Writes to stdout at once; throws Error(io) when it cannot. Where nobody reads it any more, the program ends by
// SIGPIPE.
void print(std::string_view text);

// Replaces the terminal's current line on stderr with one that has no line end.
void draw_line(std::string_view line);

// One line on stderr, whole even when several threads write. Control characters of foreign text, such as names of files
// and tensors, are escaped.
void note(std::string_view line);

}  // namespace trm
