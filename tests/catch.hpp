#pragma once
// Catch2, of whichever major version is installed: 2 (Debian 12) is a single header, 3 (Debian 13) a library. Tests use
// the names that both have, and `Catch::Contains` and `Catch::Equals` for text, as version 2 calls them.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#include <string>

namespace Catch {
inline auto Contains(const std::string& part) {
  return Matchers::ContainsSubstring(part);
}
using Matchers::Equals;
}  // namespace Catch
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
