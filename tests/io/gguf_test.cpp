// The GGUF container: what is written is read back, and no damage goes unnoticed.

#include "io/gguf.hpp"

#include <fstream>
#include <iterator>

#include "base/error.hpp"
#include "models/model_file.hpp"
#include "models/puzzle_table.hpp"
#include "tests/catch.hpp"
#include "tests/models/small_model.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::io_gguf_test {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "sound", or the message of the Error(input). Any other exception fails the test.
std::string judgement(const std::string& bytes) {
  try {
    const auto file = gguf::File::parse(std::as_bytes(std::span(bytes)), "file");
    verify_whole(file);
    return "sound";
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::input);
    return error.what();
  }
}

// A file of one key or tensor, put together by hand from the format's description.
struct Hand {
  std::string bytes = "GGUF";

  explicit Hand(std::uint64_t tensors, std::uint64_t keys) { number<std::uint32_t>(3).number(tensors).number(keys); }
  template <class T>
  Hand& number(T value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Hand& text(const std::string& value) {
    number<std::uint64_t>(value.size());
    bytes += value;
    return *this;
  }
  [[nodiscard]] std::string judged() const {
    try {
      (void)gguf::File::parse(std::as_bytes(std::span(bytes)), "hand");
      return "sound";
    } catch (const Error& error) {
      return error.what();
    }
  }
};

}  // namespace

TEST_CASE("every kind of metadata value and tensor comes back as it was written") {
  const TemporaryDirectory folder;
  const std::vector<gguf::KeyValue> metadata = {{"u32", std::uint32_t{7}},
                                                {"u64", std::uint64_t{1} << 60},
                                                {"i64", std::int64_t{-5}},
                                                {"f32", 1.5F},
                                                {"f64", 1e-5},
                                                {"yes", true},
                                                {"text", std::string("z\0z", 3)},
                                                {"u32s", std::vector<std::uint32_t>{1, 2}},
                                                {"u64s", std::vector<std::uint64_t>{}},
                                                {"texts", std::vector<std::string>{"", "b"}}};
  const std::vector<std::int16_t> values = {1, -2, 3, 4, 5, 6};
  write_gguf(folder / "a.gguf", metadata,
             {small_tensor("first", gguf::Type::i16, {3, 2}, values),
              small_tensor("second", gguf::Type::f64, {1}, std::vector<double>{0.1})});
  const auto file = gguf::File::open(folder / "a.gguf");
  REQUIRE(file.metadata().size() == metadata.size());
  for (const auto& [key, value] : metadata) {
    REQUIRE(file.find(key) != nullptr);
    CHECK(*file.find(key) == value);
  }
  const auto* first = file.find_tensor("first");
  REQUIRE(first != nullptr);
  CHECK(first->type == gguf::Type::i16);
  CHECK(first->shape == std::vector<std::int64_t>{3, 2});
  CHECK(file.values<std::int16_t>(*first) == values);
  CHECK(file.find_tensor("second")->offset % gguf::alignment == 0);
  CHECK(file.find_tensor("third") == nullptr);
}

