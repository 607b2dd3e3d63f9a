#pragma once
// The SHA-256 of a checkpoint, computed by a thread of its own, where the system grants one, while the model is
// written: both read the file at about the same time, so that one of them finds it in the system's cache.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <string>

namespace trm {

class SourceHash {
 public:
  explicit SourceHash(const std::filesystem::path& checkpoint);
  SourceHash(const SourceHash&) = delete;
  SourceHash& operator=(const SourceHash&) = delete;
  ~SourceHash();  // stops the thread

  [[nodiscard]] double share() const;  // of the file that is done
  // Waits for the digest. Calls `report` several times a second meanwhile; it may throw to stop. Throws Error(io) where
  // the file cannot be read.
  [[nodiscard]] std::string digest(const std::function<void()>& report);

 private:
  double size_;
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<bool> stopped_ = false;
  std::future<std::string> digest_;
};

}  // namespace trm
