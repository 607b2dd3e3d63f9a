#include "io/io_error.hpp"

#include <cerrno>
#include <system_error>

namespace trm {
namespace {

const char* remedy(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "the disk is full: free some space or choose another place";
    case EFBIG:
      return "the file system or a limit (ulimit -f) does not allow a file of this size";
    case EROFS:
      return "the file system is read-only: choose another place";
    case EACCES:
    case EPERM:
      return "change its permissions or choose another place";
    case EISDIR:
      return "give the name of a file in it";
    case ENOENT:
      return "check the spelling";
    default:
      return nullptr;
  }
}

}  // namespace

Error io_error(const std::filesystem::path& path, const std::string& doing, int error_number) {
  std::string message = path.string() + ": " + doing + ": " + std::generic_category().message(error_number);
  if (const char* text = remedy(error_number)) message += std::string("; ") + text;
  return {ErrorKind::io, message};
}

}  // namespace trm
