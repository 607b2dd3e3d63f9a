// .safetensors: the length of a JSON header in 8 bytes, the header, and the
// tensors' bytes without gaps in between (huggingface.co/docs/safetensors).

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "convert/checkpoint/container.hpp"
#include "io/shape.hpp"

namespace trm {
namespace {

using nlohmann::json;

constexpr std::uint64_t max_header = 100'000'000;  // bytes, as in the reference library
constexpr int max_header_depth = 3;                // { name: { field: [
constexpr std::size_t max_dimensions = 64;
constexpr const char* copy_again = "the file is truncated or damaged: copy it again";

struct Entry {
  CheckpointTensor tensor;
  std::string type_name;
  std::uint64_t begin = 0;  // bytes from the start of the data
  std::uint64_t end = 0;
};

std::optional<ElementType> element_type(std::string_view name) {
  struct Name {
    std::string_view name;
    ElementType type;
  };
  static constexpr Name names[] = {{"F8_E4M3", ElementType::f8_e4m3fn},
                                   {"F8_E5M2", ElementType::f8_e5m2},
                                   {"F8_E4M3FNUZ", ElementType::f8_e4m3fnuz},
                                   {"F8_E5M2FNUZ", ElementType::f8_e5m2fnuz},
                                   {"F8_E8M0", ElementType::f8_e8m0fnu},
                                   {"F32", ElementType::f32},
                                   {"BF16", ElementType::bf16},
                                   {"F16", ElementType::f16},
                                   {"F64", ElementType::f64},
                                   {"I64", ElementType::i64},
                                   {"I32", ElementType::i32},
                                   {"I16", ElementType::i16},
                                   {"I8", ElementType::i8},
                                   {"U8", ElementType::u8},
                                   {"U16", ElementType::u16},
                                   {"U32", ElementType::u32},
                                   {"U64", ElementType::u64},
                                   {"BOOL", ElementType::boolean}};
  const auto* found = std::ranges::find(names, name, &Name::name);
  return found == std::end(names) ? std::nullopt : std::optional(found->type);
}

// The header as a tree; white space may stand before and behind it. A name that occurs twice and deeper nesting than
// the format has are refused.
json parse_header(const std::vector<std::byte>& bytes, const std::string& name) {
  std::vector<std::string> seen;
  const auto check = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > max_header_depth) throw input_error(name, "header", "nested too deeply", copy_again);
    if (depth == 1 && event == json::parse_event_t::key) seen.push_back(value.get<std::string>());
    return true;
  };
  const auto* begin = reinterpret_cast<const char*>(bytes.data());
  json header;
  try {
    header = json::parse(begin, begin + bytes.size(), check);
  } catch (const json::exception& error) {
    throw input_error(name, "header", std::string(error.what()).substr(0, 160), copy_again);
  }
  std::ranges::sort(seen);
  if (const auto twice = std::ranges::adjacent_find(seen); twice != seen.end()) {
    throw input_error(name, "header", "tensor " + *twice + " occurs twice", copy_again);
  }
  if (!header.is_object()) throw input_error(name, "header", "not a JSON object", copy_again);
  return header;
}

Entry parse_entry(const std::string& key, const json& fields, const std::string& file) {
  const auto fail = [&](const std::string& what) {
    return input_error(file, "header, tensor " + key, what, copy_again);
  };
  const auto field = [&](const char* name) -> const json& {
    if (!fields.is_object() || !fields.contains(name)) throw fail(std::string(name) + " is missing");
    return fields.at(name);
  };
  const json& type = field("dtype");
  const json& shape = field("shape");
  const json& offsets = field("data_offsets");
  const auto is_size = [](const json& number) { return number.is_number_unsigned(); };
  if (!type.is_string() || !shape.is_array() || shape.size() > max_dimensions || !std::ranges::all_of(shape, is_size) ||
      !offsets.is_array() || offsets.size() != 2 || !std::ranges::all_of(offsets, is_size)) {
    throw fail("dtype, shape or data_offsets is not what the format says");
  }
  Entry entry;
  entry.tensor.key = key;
  entry.type_name = type.get<std::string>();
  entry.begin = offsets[0].get<std::uint64_t>();
  entry.end = offsets[1].get<std::uint64_t>();
  for (const json& size : shape) {
    const auto value = size.get<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(INT64_MAX)) throw fail("a dimension is absurd");
    entry.tensor.shape.push_back(static_cast<std::int64_t>(value));
  }
  const std::optional<std::int64_t> count = element_count(entry.tensor.shape);
  if (!count || entry.begin > entry.end) throw fail("the shape or data_offsets are absurd");
  if (const std::optional<ElementType> known = element_type(entry.type_name)) {
    entry.tensor.type = *known;
    entry.tensor.stride = dense_strides(entry.tensor.shape);
    const std::uint64_t size = element_size(*known);
    const std::uint64_t bytes = entry.end - entry.begin;
    if (bytes % size != 0 || bytes / size != static_cast<std::uint64_t>(*count)) {
      throw fail("its data_offsets do not match its shape");
    }
  }
  return entry;
}

