// SHA-256 against Python's hashlib; the digests below are those of the bytes (7 i + i / 256) mod 256.

#include "io/sha256.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "io/atomic_file.hpp"
#include "io/sha256_blocks.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::io_sha256_test {
namespace {

struct Digest {
  std::size_t bytes;
  const char* text;
};
const std::vector<Digest> digests = {{0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                                     {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
                                     {55, "576a1bf8d4478657e6dc4af9398544765c2a92cde28478b019235cfed315fc09"},
                                     {56, "9b20501dfd1d99161c257950f3444f3e49230c351c5c8e0943ef369f85f5205d"},
                                     {63, "30b345906b493f06f69444b6521113511c242f30e29840462950035043682f1e"},
                                     {64, "d8bc63b4fc1156e5e7d95a418b9bf54cd3174bedbc2db40f74895349b229b3c0"},
                                     {65, "1ee23b0fbcaecc1aff4a9e8f1645f35ab2c8e13609cd73b68df8b5e3f63ce073"},
                                     {119, "7a6589821178918ca8d9edaba5abfc1e9b2669564f4469b66885379c1530b2c8"},
                                     {120, "655250427d56b1b0eeb8497d21428704273458a01772d6881b65c0abac0f8a98"},
                                     {128, "54c9eb041badfd7064645067b107661fed6113197ce2dd066ba69618abd3732f"},
                                     {1000, "c85a431e0fe575b2609289d3a4042414715f400612575a125d2ce5573d608732"},
                                     {100003, "a247996142a29ed10b00f34e01db2ba80934866a97e92271000e5a4e94b521cf"}};

std::vector<std::byte> content(std::size_t bytes) {
  std::vector<std::byte> out(bytes);
  for (std::size_t i = 0; i < bytes; ++i) out[i] = static_cast<std::byte>(7 * i + i / 256);
  return out;
}

TEST_CASE("SHA-256 agrees with hashlib, however the bytes are divided") {
  for (const auto& [bytes, text] : digests) {
    const std::vector<std::byte> all = content(bytes);
    for (const std::size_t piece : {1U, 3U, 63U, 64U, 65U, 1U << 20}) {
      INFO(bytes << " bytes in pieces of " << piece);
      Sha256 hash;
      for (std::size_t i = 0; i < bytes; i += piece) hash.add(std::span(all).subspan(i, std::min(piece, bytes - i)));
      CHECK(hash.digest() == text);
    }
  }
}

TEST_CASE("the processor's SHA instructions compute what the portable code does") {
  const sha256::AddBlocks own = sha256::processors_own();
  if (own == nullptr) return;  // nothing to compare
  const std::vector<std::byte> all = content(64 * 100);
  std::array<std::uint32_t, 8> a = {1, 2, 3, 4, 5, 6, 7, 0xFFFFFFFF}, b = a;
  own(a, all);
  sha256::add_blocks_portable(b, all);
  CHECK(a == b);
}

TEST_CASE("SHA-256 of a file tells its progress") {
  const TemporaryDirectory directory;
  const auto& [bytes, text] = digests.back();
  const std::vector<std::byte> all = content(bytes);
  write_file(directory / "a", {reinterpret_cast<const char*>(all.data()), all.size()});
  std::uint64_t last = 0;
  CHECK(sha256_of_file(directory / "a", [&](std::uint64_t done) { last = done; }) == text);
  CHECK(last == bytes);
}

}  // namespace
}  // namespace trm::io_sha256_test
