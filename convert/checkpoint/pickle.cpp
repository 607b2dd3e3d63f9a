#include "convert/checkpoint/pickle.hpp"

#include <utility>

#include "base/error.hpp"

namespace trm::pickle {
namespace {

// The three values every pickle shares.
constexpr Ref ref_none = 0;
constexpr Ref ref_true = 1;
constexpr Ref ref_false = 2;

class Machine {
 public:
  Machine(std::span<const std::byte> bytes, const std::string& name)
      : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), name_(name) {
    add({.kind = Kind::none});
    add({.kind = Kind::boolean, .integer = 1});
    add({.kind = Kind::boolean, .integer = 0});
  }

  Document run() {
    for (;;) {
      const auto opcode = static_cast<unsigned char>(take(1)[0]);
      if (opcode == '.') break;
      if (!frame(opcode) && !number(opcode) && !text(opcode) && !container(opcode) && !stack(opcode) && !memo(opcode) &&
          !call(opcode)) {
        fail("opcode " + std::to_string(opcode) + " is not one of protocols 2 to 5");
      }
    }
    const Ref root = pop();
    return {std::move(values_), root, at_};
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw input_error(name_, "pickle byte " + std::to_string(at_), what, "it is damaged, or not a checkpoint");
  }

  // Bytes of the pickle.
  std::string_view take(std::uint64_t size) {
    if (size > text_.size() - at_) fail("it ends too early");
    const std::string_view taken = text_.substr(at_, size);
    at_ += size;
    return taken;
  }

  std::uint64_t unsigned_number(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view raw = take(size);
    for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{static_cast<unsigned char>(raw[i])} << (8 * i);
    return value;
  }

  std::string_view line() {
    const std::size_t end = text_.find('\n', at_);
    if (end == std::string_view::npos) fail("a line does not end");
    const std::string_view text = take(end - at_);
    at_ += 1;
    return text;
  }

  // Values and the stack.
  Ref add(Value value) {
    if (values_.size() >= max_values) fail("it creates more than " + std::to_string(max_values) + " values");
    values_.push_back(std::move(value));
    return static_cast<Ref>(values_.size() - 1);
  }

  void push(Ref ref) { stack_.push_back(ref); }
  void push(Value value) { push(add(std::move(value))); }

  [[nodiscard]] std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  Ref top() {
    if (stack_.size() <= floor()) fail("it takes a value from an empty stack");
    return stack_.back();
  }

  Ref pop() {
    const Ref ref = top();
    stack_.pop_back();
    return ref;
  }

  std::vector<Ref> pop_to_mark() {
    if (marks_.empty()) fail("a mark is missing");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Ref> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }

  std::vector<Ref> pop_items(std::size_t count) {
    std::vector<Ref> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    return items;
  }

  // The opcodes, by what they are about. Each returns false for an opcode of another kind.
  bool frame(unsigned opcode);
  bool number(unsigned opcode);
  bool text(unsigned opcode);
  bool container(unsigned opcode);
  bool stack(unsigned opcode);
  bool memo(unsigned opcode);
  bool call(unsigned opcode);

