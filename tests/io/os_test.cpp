// What every operating system answers alike, whatever a file is called.

#include "io/os.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::io_os_test {
namespace {

using Path = std::filesystem::path;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

void put(const Path& target, const Path& temporary, const std::string& text) {
  const int file = os::create_locked(temporary, false);
  REQUIRE(file >= 0);
  REQUIRE(os::write_at(file, 0, bytes_of(text)) == static_cast<std::int64_t>(text.size()));
  REQUIRE(os::replace(file, temporary, target));
}

std::string contents(int file) {
  std::string text(100, '\0');
  const std::int64_t count = os::read_at(file, 0, std::as_writable_bytes(std::span(text.data(), text.size())));
  REQUIRE(count >= 0);
  text.resize(static_cast<std::size_t>(count));
  return text;
}

int reader_of(const Path& path) {
  const int file = os::open_to_read(path);
  REQUIRE(file >= 0);
  return file;
}

std::string contents(const Path& path) {
  const int file = reader_of(path);
  std::string text = contents(file);
  os::close(file);
  return text;
}

TEST_CASE("a file is written, described, replaced and read under any name") {
  const std::string long_name(200, 'n');
  const std::vector<std::string> names = {"plain", "two words", "Rätsel 数独 🧩", long_name,
                                          long_name + '/' + long_name + "/deep"};
  for (const std::string& name : names) {
    const TemporaryDirectory directory;
    const Path target = directory / name;
    std::filesystem::create_directories(target.parent_path());
    const Path temporary = target.parent_path() / "temporary";
    put(target, temporary, "old");
    put(target, temporary, "new text");
    CHECK(contents(target) == "new text");
    CHECK_FALSE(os::status(temporary));
    const auto status = os::status(target);
    REQUIRE(status);
    CHECK(status->kind == os::FileKind::regular);
    CHECK(status->bytes == 8);
    CHECK(os::may_write(target));
  }
}

TEST_CASE("who reads a file goes on with the old one when it is replaced") {
  const TemporaryDirectory directory;
  const Path target = directory / "target", temporary = directory / "temporary";
  put(target, temporary, "old");
  const int reader = reader_of(target);
  const int file = os::create_locked(temporary, false);
  REQUIRE(os::write_at(file, 0, bytes_of("new")) == 3);
  const bool replaced = os::replace(file, temporary, target);
  if (!replaced) {
    WARN("this system replaces no file that is open, as wine 8 and Windows before 2017");
    CHECK(errno == EACCES);
    os::close(file);
  }
  CHECK(contents(reader) == "old");
  CHECK(contents(target) == (replaced ? "new" : "old"));
  os::close(reader);
}

TEST_CASE("a target that somebody has open for a moment is replaced") {
  const TemporaryDirectory directory;
  const Path target = directory / "target", temporary = directory / "temporary";
  put(target, temporary, "old");
  const int reader = reader_of(target);
  {
    const std::jthread moment([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      os::close(reader);
    });
    put(target, temporary, "new");
  }
  CHECK(contents(target) == "new");
}

TEST_CASE("the temporary file of a living writer stays, that of a dead one goes") {
  const TemporaryDirectory directory;
  const Path temporary = directory / "temporary";
  const int file = os::create_locked(temporary, false);
  REQUIRE(file >= 0);
  CHECK(os::create_locked(temporary, false) == -1);
  CHECK(errno == EEXIST);
  CHECK_FALSE(os::remove_abandoned(temporary));
  CHECK(os::status(temporary));
  os::close(file);  // as the end of its process does
  CHECK(os::remove_abandoned(temporary));
  CHECK_FALSE(os::status(temporary));
}

TEST_CASE("failures have the errno of POSIX, and a folder is no file") {
  const TemporaryDirectory directory;
  CHECK_FALSE(os::status(directory / "absent"));
  CHECK(errno == ENOENT);
  CHECK(os::open_to_read(directory / "absent/file") == -1);
  CHECK(errno == ENOENT);
  const auto folder = os::status(directory.path());
  REQUIRE(folder);
  CHECK(folder->kind == os::FileKind::directory);
}

TEST_CASE("a place beyond 4 GB is written and read") {
  const TemporaryDirectory directory;
  const int file = os::create_locked(directory / "sparse", false);
  REQUIRE(file >= 0);
  if (os::write_at(file, (std::uint64_t{5} << 30) - 3, bytes_of("end")) != 3) {
    WARN("skipped: no room for a file of 5 GB, or it is not sparse here");
    os::close(file);
    return;
  }
  os::close(file);
  CHECK(os::status(directory / "sparse")->bytes == std::uint64_t{5} << 30);
  const int reader = os::open_to_read(directory / "sparse");
  std::string text(3, '\0');
  CHECK(os::read_at(reader, (std::uint64_t{5} << 30) - 3, std::as_writable_bytes(std::span(text.data(), 3))) == 3);
  CHECK(text == "end");
  os::close(reader);
}

}  // namespace
}  // namespace trm::io_os_test
