#include "convert/checkpoint/torch_state.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/error.hpp"

namespace trm {
namespace {

using pickle::Kind;
using pickle::Ref;
using pickle::Value;

// A walk over values that share one another can be exponential in the file's size: bounds.
constexpr std::size_t max_visits = std::size_t{4} << 20;
constexpr std::size_t max_tensors = 100'000;
constexpr std::size_t max_notes = 1000;
constexpr std::size_t max_depth = 200;
constexpr std::size_t max_path = 1024;
constexpr std::size_t max_rank = 64;

std::string printable(std::string_view text, std::size_t limit = 80) {
  std::string out(text.substr(0, limit));
  std::ranges::replace_if(
      out, [](char c) { return c < ' ' || c == '\x7f'; }, '?');
  return out;
}

std::string dotted(const Value& global) {
  return printable(global.module) + "." + printable(global.text);
}

// Things that act on the machine when called.
bool is_dangerous(const Value& global) {
  static constexpr std::array<std::string_view, 15> packages = {
      "os",  "posix",  "nt",        "subprocess", "sys",     "shutil",  "socket",    "pty",
      "imp", "ctypes", "importlib", "pickle",     "_pickle", "marshal", "webbrowser"};
  static constexpr std::array<std::string_view, 8> functions = {"eval",     "exec",       "compile", "open",
                                                                "execfile", "__import__", "input",   "breakpoint"};
  const std::string_view package = global.module.substr(0, global.module.find('.'));
  if (package == "builtins" || package == "__builtin__" || package == "io" || package == "_io") {
    return std::ranges::find(functions, global.text) != functions.end();
  }
  return std::ranges::find(packages, package) != packages.end();
}

void refuse_dangerous(const pickle::Document& document, const std::string& name) {
  for (const Value& value : document.values) {
    if (value.kind != Kind::global || !is_dangerous(value)) continue;
    throw input_error(name, "data.pkl",
                      "refuses to call " + dotted(value) + ", as its pickle asks; nothing was executed",
                      "do not load this file elsewhere, get the checkpoint from a source you trust");
  }
}

struct StorageType {
  std::string_view name;
  ElementType type;
};
constexpr std::array<StorageType, 10> storage_types = {{{"FloatStorage", ElementType::f32},
                                                        {"BFloat16Storage", ElementType::bf16},
                                                        {"HalfStorage", ElementType::f16},
                                                        {"DoubleStorage", ElementType::f64},
                                                        {"LongStorage", ElementType::i64},
                                                        {"IntStorage", ElementType::i32},
                                                        {"ShortStorage", ElementType::i16},
                                                        {"CharStorage", ElementType::i8},
                                                        {"ByteStorage", ElementType::u8},
                                                        {"BoolStorage", ElementType::boolean}}};

// The element types that torch stores without a type of their own and names beside the tensor.
constexpr std::array<StorageType, 3> untyped_types = {
    {{"uint16", ElementType::u16}, {"uint32", ElementType::u32}, {"uint64", ElementType::u64}}};

std::optional<ElementType> find_type(std::span<const StorageType> types, std::string_view name) {
  const auto found = std::ranges::find(types, name, &StorageType::name);
  return found == types.end() ? std::nullopt : std::optional(found->type);
}

// A dictionary key that is not a text, as a part of a path.
std::string key_text(const Value& key) {
  switch (key.kind) {
    case Kind::integer:
      return std::to_string(key.integer);
    case Kind::boolean:
      return key.integer != 0 ? "True" : "False";
    case Kind::none:
      return "None";
    default:
      return "<key>";
  }
}

class Walk {
 public:
  Walk(const pickle::Document& document, const std::string& name) : document_(document), name_(name) {}

  TorchState run() {
    on_path_.resize(document_.values.size(), false);
    visit(document_.root, 0);
    if (state_.tensors.empty()) refuse_without_tensors();
    return std::move(state_);
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& remedy) const {
    throw input_error(name_, "data.pkl" + (path_.empty() ? "" : " " + printable(path_, max_path)), what, remedy);
  }
  [[noreturn]] void fail_damaged(const std::string& what) const { fail(what, "the file is damaged: copy it again"); }

