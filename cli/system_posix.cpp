// POSIX: Linux, macOS, the BSDs.

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "cli/system.hpp"

namespace trm::system {
namespace {

std::atomic<bool>* interrupt_flag = nullptr;  // a signal handler can reach nothing but a global
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

void prepare_standard_streams() {
  for (const int stream : {standard_input, standard_output, standard_error}) {
    if (::fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number is given out: this takes exactly `stream`.
    [[maybe_unused]] const int opened = ::open(stream == standard_output ? "/dev/full" : "/dev/null", O_RDWR);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

bool is_terminal(int stream) {
  return ::isatty(stream) == 1;
}

std::size_t width(int stream) {
  winsize size{};
  return ::ioctl(stream, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool write(int stream, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(stream, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void end_by_broken_pipe() {
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
  // A session's threads block all signals: there it waits until now.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_UNBLOCK, &broken_pipe, nullptr);
}

std::vector<std::string> arguments(int argc, char** argv) {
  return {argv + 1, argv + argc};
}

std::filesystem::path make_temporary_folder(const std::filesystem::path& parent) {
  std::string name = (parent / "trm-XXXXXX").string();
  return ::mkdtemp(name.data()) != nullptr ? std::filesystem::path(name) : std::filesystem::path();
}

void watch_for_interrupt(std::atomic<bool>& flag) {
  interrupt_flag = &flag;
  struct sigaction action {};
  action.sa_handler = [](int) { interrupt_flag->store(true, std::memory_order_relaxed); };
  // The next one meets the default: death. No SA_RESTART: a read of a terminal or a pipe ends and looks at
  // interrupted().
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGXCPU}) sigaction(signal, &action, nullptr);
}

std::int64_t peak_memory_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
#if defined(__APPLE__)
  constexpr std::int64_t unit = 1;
#else
  constexpr std::int64_t unit = 1024;
#endif
  return unit * usage.ru_maxrss;
}

}  // namespace trm::system
