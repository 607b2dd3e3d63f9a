#include "io/io_error.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace trm {
namespace {

const char* remedy(int error_number) {
  switch (error_number) {
    case ENOSPC:
#if defined(EDQUOT)
    case EDQUOT:
#endif
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
      return "";
  }
}

}  // namespace

Error io_error(const std::filesystem::path& path, const std::string& doing, int error_number) {
  ErrorParts parts;
  parts.file = path.string();
  parts.what = doing + ": " + std::generic_category().message(error_number);
  parts.remedy = remedy(error_number);
  return {ErrorKind::io, std::move(parts)};
}

}  // namespace trm
