#pragma once
// Shares against a number, as an SVG picture: lines through points, each with its interval.

#include <string>
#include <vector>

namespace trm {

struct PlotPoint {
  double x = 0;
  double share = 0;  // of 1; shown in percent
  double low = 0;    // the interval's ends
  double high = 0;
};

struct PlotLine {
  std::string name;
  std::vector<PlotPoint> points;  // ascending x
};

struct LinePlot {
  std::string title;
  std::string x_label;
  std::string y_label;
  bool logarithmic = false;          // x, by powers of two; every x is 1 at least
  std::vector<std::string> names{};  // of x = 0, 1, ..., where x are no numbers but names
  std::vector<PlotLine> lines{};
};

[[nodiscard]] std::string to_svg(const LinePlot& plot);

}  // namespace trm
