#pragma once
// The message of the Error that a call throws; the test fails when it throws none.

#include <string>

#include "base/error.hpp"
#include "tests/catch.hpp"

namespace trm {

template <class Call>
std::string error_text(const Call& call, ErrorKind kind = ErrorKind::input) {
  try {
    call();
  } catch (const Error& error) {
    CHECK(error.kind() == kind);
    const std::string text = error.what();
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  FAIL("no error was thrown");
  return "";
}

}  // namespace trm
