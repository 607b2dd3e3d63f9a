#pragma once
// Delimiter-separated values (RFC 4180, with any delimiter): quoted fields, doubled quotes, line ends inside quotes.

#include <string>
#include <vector>

#include "io/line_source.hpp"

namespace trm {

// The fields of the record that begins with `line`, the line that `source` gave last. While a quote is open at a line's
// end, the record goes on in the next line of `source`. Throws Error(input) with the place of a quote that is never
// closed or that stands where none may, and for a record of more than 1 MiB.
void split_record(std::string line, char delimiter, LineSource& source, std::vector<std::string>& fields);

}  // namespace trm
