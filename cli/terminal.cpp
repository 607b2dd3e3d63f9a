#include "cli/terminal.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/error.hpp"
#include "cli/system.hpp"
#include "io/text.hpp"

namespace trm {
namespace {

// A reader that has left, such as head, ends a program without a word, by the signal that is usual then: a shell shows
// 128 + 13. The signal is ignored before, so that a run whose stderr nobody reads any more goes on.
[[noreturn]] void stdout_failed() {
  const int error = errno;
  if (error == EPIPE) system::end_by_broken_pipe();
  throw Error(ErrorKind::io, std::string("stdout: ") + std::strerror(error) + "; the results are incomplete");
}

// Of stderr that fails nothing can be told.
void write_to_stderr(const std::string& text) {
  [[maybe_unused]] const bool written = system::write(system::standard_error, text);
}

}  // namespace

void prepare_standard_streams() {
  system::prepare_standard_streams();
}

bool stdin_is_terminal() {
  return system::is_terminal(system::standard_input);
}
bool stdout_is_terminal() {
  return system::is_terminal(system::standard_output);
}
bool stderr_is_terminal() {
  return system::is_terminal(system::standard_error);
}

std::size_t stdout_width() {
  return system::width(system::standard_output);
}
std::size_t stderr_width() {
  return system::width(system::standard_error);
}

bool stdout_has_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return stdout_is_terminal() && (no_colour == nullptr || *no_colour == '\0');
}

void print(std::string_view text) {
  if (!system::write(system::standard_output, text)) stdout_failed();
}

void draw_line(std::string_view line) {
  write_to_stderr("\r\033[K" + printable(line));
}

void note(std::string_view line) {
  write_to_stderr(printable(line) + '\n');
}

}  // namespace trm
