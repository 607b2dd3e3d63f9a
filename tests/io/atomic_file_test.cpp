// A target is the old file or the whole new one, and nothing else is left behind.

#include "io/atomic_file.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

namespace trm {
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

TEST_CASE("each reason not to write is named") {
  const TemporaryDirectory directory;
  CHECK_THAT(refusal(directory / "absent" / "a"), Catch::Contains("directory does not exist"));
  CHECK_THAT(refusal(directory.path()), Catch::Contains("Is a directory"));
  CHECK_THAT(refusal("/dev/full"), Catch::Contains("not a regular file"));
  CHECK(std::filesystem::is_character_file("/dev/full"));
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

}  // namespace
}  // namespace trm
