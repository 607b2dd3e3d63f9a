// NumPy's .npz: a zip of "<key>.npy" arrays, stored or deflated.

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "convert/checkpoint/container.hpp"
#include "io/npy.hpp"
#include "io/shape.hpp"

namespace trm {
namespace {

constexpr std::string_view suffix = ".npy";

struct Member {
  ZipRecord record;
  std::uint64_t data_offset = 0;
  std::size_t swapped_size = 0;  // of an element, in bytes, where its bytes are in big-endian order
};

}  // namespace

Container open_npz(ZipArchive zip, const std::string& name) {
  Container container{"npz", {}, {}, {}, {}};
  std::vector<Member> members;
  for (const ZipRecord& record : zip.records()) {
    if (!record.name.ends_with(suffix)) {
      container.skipped.push_back({.key = record.name, .what = "not an array"});
      continue;
    }
    std::vector<std::byte> start(std::min<std::uint64_t>(record.bytes, npy_header_limit));
    zip.read(record, 0, start);
    NpyDescription description = parse_npy_description(start, name + ": " + record.name);
    const std::string key = record.name.substr(0, record.name.size() - suffix.size());
    const std::optional<NpyType> type = npy_type(description.descr);
    if (!type) {
      container.skipped.push_back(unread_tensor(key, "type '" + description.descr.substr(0, 40) + "'"));
      continue;
    }
    const std::uint64_t bytes = record.bytes - description.data_offset;
    const std::size_t size = element_size(type->type);
    if (bytes % size != 0 || bytes / size != static_cast<std::uint64_t>(*element_count(description.shape))) {
      throw input_error(name, record.name, "its " + std::to_string(bytes) + " bytes do not match its shape",
                        "the file is damaged: copy or save it again");
    }
    std::vector<std::int64_t> stride = dense_strides(description.shape, description.fortran_order);
    container.tensors.push_back({key, type->type, std::move(description.shape), std::move(stride), 0, members.size()});
    container.storages.push_back({bytes, record.stored});
    members.push_back({record, description.data_offset, type->big_endian ? size : 0});
  }
  container.read = [archive = std::make_shared<ZipArchive>(std::move(zip)), members = std::move(members)](
                       std::size_t storage, std::uint64_t offset, std::span<std::byte> out) {
    const Member& member = members[storage];
    archive->read(member.record, member.data_offset + offset, out);
    if (member.swapped_size > 0) swap_byte_order(out, member.swapped_size);  // whole elements are asked for
  };
  return container;
}

}  // namespace trm
