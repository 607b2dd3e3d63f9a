#include "cli/study/line_plot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cli/numbers.hpp"

namespace trm {
namespace {

// Pixels.
constexpr double width = 640, height = 400;
constexpr double left = 64, right = 150, top = 44, bottom = 52;
constexpr double shift = 7;  // between the points of two lines at one x, so that no error bar covers another
constexpr std::size_t colours = 6;

// The page's colours in light and in dark. Those of the lines, l0 to l5, are such that people who see few colours tell
// them apart (Okabe and Ito), darker on white and lighter on black for a contrast of 3 at least.
constexpr const char* style = R"(<style>
svg { font: 12px sans-serif; fill: #222 } .paper { fill: #fff } .axis { stroke: #444 } .grid { stroke: #ddd }
.l0 { --c: #0072b2 } .l1 { --c: #c04f00 } .l2 { --c: #00805d } .l3 { --c: #b0558a } .l4 { --c: #2a7fb8 } .l5 { --c: #8f6a00 }
path { fill: none } .l0, .l1, .l2, .l3, .l4, .l5 { stroke: var(--c) } circle { fill: var(--c) }
@media (prefers-color-scheme: dark) {
  svg { fill: #e4e4e4 } .paper { fill: #181818 } .axis { stroke: #bbb } .grid { stroke: #3d3d3d }
  .l0 { --c: #4aa8e0 } .l1 { --c: #f08040 } .l2 { --c: #2fc49a } .l3 { --c: #e09cc4 } .l4 { --c: #8cd0f5 } .l5 { --c: #f0c040 }
}
</style>
)";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string number(double value) {
  return fixed(value, 1);
}

// A whole number without its ".00", any other with as many digits as it needs.
std::string label(double value) {
  std::string text = fixed(value, 3);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string text(double x, double y, const std::string& anchor, const std::string& content,
                 const std::string& more = {}) {
  return "<text x='" + number(x) + "' y='" + number(y) + "' text-anchor='" + anchor + "'" + more + ">" +
         escaped(content) + "</text>\n";
}

std::string stroke(double x1, double y1, double x2, double y2, const std::string& attributes) {
  return "<path d='M" + number(x1) + " " + number(y1) + "L" + number(x2) + " " + number(y2) + "' " + attributes +
         "/>\n";
}

// From values to pixels.
struct Frame {
  bool logarithmic;
  double x_low = std::numeric_limits<double>::infinity(), x_high = -x_low;
  double y_low = 1, y_high = 0, y_tick = 0;

  explicit Frame(const LinePlot& plot) : logarithmic(plot.logarithmic) {
    for (const PlotLine& line : plot.lines) {
      for (const PlotPoint& point : line.points) {
        x_low = std::min(x_low, scaled(point.x));
        x_high = std::max(x_high, scaled(point.x));
        y_low = std::min({y_low, point.low, point.share});
        y_high = std::max({y_high, point.high, point.share});
      }
    }
    if (!(x_low < x_high)) x_low -= 0.5, x_high = x_low + 1;
    // Whole ticks around all intervals.
    const double range = y_high - y_low;
    y_tick = range > 0.4 ? 0.2 : range > 0.2 ? 0.1 : range > 0.08 ? 0.05 : 0.01;
    y_low = std::max(0.0, std::floor(y_low / y_tick) * y_tick);
    y_high = std::min(1.0, std::ceil(y_high / y_tick) * y_tick);
    if (!(y_low < y_high)) y_low = 0, y_high = 1, y_tick = 0.2;
  }

  [[nodiscard]] double scaled(double x) const { return logarithmic ? std::log2(x) : x; }
  [[nodiscard]] double x(double value) const {
    constexpr double margin = 12;
    return left + margin + (scaled(value) - x_low) / (x_high - x_low) * (width - left - right - 2 * margin);
  }
  [[nodiscard]] double y(double share) const {
    return height - bottom - (share - y_low) / (y_high - y_low) * (height - top - bottom);
  }
};

std::string axes(const LinePlot& plot, const Frame& frame) {
  std::string svg;
  const auto ticks = static_cast<int>(std::lround((frame.y_high - frame.y_low) / frame.y_tick));
  for (int i = 0; i <= ticks; ++i) {
    const double y = frame.y_low + i * frame.y_tick;
    svg += stroke(left, frame.y(y), width - right, frame.y(y), "class='grid'");
    svg += text(left - 8, frame.y(y) + 4, "end", label(100 * y) + " %");
  }
  // The x of the first line, as many as have room.
  double last = -std::numeric_limits<double>::infinity();
  for (const PlotPoint& point : plot.lines.front().points) {
    const double place = point.x;
    if (frame.x(place) - last < 30) continue;
    last = frame.x(place);
    const auto index = static_cast<std::size_t>(place);
    svg += stroke(last, height - bottom, last, height - bottom + 5, "class='axis'");
    svg += text(last, height - bottom + 20, "middle", plot.names.empty() ? label(place) : plot.names.at(index));
  }
  svg += stroke(left, height - bottom, width - right, height - bottom, "class='axis'");
  svg += text((left + width - right) / 2, height - 12, "middle", plot.x_label);
  const double middle = (top + height - bottom) / 2;
  svg += text(16, middle, "middle", plot.y_label, " transform='rotate(-90 16 " + number(middle) + ")'");
  return svg;
}

std::string drawn(const PlotLine& line, const Frame& frame, const std::string& line_class, double moved) {
  std::string path;
  std::string marks;
  for (const PlotPoint& point : line.points) {
    const double x = frame.x(point.x) + moved;
    path += (path.empty() ? "M" : "L") + number(x) + " " + number(frame.y(point.share));
    marks += stroke(x, frame.y(point.low), x, frame.y(point.high), line_class);
    for (const double end : {point.low, point.high})
      marks += stroke(x - 3, frame.y(end), x + 3, frame.y(end), line_class);
    marks += "<circle cx='" + number(x) + "' cy='" + number(frame.y(point.share)) + "' r='3' " + line_class + "/>\n";
  }
  return "<path d='" + path + "' stroke-width='2' " + line_class + "/>\n" + marks;
}

}  // namespace

std::string to_svg(const LinePlot& plot) {
  const Frame frame(plot);
  const std::string size = "width='" + label(width) + "' height='" + label(height) + "'";
  std::string svg = "<svg xmlns='http://www.w3.org/2000/svg' " + size + " viewBox='0 0 " + label(width) + " " +
                    label(height) + "'>\n" + style + "<rect " + size + " class='paper'/>\n" +
                    text(left, 24, "start", plot.title, " style='font-size:15px;font-weight:bold'") + axes(plot, frame);
  for (std::size_t i = 0; i < plot.lines.size(); ++i) {
    const std::string line_class = "class='l" + std::to_string(i % colours) + "'";
    const double y = top + 12 + 20 * static_cast<double>(i);
    svg += drawn(plot.lines[i], frame, line_class,
                 shift * (static_cast<double>(i) - static_cast<double>(plot.lines.size() - 1) / 2));
    svg += stroke(width - right + 10, y - 4, width - right + 28, y - 4, "stroke-width='2' " + line_class);
    svg += text(width - right + 34, y, "start", plot.lines[i].name);
  }
  return svg + "</svg>\n";
}

}  // namespace trm
