// Windows, by its own calls. std::filesystem::path holds wide characters here and converts them from and to UTF-8.

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
// windows.h first
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "io/os.hpp"

namespace trm::os {
namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 30;  // these calls count in 32 bits

// The errno for a system's error.
int errno_of(DWORD error) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_BAD_NETPATH:
    case ERROR_DIRECTORY:
      return ENOENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_USER_MAPPED_FILE:
      return EACCES;
    case ERROR_WRITE_PROTECT:
      return EROFS;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
      return EEXIST;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
      return ENOSPC;
    case ERROR_FILE_TOO_LARGE:
      return EFBIG;
    case ERROR_FILENAME_EXCED_RANGE:
      return ENAMETOOLONG;
    case ERROR_BROKEN_PIPE:
    case ERROR_NO_DATA:
      return EPIPE;
    case ERROR_NOT_ENOUGH_MEMORY:
      return ENOMEM;
    default:
      return EIO;
  }
}

template <class Value>
Value failed(Value value) {
  errno = errno_of(::GetLastError());
  return value;
}

HANDLE handle_of(int file) {
  return reinterpret_cast<HANDLE>(::_get_osfhandle(file));
}

// A descriptor for a handle, which it owns from now on; -1 where there is no handle.
int descriptor_of(HANDLE handle, int flags) {
  if (handle == INVALID_HANDLE_VALUE) return failed(-1);
  const int file = ::_open_osfhandle(reinterpret_cast<intptr_t>(handle), flags | _O_BINARY | _O_NOINHERIT);
  if (file < 0) ::CloseHandle(handle);
  return file;
}

// The path for Windows' calls. One that is longer than Windows' old limit of 259 characters, 247 for a folder, needs
// the prefix that turns the limit off, and then must be absolute. A manifest (cli/trm.manifest) turns it off for
// programs of ours alone, not for those that load our DLL.
std::wstring name_of(const Path& path) {
  constexpr std::size_t old_limit = 247;
  std::error_code failure;
  const std::wstring full = std::filesystem::absolute(path, failure).make_preferred().native();
  if (failure || full.size() <= old_limit || full.starts_with(LR"(\\?\)")) return path.native();
  return full.starts_with(LR"(\\)") ? LR"(\\?\UNC\)" + full.substr(2) : LR"(\\?\)" + full;
}

OVERLAPPED place(std::uint64_t offset) {
  OVERLAPPED at{};
  at.Offset = static_cast<DWORD>(offset);
  at.OffsetHigh = static_cast<DWORD>(offset >> 32);
  return at;
}

FileStatus described(DWORD attributes, DWORD high, DWORD low) {
  if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return {.kind = FileKind::directory};
  return {.kind = FileKind::regular, .bytes = std::uint64_t{high} << 32 | low};
}

}  // namespace

