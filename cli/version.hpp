#pragma once

#include <string>

namespace trm {

// "0.2.0".
[[nodiscard]] std::string version_number();
// Of the program: version, commit, compiler, and the kernel sets that it holds and that this CPU can run.
[[nodiscard]] std::string version_text();

}  // namespace trm
