#include "convert/source_hash.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>

#include "io/sha256.hpp"

namespace trm {
namespace {

struct Stopped {};

double size_of(const std::filesystem::path& file) {
  std::error_code failure;
  return static_cast<double>(std::max<std::uintmax_t>(std::filesystem::file_size(file, failure), 1));
}

}  // namespace

SourceHash::SourceHash(const std::filesystem::path& checkpoint)
    : size_(size_of(checkpoint)), digest_(std::async(std::launch::async | std::launch::deferred, [this, checkpoint] {
        return sha256_of_file(checkpoint, [this](std::uint64_t done) {
          done_ = done;
          if (stopped_) throw Stopped();
        });
      })) {}

SourceHash::~SourceHash() {
  stopped_ = true;
  if (digest_.valid() && digest_.wait_for(std::chrono::seconds(0)) == std::future_status::timeout) digest_.wait();
}

double SourceHash::share() const {
  return static_cast<double>(done_) / size_;
}

std::string SourceHash::digest(const std::function<void()>& report) {
  while (digest_.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout) report();
  return digest_.get();
}

}  // namespace trm