  [[noreturn]] void fail_key() const { fail("a key is longer than any tensor's name", "save the state dict alone"); }

  [[noreturn]] void refuse_without_tensors() const {
    const std::string holds =
        state_.skipped.empty() ? "no tensor in it" : "no tensor in it, only " + state_.skipped.front();
    throw input_error(name_, "data.pkl", holds, "save the weights with torch.save(model.state_dict(), ...)");
  }

  void visit(Ref ref, std::size_t depth);
  void visit_children(const Value& value, std::size_t depth);
  void visit_child(const std::string& key, Ref child, std::size_t depth);
  void visit_object(const Value& object, std::size_t depth);
  void skip(const std::string& what);

  [[nodiscard]] const Value* global_of(const Value& object) const;

  // The arguments of a call, at least `count` of them.
  [[nodiscard]] std::span<const Ref> arguments(Ref tuple, std::size_t count) const;
  [[nodiscard]] std::vector<std::int64_t> integers(Ref tuple) const;
  void add_tensor(const Value& function, Ref tuple);
  std::size_t storage_index(std::string_view key);

  const pickle::Document& document_;
  const std::string& name_;
  TorchState state_;
  std::unordered_map<std::string_view, std::size_t> storage_by_key_;
  std::string path_;
  std::vector<bool> on_path_;
  std::size_t visits_ = 0;
};

void Walk::skip(const std::string& what) {
  if (state_.skipped.size() < max_notes) {
    state_.skipped.push_back((path_.empty() ? "" : printable(path_, max_path) + ": ") + what);
  }
}

void Walk::visit(Ref ref, std::size_t depth) {
  const Value& value = document_[ref];
  visits_ += 1 + value.items.size();
  if (visits_ > max_visits) fail("it holds too many values", "save the state dict without the other objects beside it");
  if (depth > max_depth) fail("it is nested too deeply", "save the state dict without the other objects beside it");
  if (on_path_[ref]) return;  // a container within itself
  on_path_[ref] = true;
  switch (value.kind) {
    case Kind::dictionary:
    case Kind::list:
    case Kind::tuple:
      visit_children(value, depth);
      break;
    case Kind::object:
      visit_object(value, depth);
      break;
    case Kind::persistent:
      skip("a bare storage");
      break;
    default:
      break;
  }
  on_path_[ref] = false;
}

void Walk::visit_child(const std::string& key, Ref child, std::size_t depth) {
  const std::size_t length = path_.size();
  if (length + 1 + key.size() > max_path) fail_key();
  path_ += (length == 0 ? "" : ".") + key;
  visit(child, depth + 1);
  path_.resize(length);
}

void Walk::visit_children(const Value& value, std::size_t depth) {
  if (value.kind == Kind::list || value.kind == Kind::tuple) {
    for (std::size_t i = 0; i < value.items.size(); ++i) visit_child(std::to_string(i), value.items[i], depth);
    return;
  }
  // A key that is set twice keeps its place and its last value, as in Python.
  std::unordered_map<std::string_view, std::size_t> last;
  for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
    const Value& key = document_[value.items[i]];
    if (key.kind != Kind::text) continue;
    if (key.text.size() > max_path) fail_key();
    last[key.text] = i + 1;
  }
  for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
    const Value& key = document_[value.items[i]];
    if (key.kind != Kind::text) {
      visit_child(key_text(key), value.items[i + 1], depth);
    } else if (const auto found = last.find(key.text); found != last.end()) {
      visit_child(std::string(key.text), value.items[found->second], depth);
      last.erase(found);
    }
  }
}

const Value* Walk::global_of(const Value& object) const {
  const Value& callable = document_[object.callable];
  return callable.kind == Kind::global ? &callable : nullptr;
}

