#pragma once
// What the tests of the readers share.

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>

#include "base/error.hpp"

namespace trm {

inline std::filesystem::path test_data(const std::string& name) {
  return std::filesystem::path(TRM_TEST_DATA) / name;
}

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// The message of the Error(input) that `action` throws; otherwise a text that no test expects.
template <class Action>
std::string refusal(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::input ? error.what() : std::string("wrong kind: ") + error.what();
  }
  return "accepted";
}

}  // namespace trm
