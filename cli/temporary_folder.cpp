#include "cli/temporary_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "io/io_error.hpp"

namespace trm {

TemporaryFolder::TemporaryFolder() {
  std::error_code failure;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(failure);
  if (failure) throw io_error("TMPDIR", "cannot be used for temporary files", failure.value());
  std::string name = (parent / "trm-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw io_error(parent, "cannot create a temporary folder", errno);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace trm
