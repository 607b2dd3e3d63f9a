#include "io/sha256.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "io/byte_source.hpp"

namespace trm {

std::string sha256_of_file(const std::filesystem::path& path, const std::function<void(std::uint64_t done)>& progress) {
  const ByteSource source = ByteSource::open(path);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool sound = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::vector<std::byte> piece(std::size_t{1} << 20);
  for (std::uint64_t done = 0; sound && done < source.size();) {
    const auto part = std::span(piece).first(std::min<std::uint64_t>(piece.size(), source.size() - done));
    source.read(done, part);
    sound = EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
    done += part.size();
    if (progress) progress(done);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (!sound || EVP_DigestFinal_ex(context.get(), digest.data(), &length) != 1) {
    throw Error(ErrorKind::work, path.string() + ": OpenSSL cannot compute its SHA-256");
  }
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : std::span(digest).first(length)) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace trm
