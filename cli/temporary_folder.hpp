#pragma once
// A folder for files that outlive no command: gone, with all in it, when it goes out of scope, after an exception and
// after Ctrl-C (cli/interrupt.hpp), too. A killed process leaves it behind.

#include <filesystem>

namespace trm {

class TemporaryFolder {
 public:
  TemporaryFolder();  // in $TMPDIR, else /tmp. Throws Error(io).
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace trm
