#pragma once
// Runs the built `trm` as its users do.

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace trm {

struct Outcome {
  int code = -1;  // exit code; 128 + signal where one killed it
  std::string out;
  std::string err;
  std::int64_t peak_rss_bytes = 0;
};

struct Invocation {
  std::vector<std::string> arguments;
  std::string input{};   // standard input
  std::string out_to{};  // stdout goes to this file instead ("/dev/full"); "-": stdout is closed
  // Asked again and again while the program runs, with what it has written so far; once it says yes, the signal is
  // sent. An event instead of a time: give the program work that cannot end before the event.
  std::function<bool(const Outcome& so_far)> interrupt_when{};
  int signal = SIGINT;
  std::uint64_t largest_file = 0;    // bytes: writing beyond fails as on a full disk; 0: no limit
  bool die_at_largest_file = false;  // writing beyond kills the program instead, with SIGXFSZ
  std::string temporary{};           // its TMPDIR; empty: ours
  unsigned short terminal = 0;       // stdout and stderr are one terminal of so many columns; all goes to Outcome::out
};

[[nodiscard]] Outcome run_program(const Invocation& invocation);
[[nodiscard]] inline Outcome run_program(std::vector<std::string> arguments, std::string input = {}) {
  return run_program(Invocation{.arguments = std::move(arguments), .input = std::move(input)});
}

// One line on stderr, beginning "trm: ", and nothing on stdout; the message.
std::string only_error(const Outcome& outcome, int code);

[[nodiscard]] std::string read_file(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

// The program under test: the one that the environment's TRM_PROGRAM names (tests/wine_program), else this build's.
[[nodiscard]] std::string program_path();

// The bundled model.
[[nodiscard]] std::string sudoku_model();

}  // namespace trm
