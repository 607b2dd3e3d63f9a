// Text that foreign files bring to a terminal.

#include "io/text.hpp"
#include "tests/catch.hpp"

#include <string>

namespace trm::io_text_test {
namespace {

TEST_CASE("what a person may read stays, what a terminal would obey is escaped") {
  CHECK(printable("m\xc3\xb6"
                  "del \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "m\xc3\xb6"
        "del \xe2\x82\xac \xf0\x9f\x98\x80");
  CHECK(printable("\x1b[2J\n\r\t") == "\\x1b[2J\\x0a\\x0d\\x09");
  CHECK(printable("\x7f") == "\\x7f");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\xc2\\x9b31m");  // C1: a control sequence in one character
  CHECK(printable(std::string(1, '\0')) == "\\x00");
}

TEST_CASE("bytes that are no UTF-8 are escaped, each alone") {
  CHECK(printable("m\xff.gguf") == "m\\xff.gguf");
  CHECK(printable("\xc3") == "\\xc3");
  CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");                    // overlong
  CHECK(printable("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");           // overlong
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
}

TEST_CASE("nothing that is printed is a control character, whatever the bytes") {
  std::string bytes;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) bytes += {static_cast<char>(a), static_cast<char>(b)};
  }
  for (const char c : printable(bytes)) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != '\x7f'));
}

}  // namespace
}  // namespace trm::io_text_test
