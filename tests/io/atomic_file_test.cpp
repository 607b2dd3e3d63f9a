// A target is the old file or the whole new one, and nothing else is left behind.

#include "io/atomic_file.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::io_atomic_file_test {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::ptrdiff_t entries(const TemporaryDirectory& directory) {
  return std::distance(std::filesystem::directory_iterator(directory.path()), {});
}

std::string refusal(const std::filesystem::path& path) {
  try {
    write_file(path, "new");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::io);
    return error.what();
  }
  return "written";
}

TEST_CASE("a committed file holds what was written") {
  const TemporaryDirectory directory;
  write_file(directory / "a", "old");
  {
    AtomicFile file(directory / "a");
    file.write("0123456789");
    file.overwrite(2, std::as_bytes(std::span("XY", 2)));
    file.write("!");
    CHECK(file.size() == 11);
    CHECK(text_of(directory / "a") == "old");
    file.commit();
  }
  CHECK(text_of(directory / "a") == "01XY456789!");
  CHECK(entries(directory) == 1);
}

TEST_CASE("without commit the old file stands and no temporary is left") {
  const TemporaryDirectory directory;
  write_file(directory / "a", "old");
  try {
    AtomicFile file(directory / "a");
    file.write("half");
    throw Error(ErrorKind::work, "interrupted");
  } catch (const Error&) {
  }
  CHECK(text_of(directory / "a") == "old");
  CHECK(entries(directory) == 1);
}

TEST_CASE("two writers of one file do not disturb each other") {
  const TemporaryDirectory directory;
  AtomicFile first(directory / "a");
  AtomicFile second(directory / "a");
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  CHECK(text_of(directory / "a") == "first");
  CHECK(entries(directory) == 1);
}

TEST_CASE("a link stays a link") {
  const TemporaryDirectory directory;
  write_file(directory / "a", "old");
  std::filesystem::create_symlink("a", directory / "link");
  write_file(directory / "link", "new");
  CHECK(std::filesystem::is_symlink(directory / "link"));
  CHECK(text_of(directory / "a") == "new");
}

TEST_CASE("a link whose target does not exist yet creates the target") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "sub");
  std::filesystem::create_symlink("second", directory / "first");
  std::filesystem::create_symlink("sub/target", directory / "second");
  write_file(directory / "first", "new");
  CHECK(std::filesystem::is_symlink(directory / "first"));
  CHECK(std::filesystem::is_symlink(directory / "second"));
  CHECK(text_of(directory / "sub" / "target") == "new");
  CHECK(entries(directory) == 3);
}

TEST_CASE("the mode of a file that is replaced is kept") {
  const TemporaryDirectory directory;
  for (const mode_t mode : {0600U, 0640U, 0755U}) {
    write_file(directory / "a", "old");
    REQUIRE(::chmod((directory / "a").c_str(), mode) == 0);
    write_file(directory / "a", "new");
    struct stat status {};
    REQUIRE(::stat((directory / "a").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == mode);
  }
}

TEST_CASE("a pipe and a device are written as the bytes come") {
  const TemporaryDirectory directory;
  write_file("/dev/null", "lost");
  CHECK(std::filesystem::is_character_file("/dev/null"));
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  {
    AtomicFile file("/dev/fd/" + std::to_string(ends[1]));
    file.write("one ");
    file.write("two");
    CHECK(file.size() == 7);
    CHECK_THROWS_AS(file.overwrite(0, std::as_bytes(std::span("x", 1))), Error);
    file.commit();
  }
  std::array<char, 16> text{};
  CHECK(::read(ends[0], text.data(), text.size()) == 7);
  CHECK(std::string(text.data()) == "one two");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a file that the disk cannot hold is refused before it is written") {
  const TemporaryDirectory directory;
  AtomicFile file(directory / "a");
  file.require_space(1000);
  CHECK_THROWS_WITH(file.require_space(std::uint64_t{1} << 62),
                    Catch::Contains("4611686018427387904 bytes") && Catch::Contains("free"));
}

TEST_CASE("each reason not to write is named") {
  const TemporaryDirectory directory;
  CHECK_THAT(refusal(directory / "absent" / "a"), Catch::Contains("directory does not exist"));
  CHECK_THAT(refusal(directory.path()), Catch::Contains("Is a directory"));
  CHECK_THAT(refusal("/dev/full"), Catch::Contains("No space left on device"));
  CHECK(std::filesystem::is_character_file("/dev/full"));
  CHECK_THROWS_WITH(AtomicFile("/dev/null", AtomicFile::Streams::refused), Catch::Contains("not a regular file"));
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  CHECK_THAT(refusal(directory / "pipe"), Catch::Contains("no program reads this pipe"));
  std::filesystem::remove(directory / "pipe");
  std::filesystem::create_symlink("loop", directory / "loop");
  CHECK_THAT(refusal(directory / "loop"), Catch::Contains("Too many levels"));
  std::filesystem::remove(directory / "loop");
  if (::geteuid() != 0) {  // root may write anywhere
    write_file(directory / "a", "old");
    std::filesystem::permissions(directory / "a", std::filesystem::perms::owner_read);
    CHECK_THAT(refusal(directory / "a"), Catch::Contains("Permission denied"));
  }
  CHECK(entries(directory) <= 1);
}

// Runs `action` in a child process and returns its wait status.
template <class Action>
int in_child(Action action) {
  const pid_t child = ::fork();
  if (child == 0) {
    action();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

TEST_CASE("a file that outgrows the limit is removed and reported") {
  const TemporaryDirectory directory;
  write_file(directory / "a", "old");
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write_file(directory / "a", std::string(10000, 'x'));
    } catch (const Error& error) {
      ::_exit(error.kind() == ErrorKind::io ? 42 : 1);
    }
  });
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  CHECK(text_of(directory / "a") == "old");
  CHECK(entries(directory) == 1);
}

TEST_CASE("a killed writer leaves the old file") {
  const TemporaryDirectory directory;
  write_file(directory / "a", "old");
  const int status = in_child([&] {
    AtomicFile file(directory / "a");
    file.write(std::string(100000, 'x'));
    ::raise(SIGKILL);
  });
  CHECK(WIFSIGNALED(status));
  CHECK(text_of(directory / "a") == "old");
}

TEST_CASE("the next writer removes what killed writers left, and nothing of those that live") {
  const TemporaryDirectory directory;
  AtomicFile living(directory / "a");
  living.write("living");
  const int status = in_child([&] {
    AtomicFile first(directory / "a"), second(directory / "a"), other(directory / "b");
    ::raise(SIGKILL);
  });
  CHECK(WIFSIGNALED(status));
  CHECK(entries(directory) == 4);
  write_file(directory / "a", "next");
  CHECK(entries(directory) == 3);  // the living writer's, the one of "b", and the file
  living.commit();
  CHECK(text_of(directory / "a") == "living");
  write_file(directory / "b", "b");
  CHECK(entries(directory) == 2);
}

TEST_CASE("a target whose name is as long as names can be is written") {
  const TemporaryDirectory directory;
  const std::string name(255, 'n');
  write_file(directory / name, "text");
  CHECK(text_of(directory / name) == "text");
}

}  // namespace
}  // namespace trm::io_atomic_file_test
