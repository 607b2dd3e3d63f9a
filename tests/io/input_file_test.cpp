// Opening and reading files: what is no regular file, what never ends, and what is told to stop.

#include "io/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "io/byte_source.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::io_input_file_test {
namespace {

// The kind of the Error that the call throws, and its message.
template <class Call>
std::pair<ErrorKind, std::string> failure(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.kind(), error.what()};
  }
  FAIL("no error was thrown");
  return {};
}

std::string make_pipe(const TemporaryDirectory& directory) {
  const auto path = directory / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  return path.string();
}

}  // namespace

TEST_CASE("a file of parts is a regular file: pipes and devices are refused without waiting") {
  const TemporaryDirectory directory;
  const std::string pipe = make_pipe(directory);
  for (const std::string& path : {pipe, std::string("/dev/zero"), std::string("/dev/null")}) {
    const auto [kind, text] = failure([&] { (void)ByteSource::open(path); });
    CHECK(kind == ErrorKind::io);
    CHECK(text == path + ": is not a regular file; copy its contents to one");
  }
  CHECK(failure([&] { (void)ByteSource::open(directory.path()); }).first == ErrorKind::io);
  CHECK(failure([&] { (void)ByteSource::open(directory / "absent"); }).first == ErrorKind::io);
}

TEST_CASE("a source past its end, and one whose file has become shorter") {
  const TemporaryDirectory directory;
  std::ofstream(directory / "a") << "0123456789";
  const auto source = ByteSource::open(directory / "a");
  std::array<std::byte, 4> out{};
  source.read(6, out);
  CHECK(std::to_integer<char>(out[3]) == '9');
  CHECK(failure([&] { source.read(7, out); }).first == ErrorKind::input);
  ByteWindow window(source, 5);
  CHECK(std::to_integer<char>(window.at(2, 3)[0]) == '2');
  std::filesystem::resize_file(directory / "a", 8);
  CHECK(std::to_integer<char>(window.at(3, 2)[1]) == '4');  // read before
  for (int again = 0; again < 2; ++again) {
    const auto [kind, text] = failure([&] { (void)window.at(6, 4); });
    CHECK(kind == ErrorKind::io);
    CHECK_THAT(text, Catch::Contains("byte 8: the file became shorter while it was read"));
  }
  CHECK(std::to_integer<char>(window.at(0, 2)[1]) == '1');
}

TEST_CASE("text comes from files and from pipes, without a byte order mark") {
  const TemporaryDirectory directory;
  std::ofstream(directory / "a") << "\xEF\xBB\xBFone\ntwo";
  CHECK(read_text((directory / "a").string()) == "one\ntwo");
  CHECK(read_text("/dev/null").empty());
  const std::string pipe = make_pipe(directory);
  const std::string large(300000, 'x');
  std::thread writer([&] { std::ofstream(pipe) << large; });
  CHECK(read_text(pipe) == large);
  writer.join();
}

TEST_CASE("the wait for a pipe's writer, and for what it writes, ends when it is told to") {
  const TemporaryDirectory directory;
  const std::string pipe = make_pipe(directory);
  for (const bool has_writer : {false, true}) {
    const int writer = has_writer ? ::open(pipe.c_str(), O_RDWR | O_CLOEXEC) : -1;
    int asked = 0;
    const auto [kind, text] = failure([&] { (void)read_text(pipe, [&] { return ++asked > 2; }); });
    CHECK(kind == ErrorKind::work);
    CHECK(text == pipe + ": interrupted while it was read");
    if (has_writer) ::close(writer);
  }
}

TEST_CASE("a file without end is read until it is told to stop") {
  int pieces = 0;
  const auto [kind, text] = failure([&] { (void)read_text("/dev/zero", [&] { return ++pieces > 20; }); });
  CHECK(kind == ErrorKind::work);
  CHECK_THAT(text, Catch::Contains("interrupted"));
}

}  // namespace trm::io_input_file_test
