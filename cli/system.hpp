#pragma once
// What the program asks of the operating system beside files: system_posix.cpp and system_windows.cpp answer.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace trm::system {

inline constexpr int standard_input = 0, standard_output = 1, standard_error = 2;

// See cli/terminal.hpp. A Windows console shows colours from here on.
void prepare_standard_streams();
[[nodiscard]] bool is_terminal(int stream);
[[nodiscard]] std::size_t width(int stream);  // in columns; 0 unless it is a terminal
// False: failed, errno says why. Standard streams of the C library would lose what a signal interrupts.
[[nodiscard]] bool write(int stream, std::string_view text);

// Ends the process by the signal of a pipe that nobody reads, from any thread. Returns on Windows, which has none.
void end_by_broken_pipe();

// The command line's words after the program's name, as UTF-8.
[[nodiscard]] std::vector<std::string> arguments(int argc, char** argv);

// A new folder in `parent` that is this user's alone. Empty path: failed, errno says why.
[[nodiscard]] std::filesystem::path make_temporary_folder(const std::filesystem::path& parent);

// Sets `flag` at the first interrupt (cli/interrupt.hpp); the next one ends the process.
void watch_for_interrupt(std::atomic<bool>& flag);

[[nodiscard]] std::int64_t peak_memory_bytes();  // the most this process ever held

}  // namespace trm::system
