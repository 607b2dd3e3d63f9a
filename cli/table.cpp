#include "cli/table.hpp"

#include <algorithm>

#include "cli/numbers.hpp"
#include "cli/shares.hpp"
#include "io/text.hpp"

namespace trm {

std::string table_text(const std::vector<TableRow>& rows) {
  std::vector<std::size_t> widths;
  for (const TableRow& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]).size());
  }
  std::string text;
  for (const TableRow& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text.append(widths[i] - characters(row[i]).size() + (i == 0 ? 1 : 2), ' ').append(row[i]);
    }
    text += '\n';
  }
  return text;
}

std::string share_text(double share, const Interval& interval, bool wide) {
  if (wide) return percent(share) + " (" + interval_text(interval) + ')';
  return fixed(100 * share, 1) + " % \u00b1 " + fixed(50 * (interval.high - interval.low), 1);
}

}  // namespace trm
