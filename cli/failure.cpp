#include "cli/failure.hpp"

#include <algorithm>

namespace trm {
namespace {

// An option is called as the field of the options struct that it fills, but for the plural of what may be repeated.
std::string option_of(std::string_view setting) {
  if (setting == "overrides") return "--set";
  std::string name(setting);
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

}  // namespace

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::work:
      return exit_work;
    case ErrorKind::usage:
      return exit_usage;
    case ErrorKind::input:
      return exit_input;
    case ErrorKind::io:
      return exit_io;
  }
  return exit_work;
}

std::string message(const Error& error) {
  return to_text(with_settings(error, option_of));
}

}  // namespace trm