std::span<const Ref> Walk::arguments(Ref tuple, std::size_t count) const {
  const Value& value = document_[tuple];
  if (value.kind != Kind::tuple || value.items.size() < count)
    fail_damaged("a tensor's arguments are not what torch writes");
  return value.items;
}

void Walk::visit_object(const Value& object, std::size_t depth) {
  const Value* function = global_of(object);
  if (function == nullptr) return skip("an object of an unnamed class");
  const std::string name = dotted(*function);
  if (name == "collections.OrderedDict" || name == "collections.defaultdict") return visit_children(object, depth);
  if (name == "torch._utils._rebuild_parameter" || name == "torch._utils._rebuild_parameter_with_state") {
    const Value& data = document_[arguments(object.arguments, 1)[0]];
    const Value* inner = data.kind == Kind::object ? global_of(data) : nullptr;
    if (inner == nullptr) return skip("a parameter without data");
    return add_tensor(*inner, data.arguments);
  }
  if (name == "torch._tensor._rebuild_from_type_v2") {  // a subclass of Tensor: (function, class, arguments, state)
    const auto parts = arguments(object.arguments, 3);
    if (document_[parts[0]].kind != Kind::global) fail_damaged("a tensor's arguments are not what torch writes");
    return add_tensor(document_[parts[0]], parts[2]);
  }
  if (function->module == "torch._utils" && function->text.starts_with("_rebuild_")) {
    return add_tensor(*function, object.arguments);
  }
  skip("an object of " + name);
}

std::vector<std::int64_t> Walk::integers(Ref tuple) const {
  const Value& value = document_[tuple];
  if (value.kind != Kind::tuple || value.items.size() > max_rank) fail_damaged("a tensor's shape is not a short tuple");
  std::vector<std::int64_t> numbers;
  for (const Ref item : value.items) {
    if (document_[item].kind != Kind::integer) fail_damaged("a tensor's shape is not made of integers");
    numbers.push_back(document_[item].integer);
  }
  return numbers;
}

std::size_t Walk::storage_index(std::string_view key) {
  const auto [found, is_new] = storage_by_key_.emplace(key, state_.storage_keys.size());
  if (is_new) state_.storage_keys.emplace_back(key);
  return found->second;
}

// `_rebuild_tensor_v2(storage, offset, size, stride, ...)`; v3 adds the element type as the seventh argument.
void Walk::add_tensor(const Value& function, Ref tuple) {
  const std::string name = dotted(function);
  const bool untyped = name == "torch._utils._rebuild_tensor_v3";
  if (!untyped && name != "torch._utils._rebuild_tensor_v2" && name != "torch._utils._rebuild_tensor") {
    return skip("a tensor made by " + name);
  }
  const auto parts = arguments(tuple, untyped ? 7 : 4);
  const Value& storage = document_[parts[0]];
  if (storage.kind != Kind::persistent) fail_damaged("a tensor's first argument is not a storage");
  const auto id = arguments(storage.arguments, 5);  // ("storage", type, key, location, elements)
  const Value& type_name = document_[untyped ? parts[6] : id[1]];
  const Value& key = document_[id[2]];
  const Value& offset = document_[parts[1]];
  if (document_[id[0]].text != "storage" || type_name.kind != Kind::global || key.kind != Kind::text ||
      offset.kind != Kind::integer) {
    fail_damaged("a tensor's storage is not what torch writes");
  }
  const auto type = untyped ? find_type(untyped_types, type_name.text) : find_type(storage_types, type_name.text);
  if (!type) return skip("a tensor of " + dotted(type_name));
  if (state_.tensors.size() == max_tensors) fail("it holds too many tensors", "save the state dict alone");
  state_.tensors.push_back(
      {path_, *type, integers(parts[2]), integers(parts[3]), offset.integer, storage_index(key.text)});
}

}  // namespace

TorchState list_tensors(const pickle::Document& document, const std::string& name) {
  refuse_dangerous(document, name);
  return Walk(document, name).run();
}

}  // namespace trm
