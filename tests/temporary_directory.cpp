#include "tests/temporary_directory.hpp"

#include <random>

namespace trm {

TemporaryDirectory::TemporaryDirectory() {
  std::random_device random;
  do {
    const std::string name = "trm-test-" + std::to_string(random()) + std::to_string(random());
    path_ = std::filesystem::temp_directory_path() / name;
  } while (!std::filesystem::create_directory(path_));  // false: there is one of that name
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace trm
