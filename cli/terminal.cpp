#include "cli/terminal.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/error.hpp"
#include "cli/system.hpp"
#include "io/text.hpp"

namespace trm {

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
  if (system::write(system::standard_output, text)) return;
  throw Error(ErrorKind::io, std::string("stdout: ") + std::strerror(errno) + "; the results are incomplete");
}

void note(std::string_view line) {
  // Of stderr that fails nothing can be told.
  [[maybe_unused]] const bool written = system::write(system::standard_error, printable(line) + '\n');
}

}  // namespace trm
