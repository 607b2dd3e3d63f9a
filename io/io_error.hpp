#pragma once
// A failed system call as an Error, whose message is "FILE: WHAT; REMEDY".

#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace trm {

// `doing` says what failed ("cannot write"); `error_number` is errno right after the call.
[[nodiscard]] Error io_error(const std::filesystem::path& path, const std::string& doing, int error_number);

}  // namespace trm