std::optional<FileStatus> status(const Path& path) {
  const HANDLE handle = ::CreateFileW(name_of(path).c_str(), 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                      nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  const int file = descriptor_of(handle, _O_RDONLY);
  if (file < 0) return std::nullopt;
  const auto found = status(file);
  ::_close(file);
  return found;
}

std::optional<FileStatus> status(int file) {
  const HANDLE handle = handle_of(file);
  if (::GetFileType(handle) != FILE_TYPE_DISK) return FileStatus{.kind = FileKind::other};
  BY_HANDLE_FILE_INFORMATION information{};
  if (::GetFileInformationByHandle(handle, &information) == 0) return failed(std::nullopt);
  return described(information.dwFileAttributes, information.nFileSizeHigh, information.nFileSizeLow);
}

void close(int file) {
  ::_close(file);
}

int open_to_read(const Path& path) {
  // Others may rename a new file over this one, as on other systems.
  return descriptor_of(
      ::CreateFileW(name_of(path).c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr),
      _O_RDONLY);
}

std::int64_t read(int file, std::span<std::byte> out) {
  DWORD got = 0;
  const auto wanted = static_cast<DWORD>(std::min(out.size(), most_at_once));
  if (::ReadFile(handle_of(file), out.data(), wanted, &got, nullptr) != 0) return got;
  return ::GetLastError() == ERROR_BROKEN_PIPE ? 0 : failed(-1);  // the pipe's writer has closed it: the end
}

std::int64_t read_at(int file, std::uint64_t offset, std::span<std::byte> out) {
  OVERLAPPED at = place(offset);
  DWORD got = 0;
  const auto wanted = static_cast<DWORD>(std::min(out.size(), most_at_once));
  if (::ReadFile(handle_of(file), out.data(), wanted, &got, &at) != 0) return got;
  return ::GetLastError() == ERROR_HANDLE_EOF ? 0 : failed(-1);
}

bool wait_for(int file, int timeout_ms) {
  const HANDLE handle = handle_of(file);
  if (::GetFileType(handle) != FILE_TYPE_PIPE) return true;  // a console's read ends at Ctrl-C by itself
  DWORD available = 0;
  if (::PeekNamedPipe(handle, nullptr, 0, nullptr, &available, nullptr) == 0 || available > 0) return true;
  if (timeout_ms == 0) return false;
  ::Sleep(static_cast<DWORD>(std::min(timeout_ms, 10)));  // a pipe cannot be waited for
  return ::PeekNamedPipe(handle, nullptr, 0, nullptr, &available, nullptr) == 0 || available > 0;
}

bool may_write(const Path& path) {
  const DWORD attributes = ::GetFileAttributesW(name_of(path).c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) return failed(false);
  errno = EACCES;
  return (attributes & FILE_ATTRIBUTE_READONLY) == 0;
}

int open_stream(const Path& path) {
  return descriptor_of(::CreateFileW(name_of(path).c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                                     OPEN_EXISTING, 0, nullptr),
                       _O_WRONLY);
}

int open_standard_output() {
  return ::_dup(standard_output);
}

std::int64_t write(int file, std::span<const std::byte> bytes) {
  DWORD written = 0;
  const auto wanted = static_cast<DWORD>(std::min(bytes.size(), most_at_once));
  return ::WriteFile(handle_of(file), bytes.data(), wanted, &written, nullptr) != 0 ? std::int64_t{written}
                                                                                    : failed(std::int64_t{-1});
}

std::int64_t write_at(int file, std::uint64_t offset, std::span<const std::byte> bytes) {
  OVERLAPPED at = place(offset);
  DWORD written = 0;
  const auto wanted = static_cast<DWORD>(std::min(bytes.size(), most_at_once));
  return ::WriteFile(handle_of(file), bytes.data(), wanted, &written, &at) != 0 ? std::int64_t{written}
                                                                                : failed(std::int64_t{-1});
}

std::optional<std::uint64_t> free_bytes(int file) {
  std::wstring name(32768, L'\0');
  const DWORD length =
      ::GetFinalPathNameByHandleW(handle_of(file), name.data(), static_cast<DWORD>(name.size()), FILE_NAME_NORMALIZED);
  if (length == 0 || length >= name.size()) return std::nullopt;
  name.resize(length);
  ULARGE_INTEGER free{};
  if (::GetDiskFreeSpaceExW(Path(name).parent_path().c_str(), &free, nullptr, nullptr) == 0) return std::nullopt;
  return free.QuadPart;
}

// Nobody can write, rename or remove a file that is open and not shared for that: the lock.
int create_locked(const Path& path, bool /*successor*/) {
  return descriptor_of(::CreateFileW(name_of(path).c_str(), GENERIC_WRITE | DELETE, FILE_SHARE_READ, nullptr,
                                     CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr),
                       _O_WRONLY);
}

bool remove_abandoned(const Path& path) {
  return ::DeleteFileW(name_of(path).c_str()) != 0;
}

bool copy_mode(int /*file*/, const FileStatus& /*of*/) {
  return true;  // a new file inherits its folder's rights
}

// Windows renames an open file by its handle, not by its name. A target that is open itself, such as a model that is
// quantized in place, is replaced from Windows 10 of 2017 on, as on POSIX; older ones refuse. All refuse while another
// program has the target open for itself, which is over in a moment if it is a virus scanner, an indexer or a second
// writer: so the refusal counts after two seconds.
bool replace(int file, const Path& /*from*/, const Path& target) {
  if (::FlushFileBuffers(handle_of(file)) == 0) return failed(false);
  std::error_code failure;
  const std::wstring name = name_of(std::filesystem::absolute(target, failure).make_preferred());
  std::vector<std::byte> memory(sizeof(FILE_RENAME_INFO) + name.size() * sizeof(wchar_t));
  auto* request = ::new (memory.data()) FILE_RENAME_INFO{};
  request->FileNameLength = static_cast<DWORD>(name.size() * sizeof(wchar_t));
  std::memcpy(request->FileName, name.data(), request->FileNameLength);
  // The flags of both ways begin the struct. This compiler's headers name neither them nor FileRenameInfoEx.
  constexpr auto rename_info_ex = static_cast<FILE_INFO_BY_HANDLE_CLASS>(22);
  constexpr DWORD replace_if_exists = 1, posix_semantics = 2;
  const auto rename = [&](FILE_INFO_BY_HANDLE_CLASS way, DWORD flags) {
    std::memcpy(memory.data(), &flags, sizeof flags);
    return ::SetFileInformationByHandle(handle_of(file), way, memory.data(), static_cast<DWORD>(memory.size())) != 0;
  };
  constexpr DWORD pause = 50, most_pauses = 40;  // pause: milliseconds
  for (DWORD pauses = 0;
       !rename(rename_info_ex, replace_if_exists | posix_semantics) && !rename(FileRenameInfo, replace_if_exists);
       ++pauses) {
    const DWORD refusal = ::GetLastError();
    const bool passing = refusal == ERROR_ACCESS_DENIED || refusal == ERROR_SHARING_VIOLATION;
    if (!passing || pauses == most_pauses) return failed(false);
    ::Sleep(pause);
  }
  ::_close(file);
  return true;
}

bool close_stream(int file) {
  return ::_close(file) == 0;
}

}  // namespace trm::os
