#include "tests/cli/program.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

namespace trm {
namespace {

// In the child: descriptor `to` becomes `path`.
void redirect(const std::string& path, int flags, int to) {
  const int file = open(path.c_str(), flags, 0600);
  if (file < 0 || dup2(file, to) < 0) _exit(127);
  close(file);
}

// The end of a new terminal that a test reads. Nothing is added to what the program writes.
int open_terminal(unsigned short columns) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) throw std::runtime_error("cannot open a terminal");
  const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  termios settings{};
  if (ioctl(master, TIOCSWINSZ, &size) != 0 || tcgetattr(master, &settings) != 0) {
    throw std::runtime_error("cannot set the size of a terminal");
  }
  cfmakeraw(&settings);
  tcsetattr(master, TCSANOW, &settings);
  return master;
}

// Until the program has closed its end.
std::string read_terminal(int master) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = read(master, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(master);
  return text;
}

[[noreturn]] void become_program(const Invocation& invocation, const std::string& in, const std::string& out,
                                 const std::string& err) {
  redirect(in, O_RDONLY, STDIN_FILENO);
  redirect(err, O_WRONLY | O_CREAT, STDERR_FILENO);
  if (invocation.terminal > 0) {
    redirect(out, O_WRONLY | O_NOCTTY, STDOUT_FILENO);
    if (dup2(STDOUT_FILENO, STDERR_FILENO) < 0) _exit(127);
  } else if (invocation.out_to == "-") {
    close(STDOUT_FILENO);
  } else {
    redirect(out, O_WRONLY | O_CREAT, STDOUT_FILENO);
  }
  if (invocation.largest_file > 0) {
    const rlimit limit{invocation.largest_file, invocation.largest_file};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(127);
    if (signal(SIGXFSZ, invocation.die_at_largest_file ? SIG_DFL : SIG_IGN) == SIG_ERR) _exit(127);
  }
  if (!invocation.temporary.empty() && setenv("TMPDIR", invocation.temporary.c_str(), 1) != 0) _exit(127);
  std::string program = program_path();
  std::vector<char*> arguments{program.data()};
  for (const auto& argument : invocation.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execv(program.c_str(), arguments.data());
  _exit(127);
}

}  // namespace

Outcome run_program(const Invocation& invocation) {
  const TemporaryDirectory folder;
  const std::string in = (folder / "in").string();
  const std::string out = invocation.out_to.empty() ? (folder / "out").string() : invocation.out_to;
  const std::string err = (folder / "err").string();
  write_text(in, invocation.input);
  const int master = invocation.terminal > 0 ? open_terminal(invocation.terminal) : -1;
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) become_program(invocation, in, master < 0 ? out : ptsname(master), err);
  const std::string shown = master < 0 ? "" : read_terminal(master);
  const auto written = [&] {
    return Outcome{.out = invocation.out_to.empty() ? read_file(out) : std::string(), .err = read_file(err)};
  };
  int status = 0;
  rusage usage{};
  bool ended = false;
  if (invocation.interrupt_when) {
    while (!ended && !invocation.interrupt_when(written())) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      ended = wait4(child, &status, WNOHANG, &usage) == child;
    }
    if (!ended) kill(child, invocation.signal);
  }
  if (!ended) wait4(child, &status, 0, &usage);
  Outcome outcome = written();
  if (master >= 0) outcome.out = shown;
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.peak_rss_bytes = std::int64_t{usage.ru_maxrss} * 1024;
  return outcome;
}

std::string only_error(const Outcome& outcome, int code) {
  CHECK(outcome.code == code);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.starts_with("trm: "));
  CHECK(outcome.err.find('\n') + 1 == outcome.err.size());
  return outcome.err;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string program_path() {
  const char* other = std::getenv("TRM_PROGRAM");
  return other != nullptr ? other : TRM_PROGRAM;
}

std::string sudoku_model() {
  return std::string(TRM_SOURCE_DIR) + "/models/bundled/sudoku.gguf";
}

}  // namespace trm
