#include "convert/json_names.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "convert/byte_source.hpp"
#include "runtime/error.hpp"

namespace trm {
namespace {

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
