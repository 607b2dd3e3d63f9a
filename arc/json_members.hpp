#pragma once
// Files of the form {task: value, ...}, a member at a time and in the file's order. What JSON libraries let pass is
// refused: a key twice in one object, the earlier of which would be lost.

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace trm::arc {

// Throws Error(input) naming `file` and line and column of malformed JSON; and what `visit` throws.
void for_each_member(std::string_view text, const std::string& file,
                     const std::function<void(const std::string& key, const nlohmann::json& value)>& visit);

}  // namespace trm::arc
