#include "convert/checkpoint/pickled_config.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <string>

#include "io/text.hpp"

namespace trm {
namespace {

using pickle::Kind;
using pickle::no_ref;
using pickle::Ref;
using pickle::Value;

constexpr std::size_t max_config_depth = 16;
constexpr std::size_t max_config_text = std::size_t{1} << 20;

// Null: `key` is not among a dictionary's keys.
const Value* find_value(const pickle::Document& document, const Value& dictionary, std::string_view key) {
  const Value* found = nullptr;
  for (std::size_t i = 0; i + 1 < dictionary.items.size(); i += 2) {
    const Value& candidate = document[dictionary.items[i]];
    if (candidate.kind == Kind::text && candidate.text == key) found = &document[dictionary.items[i + 1]];
  }
  return found;
}

// The dictionary of an object's attributes; null for an object without any.
const Value* attributes(const pickle::Document& document, const Value& object) {
  if (object.state == no_ref) return nullptr;
  const Value* state = &document[object.state];
  if (state->kind == Kind::tuple && !state->items.empty()) state = &document[state->items[0]];  // with __slots__ beside
  return state->kind == Kind::dictionary ? state : nullptr;
}

// Writes values as JSON, which is YAML too.
class ConfigWriter {
 public:
  explicit ConfigWriter(const pickle::Document& document) : document_(document) {}

  void write(const Value& value, std::size_t depth) {
    if (depth > max_config_depth || text_.size() > max_config_text) return put("null");
    switch (value.kind) {
      case Kind::boolean:
        return put(value.integer != 0 ? "true" : "false");
      case Kind::integer:
        return put(std::to_string(value.integer));
      case Kind::real:
        return write_real(std::bit_cast<double>(value.integer));
      case Kind::text:
      case Kind::global:  // a torch dtype, a class
        return write_text(value.text);
      case Kind::tuple:
      case Kind::list:
        return write_list(value, depth);
      case Kind::dictionary:
        return write_dictionary(value, depth);
      case Kind::object:
        return write_object(value, depth);
      default:
        return put("null");
    }
  }
  [[nodiscard]] std::string take() { return std::move(text_); }
  [[nodiscard]] bool complete() const { return text_.size() <= max_config_text; }

 private:
  void put(std::string_view text) { text_ += text; }

  void write_real(double number) {
    if (!std::isfinite(number)) return put("null");
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.17g", number);
    put(digits.data());
  }

  void write_text(std::string_view text) {
    put("\"");
    for (const char c : printable(text)) {
      if (c == '"' || c == '\\') put("\\");
      if (c >= 0 && c < ' ') {
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
        put(escape.data());
      } else {
        text_ += c;
      }
    }
    put("\"");
  }

  void write_list(const Value& value, std::size_t depth) {
    put("[");
    for (std::size_t i = 0; i < value.items.size() && complete(); ++i) {
      if (i > 0) put(", ");
      write(document_[value.items[i]], depth + 1);
    }
    put("]");
  }

  void write_dictionary(const Value& value, std::size_t depth) {
    put("{");
    bool first = true;
    for (std::size_t i = 0; i + 1 < value.items.size() && complete(); i += 2) {
      const Value& key = document_[value.items[i]];
      if (key.kind != Kind::text || find_value(document_, value, key.text) != &document_[value.items[i + 1]]) continue;
      if (!first) put(", ");
      first = false;
      write_text(key.text);
      put(": ");
      write(document_[value.items[i + 1]], depth + 1);
    }
    put("}");
  }

  void write_object(const Value& object, std::size_t depth) {
    if (const Value* state = attributes(document_, object)) {
      for (const char* inner : {"_content", "_val", "__dict__"}) {  // OmegaConf's nodes, pydantic's models
        if (const Value* content = find_value(document_, *state, inner)) return write(*content, depth + 1);
      }
      return write_dictionary(*state, depth);
    }
    if (!object.items.empty()) return write_dictionary(object, depth);  // OrderedDict
    const Value& arguments = document_[object.arguments];
    if (arguments.kind == Kind::tuple && arguments.items.size() == 1) {  // an enumeration's value, a path
      return write(document_[arguments.items[0]], depth + 1);
    }
    put("null");
  }

  const pickle::Document& document_;
  std::string text_;
};

}  // namespace

Checkpoint::Configuration find_configuration(const pickle::Document& document) {
  constexpr std::array keys = {"hyper_parameters", "config", "all_config",   "cfg",
                               "hparams",          "args",   "model_config", "arch"};
  for (const char* key : keys) {
    const Value* value = find_value(document, document.top(), key);
    if (value == nullptr || (value->kind != Kind::dictionary && value->kind != Kind::object)) continue;
    ConfigWriter writer(document);
    writer.write(*value, 0);
    const bool complete = writer.complete();
    std::string text = writer.take();
    if (complete && text.starts_with('{') && text != "{}") return {.key = key, .text = std::move(text)};
  }
  return {};
}

}  // namespace trm
