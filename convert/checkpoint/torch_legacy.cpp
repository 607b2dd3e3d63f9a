// torch.save's format from before 2020, which torch.save(..., _use_new_zipfile_serialization=False) still writes. Five
// pickles one after another: a magic number, the format's version, facts of the machine, the object itself and the list
// of its storages' keys. Then each storage in the order of that list: its number of elements in 8 bytes, its elements.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "convert/checkpoint/container.hpp"
#include "convert/checkpoint/pickle.hpp"
#include "convert/checkpoint/torch_state.hpp"

namespace trm {
namespace {

using pickle::Kind;
using pickle::Value;

constexpr const char* legacy_remedy = "the file is truncated or damaged: copy it again";

void check_byte_order(const pickle::Document& facts, const std::string& name) {
  const Value& dictionary = facts.top();
  for (std::size_t i = 0; i + 1 < dictionary.items.size(); i += 2) {
    const Value& value = facts[dictionary.items[i + 1]];
    if (facts[dictionary.items[i]].text != "little_endian" || value.kind != Kind::boolean || value.integer != 0)
      continue;
    throw input_error(name, "byte order", "its numbers are big-endian", "load and save it on a little-endian machine");
  }
}

struct Pickles {
  std::vector<std::byte> bytes;  // the start of the file, into which the documents' texts point
  pickle::Document object;
  pickle::Document keys;
  std::uint64_t end = 0;  // of the last pickle
};

Pickles parse_pickles(std::vector<std::byte> bytes, const std::string& name) {
  Pickles pickles{.bytes = std::move(bytes), .object = {}, .keys = {}};
  const auto next = [&](const char* what) {
    const auto rest = std::span(pickles.bytes).subspan(pickles.end);
    pickle::Document document = pickle::parse(rest, name + ": " + what);
    pickles.end += document.bytes;
    return document;
  };
  (void)next("magic number");
  (void)next("version");
  check_byte_order(next("facts of the machine"), name);
  pickles.object = next("object");
  pickles.keys = next("keys of the storages");
  return pickles;
}

// How much of a file its pickles take is known once they are parsed: a longer start is read where a shorter one fails.
Pickles read_pickles(const ByteSource& source) {
  for (std::uint64_t size = std::uint64_t{1} << 20;; size *= 8) {
    const std::uint64_t most = std::min<std::uint64_t>(source.size(), pickle::max_bytes);
    std::vector<std::byte> start(std::min(size, most));
    source.read(0, start);
    try {
      return parse_pickles(std::move(start), source.name());
    } catch (const Error&) {
      if (size >= most) throw;
    }
  }
}

// Bytes of an element of each storage that the object mentions. ("storage", type, key, location, elements, view)
std::unordered_map<std::string_view, std::size_t> element_sizes(const pickle::Document& object,
                                                                const std::string& name) {
  std::unordered_map<std::string_view, std::size_t> sizes;
  for (const Value& value : object.values) {
    if (value.kind != Kind::persistent) continue;
    const Value& id = object[value.arguments];
    if (id.kind != Kind::tuple || id.items.size() < 5 || object[id.items[0]].text != "storage") continue;
    const Value& type = object[id.items[1]];
    const std::string_view key = object[id.items[2]].text;
    if (id.items.size() > 5 && object[id.items[5]].kind != Kind::none) {
      throw input_error(name, "storage " + std::string(key),
                        "is a part of another storage, as torch before 0.4 wrote it",
                        "load it with a newer torch and torch.save it again");
    }
    if (const auto size = storage_element_size(type.text)) sizes[key] = *size;
  }
  return sizes;
}

struct Place {
  std::uint64_t begin = 0;  // bytes from the start of the file
  std::uint64_t bytes = 0;
};

// Where each storage of the list of keys lies, from byte `at` on.
std::unordered_map<std::string_view, Place> find_storages(
    const ByteSource& source, std::uint64_t at, const pickle::Document& keys,
    const std::unordered_map<std::string_view, std::size_t>& sizes) {
  std::unordered_map<std::string_view, Place> places;
  for (const pickle::Ref ref : keys.top().items) {
    const std::string_view key = keys[ref].text;
    const auto size = sizes.find(key);
    if (size == sizes.end()) {
      throw input_error(source.name(), "storage " + std::string(key),
                        "has a type that is not known, so what follows cannot be found",
                        "load it with torch and torch.save it again");
    }
    std::uint64_t elements = 0;
    source.read(at, std::as_writable_bytes(std::span(&elements, 1)));
    at += sizeof elements;
    if (elements > (source.size() - at) / size->second) {
      throw input_error(source.name(), "storage " + std::string(key), "the file ends before its elements",
                        legacy_remedy);
    }
    places[key] = {at, elements * size->second};
    at += elements * size->second;
  }
  return places;
}

}  // namespace

bool is_torch_legacy(const ByteSource& source) {
  // A pickle of the number 0x1950a86a20f9469cfc6c, in protocol 4 and later behind the size of a frame.
  constexpr std::string_view magic("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12);
  std::array<char, 32> bytes{};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), bytes.size()));
  source.read(0, std::as_writable_bytes(std::span(bytes).first(size)));
  const std::string_view start(bytes.data(), size);
  return start.starts_with('\x80') && start.find(magic) != std::string_view::npos;
}

Container open_torch_legacy(std::shared_ptr<const ByteSource> source) {
  const std::string& name = source->name();
  const Pickles pickles = read_pickles(*source);
  const pickle::Document& object = pickles.object;
  TorchState state = list_tensors(object, name);

  Container container{"torch legacy", std::move(state.tensors), std::move(state.skipped), {}, {}};
  container.configuration = std::move(state.configuration);
  const auto places = find_storages(*source, pickles.end, pickles.keys, element_sizes(object, name));
  std::vector<std::uint64_t> begins;
  for (const std::string& key : state.storage_keys) {
    const auto place = places.find(key);
    if (place == places.end()) throw input_error(name, "storage " + key, "is not in the file", legacy_remedy);
    begins.push_back(place->second.begin);
    container.storages.push_back({place->second.bytes, true});
  }
  container.read = [source = std::move(source), begins = std::move(begins)](std::size_t storage, std::uint64_t offset,
                                                                            std::span<std::byte> out) {
    source->read(begins[storage] + offset, out);
  };
  return container;
}

}  // namespace trm