TEST_CASE("a tensor that comes short, long, out of turn or never writes nothing") {
  const TemporaryDirectory folder;
  const std::vector<std::byte> six(6);
  const auto t = [](std::int64_t bytes) {
    return gguf::TensorInfo{.name = "t", .type = gguf::Type::i8, .shape = {bytes}};
  };
  for (const std::int64_t announced : {5, 7}) {
    CHECK_THROWS_AS(write_gguf(folder / "a.gguf", {}, {{t(announced), six}}), Error);
    CHECK(std::filesystem::is_empty(folder.path()));
  }
  {
    gguf::Writer writer(folder / "a.gguf", {}, {t(6)});
    CHECK_THROWS_AS(writer.write(six), Error);  // of which tensor?
    CHECK_THROWS_AS(writer.begin("u"), Error);
    CHECK_THROWS_AS(writer.finish({}), Error);
    writer.begin("t");
    writer.write(six);
    CHECK_THROWS_AS(writer.begin("t"), Error);
    CHECK_THROWS_AS(writer.finish({{"longer", true}}), Error);
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a file for which the disk has no space is refused before anything is written") {
  const TemporaryDirectory folder;
  try {
    const gguf::Writer writer(folder / "a.gguf", {}, {{.name = "t", .type = gguf::Type::i8, .shape = {1LL << 50}}});
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::io);
    CHECK_THAT(error.what(), Catch::Contains("bytes, the disk has"));
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("truncation at every length is noticed") {
  const TemporaryDirectory folder;
  write_small_model(folder / "m.gguf");
  const std::string whole = contents(folder / "m.gguf");
  REQUIRE(judgement(whole) == "sound");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO(length);
    CHECK(judgement(whole.substr(0, length)) != "sound");
  }
}

TEST_CASE("every flipped bit outside of padding is noticed") {
  const TemporaryDirectory folder;
  write_small_model(folder / "m.gguf");
  std::string bytes = contents(folder / "m.gguf");
  std::size_t payload = 24;  // bytes that mean something: magic, version, counts; keys and tensors below
  std::vector<bool> in_tensor(bytes.size(), false);
  {
    const auto file = gguf::File::open(folder / "m.gguf");
    std::uint64_t data_size = 0;
    for (const auto& tensor : file.tensors())
      data_size = std::max(data_size, tensor.offset + (tensor.bytes() + 63) / 64 * 64);
    const std::size_t start = bytes.size() - data_size;
    for (const auto& tensor : file.tensors()) {
      std::fill_n(in_tensor.begin() + static_cast<std::ptrdiff_t>(start + tensor.offset), tensor.bytes(), true);
      payload += 8 + tensor.name.size() + 4 + 8 * tensor.shape.size() + 4 + 8;
    }
    for (const auto& [key, value] : file.metadata()) {
      payload += 8 + key.size() + 4;
      if (const auto* text = std::get_if<std::string>(&value)) payload += 8 + text->size();
      if (const auto* numbers = std::get_if<std::vector<std::uint64_t>>(&value)) payload += 12 + 8 * numbers->size();
      payload += 4 * static_cast<std::size_t>(std::holds_alternative<std::uint32_t>(value));
      payload += 8 * static_cast<std::size_t>(std::holds_alternative<double>(value) ||
                                              std::holds_alternative<std::uint64_t>(value));
      payload += static_cast<std::size_t>(std::holds_alternative<bool>(value));
    }
    REQUIRE((payload + 63) / 64 * 64 == start);  // the count above is right
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (at >= payload && !in_tensor[at]) continue;  // padding
    // Every bit of the header; of the tensors, whose checksums see any, one a byte.
    for (int bit = static_cast<int>(at % 8); bit < 8; bit += at < payload ? 1 : 8) {
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      INFO("byte " << at << " bit " << bit);
      CHECK(judgement(bytes) != "sound");
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
    }
  }
}

TEST_CASE("lengths and counts that the file cannot hold are refused before anything is allocated") {
  constexpr std::uint64_t huge = ~std::uint64_t{0};
  using Catch::Contains;
  CHECK_THAT(Hand(huge, 0).judged(), Contains("number of tensors"));
  CHECK_THAT(Hand(0, huge / 8).judged(), Contains("number of metadata keys"));
  CHECK_THAT(Hand(0, 1).number(huge).number<std::uint64_t>(0).judged(), Contains("ends inside"));
  const auto value = [](std::uint32_t kind) { return Hand(0, 1).text("k").number(kind); };
  CHECK_THAT(value(8).number(huge).judged(), Contains("ends inside k"));
  CHECK_THAT(value(13).number(huge).judged(), Contains("unknown type 13"));
  CHECK_THAT(value(7).number<std::uint8_t>(2).judged(), Contains("neither true nor false"));
  CHECK_THAT(value(9).number<std::uint32_t>(10).number(huge / 2).judged(), Contains("more than the file can hold"));
  CHECK_THAT(value(9).number<std::uint32_t>(8).number(huge / 2).judged(), Contains("more than the file can hold"));
  CHECK_THAT(value(9).number<std::uint32_t>(9).number<std::uint64_t>(1).judged(), Contains("array of arrays"));
  const auto tensor = [](std::uint32_t dimensions) { return Hand(1, 0).text("t").number(dimensions); };
  CHECK_THAT(tensor(0).number<std::uint64_t>(0).number<std::uint64_t>(0).judged(), Contains("0 dimensions"));
  CHECK_THAT(tensor(5).number(huge).number(huge).judged(), Contains("5 dimensions"));
  CHECK_THAT(tensor(2).number(std::uint64_t{1} << 33).number(std::uint64_t{1} << 33).number(huge).judged(),
             Contains("cannot hold"));
  CHECK_THAT(tensor(1).number<std::uint64_t>(0).number<std::uint32_t>(0).number<std::uint64_t>(0).judged(),
             Contains("cannot hold"));
  const auto typed = [&](std::uint32_t type) { return tensor(1).number<std::uint64_t>(1).number(type); };
  CHECK_THAT(typed(3).number<std::uint64_t>(0).judged(), Contains("element type 3"));
  const std::string data(64, '\0');
  CHECK_THAT(typed(0).number(huge).text(data).judged(), Contains("not aligned"));
  CHECK_THAT(typed(0).number(huge - 31).text(data).judged(), Contains("ends inside tensor t"));
  CHECK(typed(0).number<std::uint64_t>(0).text(data).judged() == "sound");
}

TEST_CASE("rows of four-bit blocks are whole, and so is their last block") {
  const auto tensor = [](std::uint64_t columns, std::uint64_t rows, std::size_t data) {
    Hand hand(1, 0);
    hand.text("t").number<std::uint32_t>(2).number(columns).number(rows).number<std::uint32_t>(2);
    hand.number<std::uint64_t>(0);
    hand.bytes.resize((hand.bytes.size() + 31) / 32 * 32 + data);
    return hand.judged();
  };
  // 2 rows of 3 blocks of 18 bytes, padded to 32; more elements than bytes
  CHECK(tensor(96, 2, 128) == "sound");
  CHECK(tensor(32 * 64, 1, 64 * 18) == "sound");
  CHECK_THAT(tensor(96, 2, 127), Catch::Contains("ends inside tensor t"));
  for (const std::uint64_t columns : {1U, 31U, 33U, 95U}) {
    CHECK_THAT(tensor(columns, 2, 128), Catch::Contains("no whole blocks of 32"));
  }
  CHECK_THAT(tensor(1ULL << 62, 1, 128), Catch::Contains("cannot hold"));
  CHECK_THAT(tensor(1ULL << 32, 1ULL << 32, 128), Catch::Contains("cannot hold"));
}

TEST_CASE("names that occur twice are refused") {
  Hand keys(0, 2);
  for (int i = 0; i < 2; ++i) keys.text("k").number<std::uint32_t>(4).number<std::uint32_t>(1);
  CHECK_THAT(keys.judged(), Catch::Contains("k occurs twice"));
  Hand tensors(2, 0);
  for (int i = 0; i < 2; ++i) {
    tensors.text("t").number<std::uint32_t>(1).number<std::uint64_t>(1).number<std::uint32_t>(0).number<std::uint64_t>(
        0);
  }
  CHECK_THAT(tensors.judged(), Catch::Contains("t occurs twice"));
}

TEST_CASE("what cannot be opened is an input-output error, what is no GGUF a bad file") {
  const TemporaryDirectory folder;
  const auto kind_of = [](const std::filesystem::path& path) {
    try {
      (void)gguf::File::open(path);
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::work;
  };
  CHECK(kind_of(folder / "missing") == ErrorKind::io);
  CHECK(kind_of(folder.path()) == ErrorKind::io);
  std::ofstream(folder / "empty").close();
  CHECK(kind_of(folder / "empty") == ErrorKind::input);
  std::ofstream(folder / "text") << "hello, this is no model";
  CHECK(kind_of(folder / "text") == ErrorKind::input);
}

}  // namespace trm::io_gguf_test
