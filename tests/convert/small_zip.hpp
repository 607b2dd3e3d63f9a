#pragma once
// A zip in memory, written by libzip.

#include <zip.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace trm {

enum class ZipMethod { stored, deflated };

inline std::string small_zip(const std::vector<std::pair<std::string, std::string>>& records,
                             ZipMethod method = ZipMethod::stored) {
  zip_source_t* out = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_source_keep(out);  // beyond zip_close
  zip_t* zip = zip_open_from_source(out, ZIP_TRUNCATE, nullptr);
  for (const auto& [name, bytes] : records) {
    zip_source_t* data = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
    const zip_int64_t index = zip_file_add(zip, name.c_str(), data, 0);
    zip_set_file_compression(zip, static_cast<zip_uint64_t>(index),
                             method == ZipMethod::stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0);
  }
  if (zip_close(zip) != 0 || zip_source_open(out) != 0) throw std::runtime_error("small_zip");
  zip_source_seek(out, 0, SEEK_END);
  std::string bytes(static_cast<std::size_t>(zip_source_tell(out)), '\0');
  zip_source_seek(out, 0, SEEK_SET);
  zip_source_read(out, bytes.data(), bytes.size());
  zip_source_close(out);
  zip_source_free(out);
  return bytes;
}

}  // namespace trm
