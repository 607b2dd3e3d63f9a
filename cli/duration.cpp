#include "cli/duration.hpp"

#include <charconv>
#include <string_view>

#include "base/error.hpp"

namespace trm {
namespace {

double unit_seconds(char unit) {
  switch (unit) {
    case 'd':
      return 86400;
    case 'h':
      return 3600;
    case 'm':
      return 60;
    case 's':
      return 1;
    default:
      return 0;
  }
}

}  // namespace

double parse_duration(const std::string& text) {
  double seconds = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    double number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const double unit = rest.empty() ? 1 : unit_seconds(rest.front());
    if (error != std::errc() || !(number >= 0) || unit == 0) {
      seconds = 0;
      break;
    }
    if (!rest.empty()) rest.remove_prefix(1);
    seconds += number * unit;
  }
  if (seconds > 0) return seconds;
  throw Error(ErrorKind::usage, "'" + text + "' is no length of time; give one such as 2h, 90m, 1h30m or 45s");
}

}  // namespace trm
