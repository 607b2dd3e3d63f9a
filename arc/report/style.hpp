#pragma once

#include <string_view>

namespace trm::arc {

// The page's style sheet. Every text has a contrast of 4.5 at least against its ground, in light and in dark.
extern const std::string_view report_style;

}  // namespace trm::arc
