#include "arc/json_members.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <vector>

#include "runtime/error.hpp"

namespace trm::arc {
namespace {

using nlohmann::json;

constexpr int deepest = 16;  // a challenges file needs 6

// "line 3, column 14" of the byte at `offset`.
std::string line_and_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 == 0
  return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - line_start + 1);
}

// What the parser reports, without its own prefix and position.
std::string reason(const json::exception& error) {
  const std::string text = error.what();
  const std::size_t position = text.find("column ");
  const std::size_t end = position == std::string::npos ? text.find("] ") : text.find(": ", position);
  return end == std::string::npos ? text : text.substr(end + 2);
}

// Called by the parser at every event; decides what it keeps.
class Members {
 public:
  Members(const std::string& file, const std::function<void(const std::string&, const json&)>& visit)
      : file_(file), visit_(visit) {}

  bool operator()(int depth, json::parse_event_t event, const json& value) {
    using Event = json::parse_event_t;
    if (depth == 0 && event != Event::object_start && event != Event::object_end) {
      throw input_error(file_, "", "is no JSON object", "an object with one member a task is meant");
    }
    if (depth > deepest) throw input_error(file_, place(), "is nested too deeply", "check that it is the right file");
    const auto level = static_cast<std::size_t>(depth);
    if (event == Event::object_start) {
      if (keys_.size() <= level) keys_.resize(level + 1);
      keys_[level].clear();
    }
    if (event == Event::key) take_key(level, value.get_ref<const std::string&>());
    const bool complete = event == Event::value || event == Event::object_end || event == Event::array_end;
    if (depth != 1 || !complete) return true;
    visit_(member_, value);
    return false;  // what was visited need not stay in memory
  }

 private:
  // Level 1: keys of the outermost object.
  void take_key(std::size_t level, const std::string& key) {
    if (level == 1) member_ = key;
    if (keys_[level - 1].insert(key).second) return;
    throw input_error(file_, level == 1 ? "" : place(), (level == 1 ? "task '" : "'") + key + "' is there twice",
                      "remove one of them");
  }
  [[nodiscard]] std::string place() const { return "task '" + member_ + "'"; }

  const std::string& file_;
  const std::function<void(const std::string&, const json&)>& visit_;
  std::string member_;                                 // of the outermost object, under way
  std::vector<std::unordered_set<std::string>> keys_;  // of the objects that are open, from the outermost
};

}  // namespace

void for_each_member(std::string_view text, const std::string& file,
                     const std::function<void(const std::string& key, const json& value)>& visit) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Members members(file, visit);
  try {
    const json nothing_left = json::parse(
        text.begin(), text.end(),
        [&](int depth, json::parse_event_t event, const json& value) { return members(depth, event, value); });
  } catch (const json::parse_error& error) {
    throw input_error(file, line_and_column(text, std::max<std::size_t>(error.byte, 1) - 1), "is not JSON",
                      reason(error));
  } catch (const json::exception& error) {
    throw input_error(file, "", "is not JSON", reason(error));
  }
}

}  // namespace trm::arc
