#include "convert/npy_header.hpp"

#include <charconv>
#include <limits>

#include "convert/strides.hpp"
#include "runtime/error.hpp"

namespace trm {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t max_rank = 64;  // numpy's own limit

// A cursor over the dictionary literal. Every function either consumes what it names or throws.
struct Literal {
  std::string_view rest;
  const std::string& file;

  [[noreturn]] void fail(const std::string& what) const {
    throw input_error(file, "npy header", what, "write it again with numpy.save");
  }

  void skip_spaces() {
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\n')) rest.remove_prefix(1);
  }

  bool accept(std::string_view text) {
    skip_spaces();
    if (!rest.starts_with(text)) return false;
    rest.remove_prefix(text.size());
    return true;
  }

  void expect(std::string_view text) {
    if (!accept(text)) fail("expected " + std::string(text));
  }

  std::string_view quoted() {
    skip_spaces();
    const char quote = rest.empty() ? '\0' : rest.front();
    if (quote != '\'' && quote != '"') fail("expected a quoted name; structured element types are not read");
    const std::size_t end = rest.find(quote, 1);
    if (end == std::string_view::npos) fail("a quote is not closed");
    const std::string_view text = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    return text;
  }

  std::vector<std::int64_t> shape() {
    expect("(");
    std::vector<std::int64_t> sizes;
    while (!accept(")")) {
      if (sizes.size() == max_rank) fail("more than 64 dimensions");
      skip_spaces();
      std::int64_t size = -1;
      const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
      if (failure != std::errc{} || size < 0) fail("a dimension is not a number");
      rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
      sizes.push_back(size);
      if (accept(",")) continue;
      if (sizes.size() == 1) fail("the shape is not a tuple");
      expect(")");
      break;
    }
    if (!element_count(sizes)) fail("the shape has more elements than can be counted");
    return sizes;
  }

  bool boolean() {
    if (accept("True")) return true;
    expect("False");
    return false;
  }
};

NpyDescription parse_literal(Literal literal) {
  NpyDescription description;
  bool seen[3] = {};
  literal.expect("{");
  while (!literal.accept("}")) {
    const std::string_view key = literal.quoted();
    literal.expect(":");
    if (key == "descr" && !seen[0]) {
      seen[0] = true;
      description.descr = literal.quoted();
    } else if (key == "fortran_order" && !seen[1]) {
      seen[1] = true;
      description.fortran_order = literal.boolean();
    } else if (key == "shape" && !seen[2]) {
      seen[2] = true;
      description.shape = literal.shape();
    } else {
      literal.fail("unexpected key '" + std::string(key.substr(0, 40)) + "'");
    }
    if (literal.accept(",")) continue;
    literal.expect("}");
    break;
  }
  literal.skip_spaces();
  if (!literal.rest.empty()) literal.fail("text after the dictionary");
  if (!seen[0] || !seen[1] || !seen[2]) literal.fail("descr, fortran_order or shape is missing");
  return description;
}

}  // namespace

NpyDescription parse_npy_description(std::span<const std::byte> bytes, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(magic)) throw input_error(name, "byte 0", "not a .npy array", "write it with numpy.save");
  const auto byte_at = [&](std::size_t i) -> std::size_t {
    if (i >= bytes.size()) throw input_error(name, "npy header", "the file ends too early", "copy it again");
    return std::to_integer<std::size_t>(bytes[i]);
  };
  const std::size_t major = byte_at(6);
  if (major < 1 || major > 3 || byte_at(7) != 0) {
    throw input_error(name, "npy header", "unknown version " + std::to_string(major) + "." + std::to_string(byte_at(7)),
                      "versions 1.0 to 3.0 are read");
  }
  const std::size_t begin = major == 1 ? 10 : 12;
  std::size_t length = byte_at(8) | byte_at(9) << 8;
  if (major > 1) length |= byte_at(10) << 16 | byte_at(11) << 24;
  if (begin > text.size() || length > text.size() - begin) {
    throw input_error(name, "npy header", "its " + std::to_string(length) + " bytes do not fit the file",
                      "it is truncated or damaged: copy it again");
  }
  NpyDescription description = parse_literal({text.substr(begin, length), name});
  description.data_offset = begin + length;
  return description;
}

std::optional<ElementType> npy_element_type(std::string_view descr) {
  struct Name {
    std::string_view descr;
    ElementType type;
  };
  static constexpr Name names[] = {{"<f4", ElementType::f32},     {"<f8", ElementType::f64}, {"<f2", ElementType::f16},
                                   {"|b1", ElementType::boolean}, {"|i1", ElementType::i8},  {"<i2", ElementType::i16},
                                   {"<i4", ElementType::i32},     {"<i8", ElementType::i64}, {"|u1", ElementType::u8},
                                   {"<u2", ElementType::u16},     {"<u4", ElementType::u32}, {"<u8", ElementType::u64}};
  for (const Name& known : names) {
    if (known.descr == descr) return known.type;
  }
  return std::nullopt;
}

std::string npy_header(std::string_view descr, std::span<const std::int64_t> shape) {
  std::string sizes;
  for (const std::int64_t size : shape) sizes += (sizes.empty() ? "" : ", ") + std::to_string(size);
  if (shape.size() == 1) sizes += ",";
  std::string text = "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  text.resize((10 + text.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  text += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(text.size() & 0xff);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

}  // namespace trm
