#pragma once
// XXH3-64: the checksum of the parts of a model file.

#include <cstdint>
#include <memory>
#include <span>

namespace trm {

[[nodiscard]] std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t seed = 0);

// The same checksum over bytes that come in pieces.
class StreamingChecksum {
 public:
  StreamingChecksum();
  void update(std::span<const std::byte> bytes);
  [[nodiscard]] std::uint64_t value() const;

 private:
  struct Free {
    void operator()(void* state) const noexcept;
  };
  std::unique_ptr<void, Free> state_;
};

}  // namespace trm
