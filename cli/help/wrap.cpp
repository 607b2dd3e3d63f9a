#include "cli/help/wrap.hpp"

#include <algorithm>
#include <vector>

#include "io/text.hpp"

namespace trm {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin < text.size();) {
    begin = std::min(text.find_first_not_of(' ', begin), text.size());
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

// `broken` ends each line but the last.
std::string fill(std::string_view text, std::size_t width, std::size_t indent, std::size_t start,
                 std::string_view broken) {
  std::string filled;
  std::size_t at = start;
  bool first = true;  // in its line
  for (const std::string_view word : words_of(text)) {
    const std::size_t length = characters(word).size();
    if (!first && at + 1 + length + broken.size() > width) {
      filled.append(broken).append("\n").append(indent, ' ');
      at = indent;
      first = true;
    }
    if (!first) filled += ' ';
    filled += word;
    at += length + (first ? 0 : 1);
    first = false;
  }
  return filled;
}

std::string example(std::string_view line, std::size_t width) {
  if (characters(line).size() <= width) return std::string(line) + '\n';
  constexpr std::size_t hanging = 6;
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin > hanging) {  // the remark of the line before goes on
    return std::string(hanging, ' ') + wrapped(line.substr(begin), width, hanging, hanging) + '\n';
  }
  const std::size_t gap = std::min(line.find("  ", begin), line.size());
  const std::string_view remark = line.substr(std::min(line.find_first_not_of(' ', gap), line.size()));
  std::string text =
      std::string(begin, ' ') + fill(line.substr(begin, gap - begin), width, hanging, begin, " \\") + '\n';
  if (!remark.empty()) text += std::string(hanging, ' ') + wrapped(remark, width, hanging, hanging) + '\n';
  return text;
}

}  // namespace

std::string wrapped(std::string_view paragraph, std::size_t width, std::size_t indent, std::size_t start) {
  return fill(paragraph, width, indent, start, "");
}

std::string wrapped_notes(std::string_view notes, std::size_t width) {
  std::string text;
  std::string prose;
  const auto flush = [&] {
    if (!prose.empty()) text += wrapped(prose, width) + '\n';
    prose.clear();
  };
  for (const std::string_view line : split_lines(notes)) {
    if (!line.empty() && line.front() != ' ') {
      prose.append(prose.empty() ? "" : " ").append(line);
      if (line.back() == ':') flush();
      continue;
    }
    flush();
    text += line.empty() ? "\n" : example(line, width);
  }
  flush();
  return text;
}

}  // namespace trm
