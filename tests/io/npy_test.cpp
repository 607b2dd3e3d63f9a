// .npy arrays against files that numpy wrote (tests/reference/make_npy.py).

#include "io/npy.hpp"

#include <fstream>
#include <iterator>
#include <numeric>

#include "base/error.hpp"
#include "tests/catch.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::io_npy_test {
namespace {

using Shape = std::vector<std::int64_t>;

std::filesystem::path data(const std::string& name) {
  return std::filesystem::path(TRM_TEST_DATA) / "npy" / name;
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class T>
std::vector<T> count(std::size_t size) {
  std::vector<T> values(size);
  std::iota(values.begin(), values.end(), T{0});
  return values;
}

template <class T>
void check_counts(const std::string& name, const Shape& shape, std::size_t size) {
  INFO(name);
  const NpyArray<T> array = read_npy<T>(data(name));
  CHECK(array.shape == shape);
  CHECK(array.values == count<T>(size));
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("every element type that numpy writes is read") {
  for (const char* name : {"i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"}) {
    check_counts<std::int32_t>(std::string(name) + ".npy", {3, 4}, 12);
    check_counts<std::int64_t>(std::string(name) + ".npy", {3, 4}, 12);
    check_counts<float>(std::string(name) + ".npy", {3, 4}, 12);
  }
  for (const char* name : {"f2", "f4", "f8", "version_2", "version_3"}) {
    check_counts<float>(std::string(name) + ".npy", {3, 4}, 12);
  }
  CHECK(read_npy<std::int32_t>(data("bool.npy")).values == std::vector<std::int32_t>{0, 1, 1});
}

TEST_CASE("Fortran order, scalars and empty arrays") {
  check_counts<float>("fortran.npy", {2, 3, 4}, 24);
  CHECK(read_npy<std::int64_t>(data("scalar.npy")).values == std::vector<std::int64_t>{7});
  CHECK(read_npy<std::int64_t>(data("scalar.npy")).shape.empty());
  check_counts<std::int32_t>("empty.npy", {0, 4}, 0);
  check_counts<float>("big_endian.npy", {2}, 2);
}

TEST_CASE("what cannot be held is refused, never rounded") {
  CHECK(read_npy<std::int64_t>(data("wide.npy")).values == std::vector<std::int64_t>{-(1LL << 40), 1LL << 40});
  CHECK_THROWS_AS(read_npy<std::int32_t>(data("wide.npy")), Error);
  CHECK_THROWS_AS(read_npy<std::int32_t>(data("f4.npy")), Error);
  for (const char* name : {"complex.npy", "structured.npy"}) {
    CHECK_THROWS_AS(read_npy<float>(data(name)), Error);
  }
  CHECK_THAT(message_of([] { (void)read_npy<float>(data("complex.npy")); }), Catch::Contains("<c8"));
}

// A file of version 1.0 with this dictionary.
std::string npy_of(const std::string& dictionary, const std::string& bytes) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(dictionary.size() & 0xff);
  file += static_cast<char>(dictionary.size() >> 8);
  return file + dictionary + bytes;
}

// Two values, in every spelling of an element type that numpy.dtype takes.
TEST_CASE("element types are read in every spelling and byte order that numpy takes") {
  const auto values = [](const std::string& descr, const std::string& bytes) {
    const std::string file = npy_of("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (2,), }", bytes);
    INFO(descr);
    return read_npy<float>(ByteSource::view(std::as_bytes(std::span(file)), "a.npy")).values;
  };
  for (const std::string kind : {"u1", "i1", "b1"}) {
    for (const std::string mark : {"", "|", "<", ">", "="}) {
      CHECK(values(mark + kind, {"\1\0", 2}) == std::vector<float>{1, 0});
    }
  }
  for (const char* name : {"B", "b", "?", "uint8", "int8", "bool"}) {
    CHECK(values(name, {"\1\0", 2}) == std::vector<float>{1, 0});
  }
  const std::string little("\x02\0\0\0\xfe\xff\xff\xff", 8), big("\0\0\0\x02\xff\xff\xff\xfe", 8);
  for (const char* name : {"<i4", "=i4", "i4", "i", "int32", "<i"})
    CHECK(values(name, little) == std::vector<float>{2, -2});
  for (const char* name : {">i4", ">i"}) CHECK(values(name, big) == std::vector<float>{2, -2});
  CHECK(values(">f4", {"\x3f\x80\0\0\xc0\0\0\0", 8}) == std::vector<float>{1, -2});
  CHECK(values(">f2", {"\x3c\0\xc0\0", 4}) == std::vector<float>{1, -2});
  CHECK(values(">f8", {"\x3f\xf0\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0", 16}) == std::vector<float>{1, -2});
  CHECK(values(">u2", {"\1\0\0\1", 4}) == std::vector<float>{256, 1});
  for (const char* name : {"<c8", "|S2", "<U1", "|O", "<M8[ns]", "", "<", "u3", "|V2", "<f16", "<<f4"}) {
    CHECK_THROWS_AS(values(name, std::string(64, '\0')), Error);
  }
}

TEST_CASE("headers as Python 2, other writers and numpy's own looser rules have them") {
  const auto shape = [](const std::string& dictionary) {
    const std::string file = npy_of(dictionary, std::string(24, '\0'));
    INFO(dictionary);
    return read_npy<float>(ByteSource::view(std::as_bytes(std::span(file)), "a.npy")).shape;
  };
  CHECK(shape("{'descr': '<f4', 'fortran_order': False, 'shape': (3L, 2L), }") == Shape{3, 2});
  CHECK(shape("{'descr': '<f4', 'fortran_order': False, 'shape': (3L,)}") == Shape{3});
  CHECK(shape("{u'descr': u'<f4', u'fortran_order': False, u'shape': (3,)}") == Shape{3});
  CHECK(shape("{\"shape\":(3,2),\"fortran_order\":True,\"descr\":\"<f4\"}\n") == Shape{3, 2});
  CHECK(shape("  {\t'descr' :'<f4' ,\r\n'fortran_order': False , 'shape': ( 3 , 2 , ) , } \t \n") == Shape{3, 2});
  CHECK(shape("{'descr': '<f4', 'fortran_order': False, 'shape': (), }").empty());
  CHECK(shape("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 7)}") == Shape{0, 7});
}

TEST_CASE("missing files and directories are reading failures") {
  for (const std::string& name : {std::string("absent.npy"), std::string("")}) {
    try {
      (void)read_npy<float>(data(name));
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::io);
    }
  }
}

TEST_CASE("written arrays are byte for byte what numpy writes") {
  const TemporaryDirectory directory;
  const auto same = [&](const std::string& name, const Shape& shape, const auto& values) {
    using T = typename std::decay_t<decltype(values)>::value_type;
    write_npy<T>(directory / name, shape, std::span<const T>(values));
    CHECK(bytes_of(directory / name) == bytes_of(data(name)));
  };
  same("f4.npy", {3, 4}, count<float>(12));
  same("u1.npy", {3, 4}, count<std::uint8_t>(12));
  same("i4.npy", {3, 4}, count<std::int32_t>(12));
  same("i8.npy", {3, 4}, count<std::int64_t>(12));
  same("scalar.npy", {}, std::vector<std::int64_t>{7});
  same("empty.npy", {0, 4}, std::vector<std::int32_t>{});
  same("wide.npy", {2}, std::vector<std::int64_t>{-(1LL << 40), 1LL << 40});
  CHECK_THROWS_AS((write_npy<float>(directory / "bad.npy", Shape{3}, std::span<const float>())), Error);
}

TEST_CASE("a file cut anywhere is refused, bytes behind the array are ignored") {
  for (const char* name : {"f4.npy", "version_2.npy", "fortran.npy", "scalar.npy", "bool.npy"}) {
    const std::string bytes = bytes_of(data(name));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const ByteSource source = ByteSource::view(std::as_bytes(std::span(bytes.data(), length)), "cut.npy");
      try {
        (void)read_npy<float>(source);
        FAIL(name << " cut at " << length << " was read");
      } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::input);
      }
    }
    const std::string longer = bytes + bytes;
    CHECK(read_npy<float>(ByteSource::view(std::as_bytes(std::span(longer)), "long.npy")).values ==
          read_npy<float>(data(name)).values);
  }
}

TEST_CASE("absurd shapes allocate nothing") {
  const auto refused = [](const std::string& shape, const std::string& dictionary = {}) {
    const std::string bytes =
        npy_of(dictionary.empty() ? "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}" : dictionary,
               "12345678");
    CHECK_THROWS_AS(read_npy<float>(ByteSource::view(std::as_bytes(std::span(bytes)), "absurd.npy")), Error);
  };
  refused("(9223372036854775807,)");
  refused("(4611686018427387904, 4)");
  refused("(99999999999999999999999,)");
  refused("(-1, -2)");
  refused("(1000000000,)");
  refused("(2)");
  refused("(2 3)");
  refused("2");
  refused("(" + std::string(600, '1') + ",)");
  std::string ones = "(";
  for (int i = 0; i < 100; ++i) ones += "1,";
  refused(ones + "2)");
  refused("", "{'descr': '<f4', 'fortran_order': False}");
  refused("", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'shape': (2,)}");
  refused("", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'extra': (2,)}");
  refused("", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} more");
  refused("", "__import__('os')");
}

}  // namespace
}  // namespace trm::io_npy_test
