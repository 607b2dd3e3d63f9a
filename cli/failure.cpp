#include "cli/failure.hpp"

#include <algorithm>
#include <utility>

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
  ErrorParts parts = error.parts();
  std::string options;
  for (const auto setting : parts.settings) options += (options.empty() ? "" : ", ") + option_of(setting);
  if (options.empty()) return to_text(parts);
  if (error.kind() == ErrorKind::usage && parts.file.empty() && parts.settings.size() == 1) {  // its value is wrong
    if (!parts.place.empty()) options += ' ' + parts.place;
    parts.place = options;
  } else {
    if (!parts.remedy.empty()) parts.remedy += ' ';
    parts.remedy += '(' + options + ')';
  }
  return to_text(parts);
}

}  // namespace trm
