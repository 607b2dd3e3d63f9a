#include "cli/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/error.hpp"
#include "io/text.hpp"

namespace trm {
namespace {

// False: failed, errno says why. Standard streams of the C library would lose what a signal interrupts.
bool write_whole(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::size_t width_of(int descriptor) {
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

[[noreturn]] void stdout_failed() {
  throw Error(ErrorKind::io, std::string("stdout: ") + std::strerror(errno) + "; the results are incomplete");
}

}  // namespace

void prepare_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is given out: this takes exactly `descriptor`.
    [[maybe_unused]] const int opened = open(descriptor == STDOUT_FILENO ? "/dev/full" : "/dev/null", O_RDWR);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

bool stdin_is_terminal() {
  return isatty(STDIN_FILENO) == 1;
}
bool stdout_is_terminal() {
  return isatty(STDOUT_FILENO) == 1;
}
bool stderr_is_terminal() {
  return isatty(STDERR_FILENO) == 1;
}

std::size_t stdout_width() {
  return width_of(STDOUT_FILENO);
}
std::size_t stderr_width() {
  return width_of(STDERR_FILENO);
}

bool stdout_has_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return stdout_is_terminal() && (no_colour == nullptr || *no_colour == '\0');
}

void print(std::string_view text) {
  if (!write_whole(STDOUT_FILENO, text)) stdout_failed();
}

void note(std::string_view line) {
  write_whole(STDERR_FILENO, printable(line) + '\n');  // stderr that fails cannot be told anywhere
}

}  // namespace trm
