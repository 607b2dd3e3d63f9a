// Zips as libzip writes them, read by io/zip.cpp; the damage that only a zip can have.

#include "io/zip.hpp"

#include <random>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/convert/files.hpp"
#include "tests/convert/small_zip.hpp"

namespace trm::io_zip_test {
namespace {

// Bytes that deflate can shorten by about half.
std::string content(std::size_t bytes) {
  std::mt19937 random(1);
  std::string out(bytes, '\0');
  for (char& c : out) c = static_cast<char>(random() & 15U);
  return out;
}

std::string read(ZipArchive& zip, const std::string& name, std::uint64_t offset, std::size_t count) {
  std::string out(count, '?');
  zip.read(*zip.find(name), offset, std::as_writable_bytes(std::span(out)));
  return out;
}

std::string refusal(const std::string& bytes) {
  const ByteSource source = ByteSource::view(as_bytes(bytes), "a.zip");
  try {
    ZipArchive zip = ZipArchive::open(source);
    for (const ZipRecord& record : zip.records()) (void)zip.read_all(record, 1U << 24);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::input);
    return error.what();
  }
  return "read";
}

// `bytes` with the value of `count` bytes at `offset` after the last `signature` replaced.
std::string patched(std::string bytes, const std::string& signature, std::size_t offset, std::size_t count,
                    std::uint64_t value) {
  const std::size_t at = bytes.rfind(signature);
  REQUIRE(at != std::string::npos);
  for (std::size_t i = 0; i < count; ++i) bytes[at + offset + i] = static_cast<char>(value >> 8 * i);
  return bytes;
}
const std::string local = "PK\x03\x04", entry = "PK\x01\x02", end = "PK\x05\x06";

TEST_CASE("any part of a zip's record is read in any order, stored or deflated") {
  const std::string expected = content(300'000);
  for (const ZipMethod method : {ZipMethod::stored, ZipMethod::deflated}) {
    const std::string bytes = small_zip({{"first", "1"}, {"folder/a", expected}, {"empty", ""}}, method);
    const ByteSource source = ByteSource::view(as_bytes(bytes), "a.zip");
    ZipArchive zip = ZipArchive::open(source);
    REQUIRE(zip.records().size() == 3);
    CHECK(zip.find("absent") == nullptr);
    CHECK(zip.find("folder/a")->stored == (method == ZipMethod::stored));
    CHECK(zip.read_all(*zip.find("empty"), 0).empty());
    std::mt19937 random(2);
    for (int i = 0; i < 200; ++i) {
      const std::size_t offset = random() % expected.size();
      const std::size_t count = std::min<std::size_t>(random() % 70'000, expected.size() - offset);
      if (read(zip, "folder/a", offset, count) != expected.substr(offset, count)) FAIL(offset << ' ' << count);
      if (i % 7 == 0) CHECK(read(zip, "first", 0, 1) == "1");
    }
    CHECK_THROWS_AS(read(zip, "folder/a", expected.size(), 1), Error);
    CHECK_THROWS_AS(zip.read_all(*zip.find("folder/a"), 1000), Error);
  }
}

TEST_CASE("a zip's comment and bytes before its directory do not hide it") {
  const std::string bytes = small_zip({{"a", "text"}});
  const std::string comment = "a comment with PK\x05\x06 in it";
  CHECK(refusal(patched(bytes, end, 20, 2, comment.size()) + comment) == "read");
}

TEST_CASE("each kind of damage to a zip is refused by name") {
  const std::string stored = small_zip({{"a", content(1000)}});
  const std::string deflated = small_zip({{"a", content(1000)}}, ZipMethod::deflated);
  using Catch::Contains;
  CHECK(refusal(stored) == "read");
  CHECK(refusal(deflated) == "read");
  CHECK_THAT(refusal("PK"), Contains("zip directory: there is none"));
  CHECK_THAT(refusal(std::string(100'000, 'P')), Contains("zip directory: there is none"));
  CHECK_THAT(refusal(patched(stored, end, 4, 2, 1)), Contains("split archive"));
  CHECK_THAT(refusal(patched(stored, end, 16, 4, 1U << 30)), Contains("does not fit the file"));
  CHECK_THAT(refusal(patched(patched(stored, end, 8, 2, 9), end, 10, 2, 9)), Contains("does not fit the file"));
  CHECK_THAT(refusal(patched(stored, entry, 0, 2, 0)), Contains("entry 0 is damaged"));
  CHECK_THAT(refusal(patched(stored, entry, 28, 2, 60'000)), Contains("entry 0 is damaged"));
  CHECK_THAT(refusal(patched(stored, entry, 8, 2, 1)), Contains("zip record a: it is encrypted"));
  CHECK_THAT(refusal(patched(stored, entry, 10, 2, 12)), Contains("its compression is not read"));
  CHECK_THAT(refusal(patched(stored, entry, 24, 4, 1001)), Contains("its 1001 bytes do not fit the file"));
  CHECK_THAT(refusal(patched(stored, entry, 24, 4, 0xFFFFFFFF)), Contains("its 4294967295 bytes do not fit the file"));
  CHECK_THAT(refusal(patched(deflated, entry, 24, 4, 1U << 30)), Contains("do not fit the file"));
  CHECK_THAT(refusal(patched(deflated, entry, 24, 4, 1001)), Contains("it ends too early"));
  CHECK_THAT(refusal(patched(stored, entry, 42, 4, 1)), Contains("it is not where the directory says"));
  CHECK_THAT(refusal(patched(stored, entry, 42, 4, 1U << 30)), Contains("it ends too early"));
  CHECK_THAT(refusal(patched(stored, local, 28, 2, 500)), Contains("it ends too early"));
  CHECK_THAT(refusal(patched(stored, local, 40, 1, 99)), Contains("its checksum does not match"));
  CHECK_THAT(refusal(patched(deflated, entry, 16, 4, 0)), Contains("its checksum does not match"));
  CHECK_THAT(refusal(patched(deflated, local, 31, 4, 0xFFFFFFFF)), Contains("it is damaged"));
}

TEST_CASE("a zip with one name twice is refused") {
  std::string bytes = small_zip({{"a", "1"}, {"b", "2"}});
  CHECK_THAT(refusal(patched(bytes, entry, 46, 1, 'a')), Catch::Contains("the name occurs twice"));
}

}  // namespace
}  // namespace trm::io_zip_test
