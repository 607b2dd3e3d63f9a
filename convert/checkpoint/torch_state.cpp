#include "convert/checkpoint/torch_state.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/error.hpp"
#include "convert/checkpoint/pickled_config.hpp"
#include "io/text.hpp"

namespace trm {
namespace {

using pickle::Kind;
using pickle::Ref;
using pickle::Value;

// Bounds of a walk over values that refer to one another: without them it can be exponential in the size of the file.
constexpr std::size_t max_visits = std::size_t{4} << 20;
constexpr std::size_t max_tensors = 100'000;
constexpr std::size_t max_notes = 1000;
constexpr std::size_t max_depth = 200;
constexpr std::size_t max_path = 1024;
constexpr std::size_t max_rank = 64;

std::string dotted(const Value& global) {
  constexpr std::size_t longest = 80;
  return printable(global.module.substr(0, longest)) + "." + printable(global.text.substr(0, longest));
}

// Functions that act on the machine when called.
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
constexpr std::array<StorageType, 8> untyped_types = {{{"uint16", ElementType::u16},
                                                       {"uint32", ElementType::u32},
                                                       {"uint64", ElementType::u64},
                                                       {"float8_e4m3fn", ElementType::f8_e4m3fn},
                                                       {"float8_e5m2", ElementType::f8_e5m2},
                                                       {"float8_e4m3fnuz", ElementType::f8_e4m3fnuz},
                                                       {"float8_e5m2fnuz", ElementType::f8_e5m2fnuz},
                                                       {"float8_e8m0fnu", ElementType::f8_e8m0fnu}}};

// Element types that are not read, under torch's names.
struct UnreadType {
  std::string_view storage;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<UnreadType, 7> unread_types = {{{"ComplexFloatStorage", "complex64", 8},
                                                     {"ComplexDoubleStorage", "complex128", 16},
                                                     {"QInt8Storage", "qint8", 1},
                                                     {"QUInt8Storage", "quint8", 1},
                                                     {"QInt32Storage", "qint32", 4},
                                                     {"QUInt4x2Storage", "quint4x2", 1},
                                                     {"QUInt2x4Storage", "quint2x4", 1}}};

std::string type_text(const Value& type) {
  const auto found = std::ranges::find(unread_types, type.text, &UnreadType::storage);
  return "type " + (found == unread_types.end() ? printable(type.text.substr(0, 80)) : std::string(found->name));
}

// Tensors that torch restores by other functions than the dense ones.
std::string layout_text(std::string_view function) {
  const auto has = [&](std::string_view part) { return function.find(part) != std::string_view::npos; };
  if (has("sparse")) return "sparse layout";
  if (has("qtensor")) return "a quantized type";
  if (has("meta")) return "device meta, without values";
  if (has("nested")) return "nested layout";
  return "the kind that " + printable(function.substr(0, 80)) + " makes";
}

std::optional<ElementType> find_type(std::span<const StorageType> types, std::string_view name) {
  const auto found = std::ranges::find(types, name, &StorageType::name);
  return found == types.end() ? std::nullopt : std::optional(found->type);
}

// A dictionary key that is not a text, as it appears in a path.
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
    const bool any = std::ranges::any_of(state_.skipped, &SkippedItem::tensor);
    if (state_.tensors.empty() && !any) refuse_without_tensors();
    state_.configuration = find_configuration(document_);
    return std::move(state_);
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& remedy) const {
    throw input_error(name_, "data.pkl" + (path_.empty() ? "" : " " + printable(path_)), what, remedy);
  }
  [[noreturn]] void fail_damaged(const std::string& what) const { fail(what, "the file is damaged: copy it again"); }

  [[noreturn]] void fail_key() const { fail("a key is longer than any tensor's name", "save the state dict alone"); }

  [[noreturn]] void refuse_without_tensors() const {
    const std::string holds =
        state_.skipped.empty() ? "no tensor in it" : "no tensor in it, only " + to_string(state_.skipped.front());
    throw input_error(name_, "data.pkl", holds, "save the weights with torch.save(model.state_dict(), ...)");
  }

  void visit(Ref ref, std::size_t depth);
  void visit_children(const Value& value, std::size_t depth);
  void visit_child(const std::string& key, Ref child, std::size_t depth);
  void visit_object(const Value& object, std::size_t depth);
  void skip(const std::string& what, bool tensor = false);
  void skip_tensor(const std::string& of) { skip("a tensor of " + of, true); }

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

void Walk::skip(const std::string& what, bool tensor) {
  if (state_.skipped.size() < max_notes) state_.skipped.push_back({.key = path_, .what = what, .tensor = tensor});
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
    return skip_tensor(layout_text(function.text));
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
  if (!type) return skip_tensor(type_text(type_name));
  if (state_.tensors.size() == max_tensors) fail("it holds too many tensors", "save the state dict alone");
  state_.tensors.push_back(
      {path_, *type, integers(parts[2]), integers(parts[3]), offset.integer, storage_index(key.text)});
}

}  // namespace

std::optional<std::size_t> storage_element_size(std::string_view type_name) {
  if (const auto type = find_type(storage_types, type_name)) return element_size(*type);
  if (type_name == "UntypedStorage") return 1;
  const auto unread = std::ranges::find(unread_types, type_name, &UnreadType::storage);
  return unread == unread_types.end() ? std::nullopt : std::optional(unread->bytes);
}

TorchState list_tensors(const pickle::Document& document, const std::string& name) {
  refuse_dangerous(document, name);
  return Walk(document, name).run();
}

}  // namespace trm
