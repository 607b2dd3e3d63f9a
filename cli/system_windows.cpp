// Windows, by its own calls.

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
// windows.h first
#include <io.h>
#include <psapi.h>
#include <shellapi.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "cli/system.hpp"

namespace trm::system {
namespace {

std::atomic<bool>* interrupt_flag = nullptr;  // Windows calls the handler on a thread of its own

HANDLE handle_of(int stream) {
  constexpr DWORD names[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
  return ::GetStdHandle(names[stream]);
}

std::string utf8(std::wstring_view text) {
  const int wide = static_cast<int>(text.size());
  const int bytes = ::WideCharToMultiByte(CP_UTF8, 0, text.data(), wide, nullptr, 0, nullptr, nullptr);
  std::string out(static_cast<std::size_t>(bytes), '\0');
  ::WideCharToMultiByte(CP_UTF8, 0, text.data(), wide, out.data(), bytes, nullptr, nullptr);
  return out;
}

std::wstring utf16(std::string_view text) {
  const int bytes = static_cast<int>(text.size());
  const int wide = ::MultiByteToWideChar(CP_UTF8, 0, text.data(), bytes, nullptr, 0);
  std::wstring out(static_cast<std::size_t>(wide), L'\0');
  ::MultiByteToWideChar(CP_UTF8, 0, text.data(), bytes, out.data(), wide);
  return out;
}

// Calls write_part(part, written) until all of the text is written. False: a call failed, errno says why.
template <class Text, class WritePart>
bool write_all(Text text, const WritePart& write_part) {
  constexpr std::size_t most_at_once = 16384;  // older consoles take no more
  while (!text.empty()) {
    DWORD written = 0;
    if (write_part(text.substr(0, most_at_once), written) == 0) {
      const DWORD error = ::GetLastError();
      errno = error == ERROR_DISK_FULL ? ENOSPC : error == ERROR_INVALID_HANDLE ? EBADF : EPIPE;
      return false;
    }
    text.remove_prefix(written);
  }
  return true;
}

}  // namespace

void prepare_standard_streams() {
  for (const int stream : {standard_output, standard_error}) {
    DWORD mode = 0;
    if (::GetConsoleMode(handle_of(stream), &mode) == 0) continue;
    ::SetConsoleMode(handle_of(stream), mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
  }
}

bool is_terminal(int stream) {
  DWORD mode = 0;
  return ::GetConsoleMode(handle_of(stream), &mode) != 0;
}

std::size_t width(int stream) {
  CONSOLE_SCREEN_BUFFER_INFO screen{};
  if (::GetConsoleScreenBufferInfo(handle_of(stream), &screen) == 0) return 0;
  return static_cast<std::size_t>(screen.srWindow.Right - screen.srWindow.Left + 1);
}

// A console is given UTF-16: it would read bytes in its code page, a setting that outlives this program.
bool write(int stream, std::string_view text) {
  if (!is_terminal(stream)) {
    return write_all(text, [&](std::string_view part, DWORD& written) {
      return ::WriteFile(handle_of(stream), part.data(), static_cast<DWORD>(part.size()), &written, nullptr);
    });
  }
  return write_all(std::wstring_view(utf16(text)), [&](std::wstring_view part, DWORD& written) {
    return ::WriteConsoleW(handle_of(stream), part.data(), static_cast<DWORD>(part.size()), &written, nullptr);
  });
}

void end_by_broken_pipe() {}

std::vector<std::string> arguments(int /*argc*/, char** /*argv*/) {
  int count = 0;
  const std::unique_ptr<wchar_t*, decltype(&::LocalFree)> words(::CommandLineToArgvW(::GetCommandLineW(), &count),
                                                                ::LocalFree);
  std::vector<std::string> out;
  for (int i = 1; i < count; ++i) out.push_back(utf8(words.get()[i]));
  return out;
}

std::filesystem::path make_temporary_folder(const std::filesystem::path& parent) {
  // The user's folder for temporary files is the user's alone, and what lies in it as well.
  for (unsigned number = 0; number < 1000; ++number) {
    const auto name = "trm-" + std::to_string(::GetCurrentProcessId()) + "-" + std::to_string(number);
    if (::CreateDirectoryW((parent / name).c_str(), nullptr) != 0) return parent / name;
    errno = ::GetLastError() == ERROR_ALREADY_EXISTS ? EEXIST : EACCES;
    if (errno != EEXIST) break;
  }
  return {};
}

void watch_for_interrupt(std::atomic<bool>& flag) {
  interrupt_flag = &flag;
  // TRUE: handled, the process goes on. The second time the default handler ends it.
  const auto handler = [](DWORD) -> BOOL { return interrupt_flag->exchange(true) ? FALSE : TRUE; };
  ::SetConsoleCtrlHandler(handler, TRUE);
}

std::int64_t peak_memory_bytes() {
  PROCESS_MEMORY_COUNTERS counters{};
  counters.cb = sizeof counters;
  ::GetProcessMemoryInfo(::GetCurrentProcess(), &counters, sizeof counters);
  return static_cast<std::int64_t>(counters.PeakWorkingSetSize);
}

}  // namespace trm::system
