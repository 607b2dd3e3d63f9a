# Writes OUTPUT, a C++ file that defines bundled_NAME_model() with the bytes of INPUT, 32 in a line.
file(READ ${INPUT} bytes HEX)
string(REPEAT "." 64 line)
string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"models/bundled/bundled.hpp\"

namespace {
alignas(64) constexpr unsigned char bytes[] = {
${bytes}
};
}  // namespace

std::span<const std::byte> trm::bundled_${NAME}_model() {
  return std::as_bytes(std::span(bytes));
}
")
