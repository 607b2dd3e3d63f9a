#include "io/json.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <vector>

#include "base/error.hpp"
#include "io/byte_source.hpp"

namespace trm {
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

// The place of a number that no double holds: the library tells the number, but not where it stands.
std::string place_of_number(std::string_view text, std::string_view message) {
  const std::size_t begin = message.find('\'');
  const std::size_t end = message.rfind('\'');
  if (begin == std::string_view::npos || end <= begin + 1) return {};
  const std::size_t offset = text.find(message.substr(begin + 1, end - begin - 1));
  return offset == std::string_view::npos ? std::string() : line_and_column(text, offset);
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

// What the parser calls. Only strings and keys one level deep are passed on.
struct Events {
  using Json = nlohmann::json;

  std::function<void(const std::string&)> on_string;  // of the outermost array
  std::function<void(const std::string&)> on_key;     // of the outermost object
  std::string problem{};
  std::size_t depth = 0;
  bool outer_is_array = false;

  // Anything but a string, as an element of the outermost array or in the place of the whole.
  bool other() {
    if (depth > 1 || (depth == 1 && !outer_is_array)) return true;
    problem = outer_is_array ? "holds something other than strings" : "is a single value";
    return false;
  }
  bool open(bool array) {
    if (depth == 0) {
      outer_is_array = array;
      if (array != static_cast<bool>(on_string)) {
        problem = array ? "is an array, not an object" : "is an object, not an array";
        return false;
      }
    } else if (!other()) {
      return false;
    }
    ++depth;
    return true;
  }
  bool close() {
    --depth;
    return true;
  }

  bool null() { return other(); }
  bool boolean(bool /*value*/) { return other(); }
  bool number_integer(Json::number_integer_t /*value*/) { return other(); }
  bool number_unsigned(Json::number_unsigned_t /*value*/) { return other(); }
  bool number_float(Json::number_float_t /*value*/, const std::string& /*text*/) { return other(); }
  bool binary(Json::binary_t& /*value*/) { return other(); }
  bool string(std::string& text) {
    if (depth != 1 || !outer_is_array) return other();
    on_string(text);
    return true;
  }
  bool key(std::string& text) const {
    if (depth == 1) on_key(text);
    return true;
  }
  bool start_object(std::size_t /*size*/) { return open(false); }
  bool end_object() { return close(); }
  bool start_array(std::size_t /*size*/) { return open(true); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t position, const std::string& /*token*/, const nlohmann::detail::exception& /*error*/) {
    problem = "is not JSON from byte " + std::to_string(position) + " on";
    return false;
  }
};

void parse(const std::filesystem::path& file, Events& events) {
  (void)ByteSource::open(file);  // reports a missing file or a directory as every reader does
  std::ifstream stream(file, std::ios::binary);
  if (Events::Json::sax_parse(stream, &events)) return;
  throw input_error(file.string(), "", events.problem.empty() ? "is not JSON" : events.problem,
                    "check that it is the right file");
}

}  // namespace

json parse_json(std::string_view text, const std::string& file) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  // The parser is recursive only in freeing what it read.
  const auto bounded = [&](int depth, json::parse_event_t /*event*/, const json& /*value*/) {
    if (depth > deepest) throw input_error(file, "", "is nested too deeply", "check that it is the right file");
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), bounded);
  } catch (const json::parse_error& error) {
    throw input_error(file, line_and_column(text, std::max<std::size_t>(error.byte, 1) - 1), "is not JSON",
                      reason(error));
  } catch (const json::exception& error) {
    throw input_error(file, place_of_number(text, error.what()), "is not JSON", reason(error));
  }
}

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
    throw input_error(file, place_of_number(text, error.what()), "is not JSON", reason(error));
  }
}

void for_each_string(const std::filesystem::path& file,
                     const std::function<void(std::int64_t index, const std::string& text)>& visit) {
  std::int64_t index = 0;
  Events events{.on_string = [&](const std::string& text) { visit(index++, text); }, .on_key = {}};
  parse(file, events);
}

void for_each_key(const std::filesystem::path& file, const std::function<void(const std::string& key)>& visit) {
  Events events{.on_string = {}, .on_key = visit};
  parse(file, events);
}

}  // namespace trm