// In file order. The tensors must tile the data exactly, as the format demands.
std::vector<Entry> parse_entries(const json& header, std::uint64_t data_bytes, const std::string& file) {
  std::vector<Entry> entries;
  for (const auto& [key, fields] : header.items()) {
    if (key != "__metadata__") entries.push_back(parse_entry(key, fields, file));
  }
  std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.begin, entry.end); });
  std::uint64_t next = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != next)
      throw input_error(file, "tensor " + entry.tensor.key, "overlaps or leaves a gap", copy_again);
    next = entry.end;
  }
  if (next != data_bytes) {
    throw input_error(file, "data",
                      "has " + std::to_string(data_bytes) + " bytes where the header describes " + std::to_string(next),
                      copy_again);
  }
  return entries;
}

// Some writers put the configuration into the file's free texts.
Checkpoint::Configuration configuration_of(const json& header) {
  const auto texts = header.find("__metadata__");
  if (texts == header.end() || !texts->is_object()) return {};
  for (const char* key : {"config", "hyper_parameters", "all_config"}) {
    const auto text = texts->find(key);
    if (text != texts->end() && text->is_string()) return {.key = key, .text = text->get<std::string>()};
  }
  return {};
}

}  // namespace

bool is_safetensors(const ByteSource& source) {
  constexpr std::uint64_t header_begin = 8;
  constexpr std::uint64_t longest_space = std::uint64_t{1} << 16;
  if (source.size() <= header_begin) return false;
  std::string start(std::min(source.size() - header_begin, longest_space), ' ');
  source.read(header_begin, std::as_writable_bytes(std::span(start)));
  const auto brace = start.find_first_not_of(" \t\r\n");
  return brace != std::string::npos && start[brace] == '{';
}

Container open_safetensors(std::shared_ptr<const ByteSource> source) {
  const std::string& name = source->name();
  std::uint64_t length = 0;
  source->read(0, std::as_writable_bytes(std::span(&length, 1)));
  if (length > max_header || length > source->size() - 8) {
    throw input_error(name, "header", "its " + std::to_string(length) + " bytes do not fit the file", copy_again);
  }
  std::vector<std::byte> bytes(length);
  source->read(8, bytes);
  const std::uint64_t data = 8 + length;

  const json header = parse_header(bytes, name);
  Container container{"safetensors", {}, {}, {}, {}};
  container.configuration = configuration_of(header);
  std::vector<std::uint64_t> begins;
  for (Entry& entry : parse_entries(header, source->size() - data, name)) {
    if (!element_type(entry.type_name)) {
      container.skipped.push_back(unread_tensor(entry.tensor.key, "type " + entry.type_name.substr(0, 40)));
      continue;
    }
    entry.tensor.storage = begins.size();
    begins.push_back(data + entry.begin);
    container.storages.push_back({entry.end - entry.begin, true});
    container.tensors.push_back(std::move(entry.tensor));
  }
  container.read = [source = std::move(source), begins = std::move(begins)](std::size_t storage, std::uint64_t offset,
                                                                            std::span<std::byte> out) {
    source->read(begins[storage] + offset, out);
  };
  return container;
}

}  // namespace trm
