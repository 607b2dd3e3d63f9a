#include "cli/temporary_folder.hpp"

#include <cerrno>
#include <system_error>

#include "cli/system.hpp"
#include "io/io_error.hpp"

namespace trm {

TemporaryFolder::TemporaryFolder() {
  std::error_code failure;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(failure);
  if (failure) throw io_error("TMPDIR", "cannot be used for temporary files", failure.value());
  path_ = system::make_temporary_folder(parent);
  if (path_.empty()) throw io_error(parent, "cannot create a temporary folder", errno);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace trm
