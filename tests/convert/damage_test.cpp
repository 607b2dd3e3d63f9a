// Damaged files: cut at every length, every byte changed. Never a crash, never
// another kind of error, and where a checksum covers the bytes never a wrong value.

#include <map>
#include <optional>
#include <random>
#include <string>

#include "convert/checkpoint/checkpoint.hpp"
#include "io/shape.hpp"
#include "tests/catch.hpp"
#include "tests/convert/files.hpp"

namespace trm::convert_damage_test {
namespace {

using namespace std::string_literals;
using Tensors = std::map<std::string, std::vector<float>>;

// The tensors in `bytes`, or nothing when they are refused as bad input; any other outcome fails the test.
std::optional<Tensors> read_all(const std::string& bytes) {
  try {
    const Checkpoint checkpoint = Checkpoint::view(as_bytes(bytes), "damaged");
    Tensors tensors;
    for (const CheckpointTensor& tensor : checkpoint.tensors()) {
      const auto count = static_cast<std::size_t>(element_count(tensor.shape).value());
      // A damaged stride may honestly expand a tensor beyond any file: a part of it is enough.
      std::vector<float> values(std::min<std::size_t>(count, 4096));
      checkpoint.read(tensor, 0, values);
      tensors[tensor.key] = std::move(values);
    }
    return tensors;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input) throw;
    return std::nullopt;
  }
}

struct Subject {
  std::string name;
  bool checksummed;  // every value is read along with its record's checksum
};
const std::vector<Subject> subjects = {{"formats/protocol_4.pt", true},         {"formats/views_and_dtypes.pt", false},
                                       {"checkpoints/zip64.pt", false},         {"checkpoints/deflated.pt", false},
                                       {"checkpoints/plain.npz", true},         {"checkpoints/deflated.npz", true},
                                       {"checkpoints/plain.safetensors", false}};

TEST_CASE("a file cut at any length is refused") {
  for (const auto& [name, checksummed] : subjects) {
    const std::string bytes = bytes_of(test_data(name));
    REQUIRE(read_all(bytes));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      if (read_all(bytes.substr(0, length))) FAIL(name << " cut to " << length << " bytes was read");
    }
  }
}

TEST_CASE("a file with one bit changed is read right or refused") {
  std::mt19937 random(1);
  for (const auto& [name, checksummed] : subjects) {
    const std::string bytes = bytes_of(test_data(name));
    const Tensors whole = read_all(bytes).value();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << random() % 8));
      const std::optional<Tensors> tensors = read_all(damaged);
      if (!checksummed || !tensors) continue;
      for (const auto& [key, values] : *tensors) {
        const auto found = whole.find(key);
        if (found != whole.end() && found->second != values)
          FAIL(name << " with byte " << i << " changed: wrong " << key);
      }
    }
  }
}

TEST_CASE("files with many bytes changed") {
  std::mt19937 random(2);
  for (const auto& [name, checksummed] : subjects) {
    const std::string bytes = bytes_of(test_data(name));
    for (int round = 0; round < 2000; ++round) {
      std::string damaged = bytes;
      for (std::size_t n = 1 + random() % 8; n > 0; --n)
        damaged[random() % damaged.size()] = static_cast<char>(random());
      (void)read_all(damaged);
    }
  }
}

}  // namespace
}  // namespace trm::convert_damage_test
