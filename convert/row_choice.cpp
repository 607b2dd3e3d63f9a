#include "convert/row_choice.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/error.hpp"
#include "io/json.hpp"
#include "io/text.hpp"
#include "models/puzzle_name.hpp"

namespace trm {
namespace {

std::string trimmed(const std::string& text) {
  constexpr const char* blank = " \t\r\n";
  const auto begin = text.find_first_not_of(blank);
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

// The first few items that no row had, and how many more there are.
template <class Map>
std::string unseen(const Map& map) {
  constexpr std::int64_t shown = 5;
  std::int64_t count = 0;
  std::ostringstream list;
  for (const auto& [item, seen] : map) {
    if (seen) continue;
    if (count < shown) list << (count > 0 ? ", " : "") << item;
    ++count;
  }
  if (count > shown) list << " and " << count - shown << " more";
  return list.str();
}

}  // namespace

std::string RowChoice::unseen_names() const {
  return unseen(names_);
}

RowChoice RowChoice::parse(const std::string& text, std::int64_t rows) {
  RowChoice choice;
  choice.text_ = text;
  choice.all_ = text == "all";
  choice.none_ = text == "none";
  if (choice.all_ || choice.none_) return choice;
  if (text.starts_with('@')) {
    choice.add_file(text.substr(1), rows);
  } else {
    std::istringstream items(text);
    for (std::string item; std::getline(items, item, ',');) choice.add(trimmed(item), rows);
  }
  if (choice.ids_.empty() && !choice.needs_names()) {
    throw Error(ErrorKind::usage, {.file = {},
                                   .place = text,
                                   .what = "names no row",
                                   .remedy = "'none' keeps none on purpose",
                                   .settings = {"ids"}});
  }
  return choice;
}

void RowChoice::add(std::string item, std::int64_t rows) {
  if (item.empty()) return;
  std::int64_t id = 0;
  const auto [end, failure] = std::from_chars(item.data(), item.data() + item.size(), id);
  const bool number = failure == std::errc() && end == item.data() + item.size();
  const bool canonical = number && (item == "0" || (item.front() != '0' && item.front() != '-'));
  if (canonical && id < rows) {
    ids_.emplace(id, false);
  } else {
    names_.emplace(std::move(item), false);
  }
}

void RowChoice::add_file(const std::string& file, std::int64_t rows) {
  const std::string text = read_small_file(file, std::uint64_t{64} << 20);
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && text[first] == '{') {
    for_each_key(file, [&](const std::string& task) { tasks_.emplace(task, false); });
  } else if (first != std::string::npos && text[first] == '[') {
    for_each_string(file, [&](std::int64_t, const std::string& name) { names_.emplace(name, false); });
  } else {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) add(trimmed(line), rows);
  }
}

bool RowChoice::keeps(std::int64_t id, const std::string& name) {
  if (all_ || none_) return all_;
  bool kept = false;
  const auto look_up = [&](auto& map, const auto& item) {
    const auto found = map.find(item);
    if (found == map.end()) return;
    found->second = true;
    kept = true;
  };
  look_up(ids_, id);
  look_up(names_, name);
  if (tasks_.contains(name)) {  // a task of its own, even if its name looks like an augmentation of another
    look_up(tasks_, name);
  } else if (!tasks_.empty()) {
    look_up(tasks_, std::string(plain_name(name)));
  }
  return kept;
}

void RowChoice::check_complete() const {
  const auto refuse = [&](const std::string& what) {
    throw Error(
        ErrorKind::usage,
        {.file = {}, .place = text_, .what = "the id table has no row for " + what, .remedy = {}, .settings = {"ids"}});
  };
  if (const auto ids = unseen(ids_); !ids.empty()) refuse("id " + ids);
  if (const auto names = unseen(names_); !names.empty()) refuse(names);
  if (!tasks_.empty() && unknown_tasks() == static_cast<std::int64_t>(tasks_.size())) refuse("any task of the file");
}

std::int64_t RowChoice::unknown_tasks() const {
  return std::count_if(tasks_.begin(), tasks_.end(), [](const auto& task) { return !task.second; });
}

}  // namespace trm
