// torch.save's zip: "<root>/data.pkl" describes the tensors, "<root>/data/<key>" are their storages.

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "convert/checkpoint/container.hpp"
#include "convert/checkpoint/pickle.hpp"
#include "convert/checkpoint/torch_state.hpp"

namespace trm {
namespace {

constexpr std::string_view pickle_name = "data.pkl";

// "<root>/": the name of the file when it was saved. Of several records that end alike the shortest counts.
std::string find_root(const ZipArchive& zip) {
  const ZipRecord* found = nullptr;
  for (const ZipRecord& record : zip.records()) {
    const bool matches = record.name == pickle_name || record.name.ends_with("/" + std::string(pickle_name));
    if (matches && (found == nullptr || record.name.size() < found->name.size())) found = &record;
  }
  if (found == nullptr) return {};  // cannot be: whoever took the file for a torch zip saw one
  return found->name.substr(0, found->name.size() - pickle_name.size());
}

void check_byte_order(ZipArchive& zip, const std::string& root, const std::string& name) {
  const ZipRecord* record = zip.find(root + "byteorder");
  if (record == nullptr) return;  // written before torch recorded it: little
  const std::vector<std::byte> bytes = zip.read_all(*record, 64);
  const std::string_view order(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (order != "little") {
    throw input_error(name, "byteorder", "its numbers are big-endian", "load and save it on a little-endian machine");
  }
}

}  // namespace

Container open_torch_zip(ZipArchive zip, const std::string& name) {
  const std::string root = find_root(zip);
  check_byte_order(zip, root, name);
  const std::vector<std::byte> bytes = zip.read_all(*zip.find(root + std::string(pickle_name)), pickle::max_bytes);
  TorchState state = list_tensors(pickle::parse(bytes, name + ": data.pkl"), name);

  Container container{"torch zip", std::move(state.tensors), std::move(state.skipped), {}, {}};
  container.configuration = std::move(state.configuration);
  const std::string folder = root + "data/";
  std::vector<ZipRecord> records;
  for (const std::string& key : state.storage_keys) {
    const ZipRecord* record = zip.find(folder + key);
    if (record == nullptr) {
      throw input_error(name, "data/" + key, "the storage is missing", "the file is incomplete: copy or save it again");
    }
    records.push_back(*record);
    container.storages.push_back({record->bytes, record->stored});
  }
  container.read = [archive = std::make_shared<ZipArchive>(std::move(zip)), records = std::move(records)](
                       std::size_t storage, std::uint64_t offset, std::span<std::byte> out) {
    archive->read(records[storage], offset, out);
  };
  return container;
}

}  // namespace trm
