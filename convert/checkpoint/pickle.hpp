#pragma once
// Python's pickle, protocols 2 to 5, read as data. A pickle is a program for a stack machine that may call anything by
// name. This machine calls nothing: a call becomes an object value that remembers the callable and its arguments, and
// the reader of the values decides which objects it recognises.
// Source: the opcode descriptions of Python's pickletools.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trm::pickle {

inline constexpr std::size_t max_bytes = std::size_t{64} << 20;  // of one pickle
inline constexpr std::size_t max_values = std::size_t{2} << 20;  // created by one pickle

using Ref = std::uint32_t;  // index into Document::values
inline constexpr Ref no_ref = ~Ref{0};

enum class Kind : std::uint8_t {
  none,
  boolean,
  integer,
  real,
  other,  // integers beyond int64: carried, never looked into
  text,
  bytes,
  global,  // a class or function by name, not looked up
  tuple,
  list,  // and sets
  dictionary,
  object,      // the result of calling a global or creating an instance of it, had that been done
  persistent,  // a persistent id: torch refers to a storage by one
};

struct Value {
  Kind kind = Kind::none;
  Ref callable = no_ref;         // object
  Ref arguments = no_ref;        // object: the tuple; persistent: the id
  Ref state = no_ref;            // the argument of BUILD (an object's attributes), on any value
  std::int64_t integer = 0;      // boolean, integer; real: the bits of the double
  std::string_view text = {};    // text, bytes; global: its name
  std::string_view module = {};  // global
  std::vector<Ref> items = {};   // tuple, list; dictionary and object: keys and values in turn
};

// Values may refer to one another in cycles and be shared: a walk must bound itself.
struct Document {
  std::vector<Value> values;
  Ref root = no_ref;
  std::size_t bytes = 0;  // of the pickle, which may be followed by something else

  [[nodiscard]] const Value& operator[](Ref ref) const { return values[ref]; }
  [[nodiscard]] const Value& top() const { return values[root]; }
};

// `bytes` must outlive the document, whose texts point into it; `name` is for
// messages. Memory stays within a small multiple of the pickle's size. Throws Error(input).
[[nodiscard]] Document parse(std::span<const std::byte> bytes, const std::string& name);

}  // namespace trm::pickle