  void push_long(std::uint64_t size);
  void append(const std::vector<Ref>& items);
  void set_items(const std::vector<Ref>& items);
  void remember(std::uint64_t index);
  void recall(std::uint64_t index);

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::vector<Value> values_;
  std::vector<Ref> stack_;
  std::vector<std::size_t> marks_;  // stack sizes
  std::vector<Ref> memo_;
};

bool Machine::frame(unsigned opcode) {
  switch (opcode) {
    case 0x80:  // PROTO
      if (const std::uint64_t protocol = unsigned_number(1); protocol < 2 || protocol > 5) {
        fail("protocol " + std::to_string(protocol) + " is not read, only 2 to 5");
      }
      return true;
    case 0x95:  // FRAME: only a hint how much to read at once
      unsigned_number(8);
      return true;
    default:
      return false;
  }
}

void Machine::push_long(std::uint64_t size) {
  if (size > 8) {
    take(size);
    return push(Value{.kind = Kind::other});
  }
  std::uint64_t value = unsigned_number(size);
  const auto bits = static_cast<unsigned>(8 * size);
  if (bits > 0 && bits < 64 && (value >> (bits - 1)) != 0) value |= ~std::uint64_t{0} << bits;  // two's complement
  push(Value{.kind = Kind::integer, .integer = static_cast<std::int64_t>(value)});
}

bool Machine::number(unsigned opcode) {
  switch (opcode) {
    case 'N':
      push(ref_none);
      return true;
    case 0x88:
      push(ref_true);
      return true;
    case 0x89:
      push(ref_false);
      return true;
    case 'K':
      push(Value{.kind = Kind::integer, .integer = static_cast<std::int64_t>(unsigned_number(1))});
      return true;
    case 'M':
      push(Value{.kind = Kind::integer, .integer = static_cast<std::int64_t>(unsigned_number(2))});
      return true;
    case 'J':
      push_long(4);
      return true;  // BININT is signed
    case 0x8a:
      push_long(unsigned_number(1));
      return true;  // LONG1
    case 0x8b:
      push_long(unsigned_number(4));
      return true;  // LONG4
    case 'G': {     // BINFLOAT, big-endian
      std::uint64_t bits = 0;
      for (const char byte : take(8)) bits = bits << 8 | static_cast<unsigned char>(byte);
      push(Value{.kind = Kind::real, .integer = static_cast<std::int64_t>(bits)});
      return true;
    }
    default:
      return false;
  }
}

bool Machine::text(unsigned opcode) {
  const auto push_text = [&](Kind kind, std::size_t length_bytes) {
    const std::uint64_t size = unsigned_number(length_bytes);
    push(Value{.kind = kind, .text = take(size)});
    return true;
  };
  switch (opcode) {
    case 0x8c:  // SHORT_BINUNICODE
    case 'U':   // SHORT_BINSTRING, Python 2's str
      return push_text(Kind::text, 1);
    case 'X':  // BINUNICODE
    case 'T':  // BINSTRING
      return push_text(Kind::text, 4);
    case 0x8d:  // BINUNICODE8
      return push_text(Kind::text, 8);
    case 'C':  // SHORT_BINBYTES
      return push_text(Kind::bytes, 1);
    case 'B':  // BINBYTES
      return push_text(Kind::bytes, 4);
    case 0x8e:  // BINBYTES8
    case 0x96:  // BYTEARRAY8
      return push_text(Kind::bytes, 8);
    default:
      return false;
  }
}

void Machine::append(const std::vector<Ref>& items) {
  Value& target = values_[top()];
  if (target.kind == Kind::list) {
    target.items.insert(target.items.end(), items.begin(), items.end());
  } else if (target.kind != Kind::object) {  // an unknown class may be a list of its own: its elements are dropped
    fail("it appends to something that is not a list");
  }
}

void Machine::set_items(const std::vector<Ref>& items) {
  Value& target = values_[top()];
  if (items.size() % 2 != 0) fail("a dictionary key has no value");
  if (target.kind != Kind::dictionary && target.kind != Kind::object) {
    fail("it sets an item of something that is not a dictionary");
  }
  target.items.insert(target.items.end(), items.begin(), items.end());
}

bool Machine::container(unsigned opcode) {
  switch (opcode) {
    case ')':
      push(Value{.kind = Kind::tuple});
      return true;
    case 0x85:
      push(Value{.kind = Kind::tuple, .items = pop_items(1)});
      return true;
    case 0x86:
      push(Value{.kind = Kind::tuple, .items = pop_items(2)});
      return true;
    case 0x87:
      push(Value{.kind = Kind::tuple, .items = pop_items(3)});
      return true;
    case 't':
      push(Value{.kind = Kind::tuple, .items = pop_to_mark()});
      return true;
    case ']':
    case 0x8f:
      push(Value{.kind = Kind::list});
      return true;  // EMPTY_LIST, EMPTY_SET
    case 'l':
    case 0x91:
      push(Value{.kind = Kind::list, .items = pop_to_mark()});
      return true;  // LIST, FROZENSET
    case 'a':
      append(pop_items(1));
      return true;
    case 'e':
    case 0x90:
      append(pop_to_mark());
      return true;  // APPENDS, ADDITEMS
    case '}':
      push(Value{.kind = Kind::dictionary});
      return true;
    case 'd': {
      const std::vector<Ref> items = pop_to_mark();
      push(Value{.kind = Kind::dictionary});
      set_items(items);
      return true;
    }
    case 's':
      set_items(pop_items(2));
      return true;
    case 'u':
      set_items(pop_to_mark());
      return true;
    default:
      return false;
  }
}

bool Machine::stack(unsigned opcode) {
  switch (opcode) {
    case '(':
      marks_.push_back(stack_.size());
      return true;
    case '0':  // POP takes a mark where one is on top
      if (!marks_.empty() && marks_.back() == stack_.size()) {
        marks_.pop_back();
      } else {
        pop();
      }
      return true;
    case '1':
      pop_to_mark();
      return true;
    case '2':
      push(top());
      return true;
    default:
      return false;
  }
}

void Machine::remember(std::uint64_t index) {
  const Ref ref = top();
  if (index >= max_values) fail("it remembers more than " + std::to_string(max_values) + " values");
  if (index >= memo_.size()) memo_.resize(index + 1, no_ref);
  memo_[index] = ref;
}

void Machine::recall(std::uint64_t index) {
  if (index >= memo_.size() || memo_[index] == no_ref) fail("it recalls a value that it never remembered");
  push(memo_[index]);
}

bool Machine::memo(unsigned opcode) {
  switch (opcode) {
    case 'q':
      remember(unsigned_number(1));
      return true;
    case 'r':
      remember(unsigned_number(4));
      return true;
    case 0x94:
      remember(memo_.size());
      return true;  // MEMOIZE
    case 'h':
      recall(unsigned_number(1));
      return true;
    case 'j':
      recall(unsigned_number(4));
      return true;
    default:
      return false;
  }
}

bool Machine::call(unsigned opcode) {
  const auto push_object = [&](Ref callable, Ref arguments) {
    push(Value{.kind = Kind::object, .callable = callable, .arguments = arguments});
    return true;
  };
  switch (opcode) {
    case 'c': {  // GLOBAL
      const std::string_view module = line();
      push(Value{.kind = Kind::global, .text = line(), .module = module});
      return true;
    }
    case 0x93: {  // STACK_GLOBAL
      const std::vector<Ref> names = pop_items(2);
      const Value& module = values_[names[0]];
      const Value& name = values_[names[1]];
      if (module.kind != Kind::text || name.kind != Kind::text) fail("the name of a global is not a text");
      push(Value{.kind = Kind::global, .text = name.text, .module = module.text});
      return true;
    }
    case 'R':     // REDUCE
    case 0x81: {  // NEWOBJ
      const std::vector<Ref> parts = pop_items(2);
      return push_object(parts[0], parts[1]);
    }
    case 0x92: {  // NEWOBJ_EX: keyword arguments are dropped
      const std::vector<Ref> parts = pop_items(3);
      return push_object(parts[0], parts[1]);
    }
    case 'i': {  // INST
      const std::string_view module = line();
      const Ref callable = add({.kind = Kind::global, .text = line(), .module = module});
      return push_object(callable, add({.kind = Kind::tuple, .items = pop_to_mark()}));
    }
    case 'o': {  // OBJ
      std::vector<Ref> items = pop_to_mark();
      if (items.empty()) fail("an object has no class");
      const Ref callable = items.front();
      items.erase(items.begin());
      return push_object(callable, add({.kind = Kind::tuple, .items = std::move(items)}));
    }
    case 'b': {  // BUILD
      const Ref state = pop();
      values_[top()].state = state;
      return true;
    }
    case 'Q':  // BINPERSID
      push(Value{.kind = Kind::persistent, .arguments = pop()});
      return true;
    default:
      return false;
  }
}

}  // namespace

Document parse(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() > max_bytes) {
    throw input_error(name, "pickle", "larger than " + std::to_string(max_bytes >> 20) + " MB",
                      "save the state dict without the other objects beside it");
  }
  return Machine(bytes, name).run();
}

}  // namespace trm::pickle
