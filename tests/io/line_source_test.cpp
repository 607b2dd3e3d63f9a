#include "io/line_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/catch.hpp"
#include "tests/puzzles/error_text.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::io_line_source_test {

using trm::error_text;
using trm::LineSource;
using trm::TemporaryDirectory;

namespace {

std::vector<std::string> lines_of(LineSource source) {
  std::vector<std::string> lines;
  std::string line;
  while (source.next(line)) {
    lines.push_back(line);
    CHECK(source.number() == lines.size());
  }
  return lines;
}

std::vector<std::string> lines_of(std::string_view text) {
  return lines_of(LineSource::text(text, "t"));
}

}  // namespace

TEST_CASE("lines end in any of the three ways") {
  using Lines = std::vector<std::string>;
  CHECK(lines_of("").empty());
  CHECK(lines_of("a") == Lines{"a"});
  CHECK(lines_of("a\n") == Lines{"a"});
  CHECK(lines_of("a\n\nb") == Lines{"a", "", "b"});
  CHECK(lines_of("a\r\n\r\nb\r\n") == Lines{"a", "", "b"});
  CHECK(lines_of("a\r\rb\r") == Lines{"a", "", "b"});
  CHECK(lines_of("\xEF\xBB\xBF"
                 "a\n\xEF\xBB\xBF") == Lines{"a", "\xEF\xBB\xBF"});
}

TEST_CASE("what is no text of lines is refused") {
  CHECK(error_text([] {
          (void)lines_of(
              std::string_view("\xFF\xFE"
                               "a\0\n\0",
                               6));
        }) == "t: is UTF-16; save it as UTF-8");
  const std::string endless(std::size_t{17} << 20, '1');
  CHECK(error_text([&] { (void)lines_of(endless); }).starts_with("t: line 1: has more than 16777216 bytes"));
  CHECK(error_text([] { (void)LineSource::open("/nowhere/x"); }, trm::ErrorKind::io).find("cannot open") !=
        std::string::npos);
  CHECK(error_text([] { (void)lines_of(LineSource::open("/")); }, trm::ErrorKind::io).starts_with("/: cannot read"));
}

TEST_CASE("a file gives the lines that its text has, whatever its chunks") {
  const TemporaryDirectory directory;
  std::string text;
  for (int i = 0; i < 30000; ++i) text += std::string(static_cast<std::size_t>(i % 37), 'x') + "\r\n";
  std::ofstream(directory.path() / "t") << text;
  CHECK(lines_of(LineSource::open((directory.path() / "t").string())) == lines_of(text));
}

TEST_CASE("a line is there when its end has come, and an interruption ends the wait for it") {
  const TemporaryDirectory directory;
  const std::string fifo = (directory.path() / "fifo").string();
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  bool interrupted = false;
  LineSource source = LineSource::open(fifo, [&] { return interrupted; });
  const int writer = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(writer >= 0);
  CHECK_FALSE(source.ready());
  REQUIRE(write(writer, "one\ntw", 6) == 6);
  CHECK(source.ready());
  std::string line;
  REQUIRE(source.next(line));
  CHECK(line == "one");
  REQUIRE(write(writer, "o\n", 2) == 2);
  REQUIRE(source.next(line));
  CHECK(line == "two");
  REQUIRE(write(writer, "thr", 3) == 3);
  interrupted = true;
  CHECK_FALSE(source.next(line));
  CHECK(source.interrupted());
  close(writer);
}

}  // namespace trm::io_line_source_test
