// The pickle machine: what it makes of values, and that nothing hostile costs
// more than its own size. Pickles are spelled out in opcodes (pickletools).

#include "convert/checkpoint/pickle.hpp"

#include <string>

#include "convert/checkpoint/torch_state.hpp"
#include "tests/catch.hpp"
#include "tests/convert/files.hpp"

namespace trm::convert_pickle_test {
namespace {

using namespace std::string_literals;
using pickle::Document;
using pickle::Kind;

std::string repeat(const std::string& text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string parse_refusal(const std::string& text) {
  return refusal([&] { (void)pickle::parse(as_bytes(text), "test"); });
}

// A tensor of two float32 from storage "0", as torch pickles it (protocol 2).
const std::string tensor =
    "ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0"
    "0X\x03\0\0\0cpuK\x02tQK\0K\x02\x85K\x01\x85\x89}tR"s;

std::string key(const std::string& text) {
  return "X"s + static_cast<char>(text.size()) + "\0\0\0"s + text;
}

std::string state_refusal(const std::string& text) {
  return refusal([&] { (void)list_tensors(pickle::parse(as_bytes(text), "test"), "test"); });
}

TorchState state_of(const std::string& text) {
  return list_tensors(pickle::parse(as_bytes(text), "test"), "test");
}

TEST_CASE("integers have the sign that Python gives them") {
  const auto integer = [](const std::string& text) { return pickle::parse(as_bytes(text), "test").top().integer; };
  CHECK(integer("K\xff."s) == 255);
  CHECK(integer("M\xff\xff."s) == 65535);
  CHECK(integer("J\xff\xff\xff\xff."s) == -1);
  CHECK(integer("\x8a\x00."s) == 0);
  CHECK(integer("\x8a\x01\xff."s) == -1);
  CHECK(integer("\x8a\x02\xff\x00."s) == 255);
  CHECK(integer("\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80."s) == INT64_MIN);
  CHECK(pickle::parse(as_bytes("\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x01."s), "test").top().kind == Kind::other);
}

TEST_CASE("containers, memo and stack") {
  const std::string text = "](K\x01K\x02h\x00"s;
  CHECK_THAT(parse_refusal(text), Catch::Contains("never remembered"));
  const Document list = [] {
    static const std::string bytes =
        "\x80\x04]\x94(K\x01K\x02h\x00N0e(K\x03"
        "1."s;
    return pickle::parse(as_bytes(bytes), "test");
  }();
  REQUIRE(list.top().kind == Kind::list);
  REQUIRE(list.top().items.size() == 3);
  CHECK(list[list.top().items[1]].integer == 2);
  CHECK(list.top().items[2] == list.root);  // a list within itself
}

TEST_CASE("damaged pickles are refused") {
  for (const std::string& text : {""s,
                                  "."s,
                                  "K"s,
                                  "]"s,
                                  "a."s,
                                  "]a."s,
                                  "K\x01K\x02"
                                  "a."s,
                                  "(."s,
                                  "(1."s,
                                  "}K\x01s."s,
                                  "}(K\x01u."s,
                                  "]K\x01K\x01s."s,
                                  "\x80\x01N."s,
                                  "\x80\x06N."s,
                                  "\xff."s,
                                  "I1\n."s,
                                  "t."s,
                                  "\x85."s,
                                  "cos"s,
                                  "cos\nsystem"s,
                                  "\x93."s,
                                  "K\x01K\x01\x93."s,
                                  "(o."s,
                                  "X\xff\xff\xff\xff."s,
                                  "\x8e\xff\xff\xff\xff\xff\xff\xff\xff."s,
                                  "\x8d\xff\xff\xff\xff\xff\xff\xff\x7f."s,
                                  "\x8b\xff\xff\xff\xff."s,
                                  "r\xff\xff\xff\xff."s,
                                  "Nr\xff\xff\xff\xff."s,
                                  "R."s,
                                  "(K\x01(a."s,
                                  "0."s,
                                  "b."s,
                                  "Nb."s}) {
    INFO(text);
    CHECK_THAT(parse_refusal(text), Catch::Contains("pickle byte"));
  }
}

TEST_CASE("bombs cost no more than their size") {
  CHECK_THAT(parse_refusal(repeat("]", pickle::max_values + 1) + "."), Catch::Contains("values"));
  CHECK_THAT(parse_refusal("N" + repeat("\x94", pickle::max_values + 1) + "."), Catch::Contains("remembers"));
  CHECK(parse_refusal("N" + repeat("2", 5'000'000) + ".") == "accepted");
  CHECK_THAT(parse_refusal(repeat("(", 5'000'000)), Catch::Contains("early"));
  // Nested a million deep, and 2^60 paths through shared lists: parsing is flat, the walk is bounded.
  CHECK_THAT(state_refusal(repeat("]", 1'000'000) + repeat("a", 999'999) + "."), Catch::Contains("nested too deeply"));
  std::string laughs = "]q\x00"s;
  for (char level = 1; level < 60; ++level) {
    laughs += "]q"s + level + "(" + repeat("h"s + static_cast<char>(level - 1), 2) + "e";
  }
  CHECK_THAT(state_refusal(laughs + "."), Catch::Contains("too many values"));
  // A dictionary of many equal keys, visited through many references.
  const std::string equal_keys = "}q\x01(" + repeat(key("k") + "N", 10'000) + "u";
  CHECK_THAT(state_refusal("](" + equal_keys + repeat("h\x01", 10'000) + "e."), Catch::Contains("too many values"));
  CHECK_THAT(state_refusal("}X\xff\xff\0\0"s + std::string(65535, 'k') + tensor + "s."),
             Catch::Contains("a key is longer"));
}

TEST_CASE("unknown classes are inert, wherever they stand") {
  const std::string unknown = "csomewhere\nConfig\n)\x81}" + key("x") + tensor + "sb";
  const TorchState state =
      state_of("}(" + key("w") + tensor + key("c") + unknown + key("l") + "](" + unknown + tensor + "eu.");
  REQUIRE(state.tensors.size() == 2);
  CHECK(state.tensors[0].key == "w");
  CHECK(state.tensors[1].key == "l.1");
  REQUIRE(state.skipped.size() == 2);
  CHECK(to_string(state.skipped[0]) == "c: an object of somewhere.Config");
  CHECK(to_string(state.skipped[1]) == "l.0: an object of somewhere.Config");
  // Appending to, or setting items of, an unknown class's instance.
  const std::string busy =
      "csomewhere\nMyList\n)\x81K\x01"
      "a(K\x01K\x02"
      "eK\x01K\x02s";
  CHECK(state_of("}(" + key("w") + tensor + key("c") + busy + "u.").tensors.size() == 1);
  // Protocol 0's ways to make an object, keyword arguments, a class that a call returned.
  const std::string old = "(K\x01isomewhere\nOld\n", older = "(csomewhere\nOlder\nK\x01o";
  const std::string keywords = "csomewhere\nK\n)}\x92", returned = "csomewhere\nf\n)R)R";
  CHECK(state_of("](" + old + older + keywords + returned + tensor + "e.").tensors.size() == 1);
}

TEST_CASE("a file that names what acts on the machine is refused by that name") {
  const std::string system = "cos\nsystem\nX\x04\0\0\0true\x85R"s;
  CHECK_THAT(state_refusal("}(" + key("w") + system + "u."), Catch::Contains("refuses to call os.system"));
  CHECK_THAT(state_refusal("}(" + key("w") + tensor + key("x") + system + "u."), Catch::Contains("os.system"));
  CHECK_THAT(state_refusal("](" + tensor + "(X\x04\0\0\0trueiposix\nsystem\ne."s), Catch::Contains("posix.system"));
  CHECK_THAT(state_refusal("\x80\x04](" + tensor +
                           "\x8c\x08"
                           "builtins\x8c\x04"
                           "eval\x93\x8c\x01"
                           "1\x85Re."),
             Catch::Contains("builtins.eval"));
  CHECK_THAT(state_refusal("](" + tensor +
                           "csomewhere\nC\n)\x81"
                           "csubprocess\nPopen\n)Rbe."),
             Catch::Contains("subprocess.Popen"));
}

TEST_CASE("without a tensor the file is refused by what it holds instead") {
  CHECK_THAT(state_refusal("}."), Catch::Contains("no tensor"));
  CHECK_THAT(state_refusal("csomewhere\nModel\n)\x81."), Catch::Contains("somewhere.Model"));
  CHECK_THAT(state_refusal("}" + key("w") + "csomewhere\nload\n)Rs."),
             Catch::Contains("w: an object of somewhere.load"));
}

TEST_CASE("a key set twice has its last value, as in Python") {
  const TorchState state = state_of("}(" + key("w") + "N" + key("v") + tensor + key("w") + tensor + "u.");
  REQUIRE(state.tensors.size() == 2);
  CHECK(state.tensors[0].key == "w");
  CHECK(state_of("}(" + key("w") + tensor + key("v") + tensor + key("w") + "Nu.").tensors.size() == 1);
}

TEST_CASE("tensors that are not what torch writes are refused") {
  const auto replaced = [](const std::string& from, const std::string& to) {
    std::string text = tensor;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return "](" + text.replace(at, from.size(), to) + "e.";
  };
  CHECK(state_refusal(replaced("cpu", "abc")) == "accepted");
  CHECK_THAT(state_refusal(replaced("storage", "storagf")), Catch::Contains("not what torch writes"));
  CHECK_THAT(state_refusal(replaced("tQ", "t")), Catch::Contains("not a storage"));
  CHECK_THAT(state_refusal(replaced("K\x02\x85K\x01\x85", "NK\x01\x85")), Catch::Contains("short tuple"));
  CHECK_THAT(state_refusal(replaced("K\x02\x85K\x01\x85", "N\x85K\x01\x85")), Catch::Contains("integers"));
  CHECK_THAT(state_refusal("](ctorch._utils\n_rebuild_tensor_v2\nNRe."), Catch::Contains("not what torch writes"));
}

TEST_CASE("tensors that are not read are named with their type or layout") {
  const auto unread = [](const std::string& text) {
    const TorchState state = state_of(text);
    CHECK(state.tensors.empty());
    REQUIRE(state.skipped.size() == 1);
    CHECK(state.skipped[0].tensor);
    return to_string(state.skipped[0]);
  };
  const auto of_storage = [&](const std::string& storage) {
    std::string text = tensor;
    return unread("](" + text.replace(text.find("FloatStorage"), 12, storage) + "e.");
  };
  CHECK(of_storage("ComplexFloatStorage") == "0: a tensor of type complex64");
  CHECK(of_storage("ComplexDoubleStorage") == "0: a tensor of type complex128");
  CHECK(of_storage("QInt8Storage") == "0: a tensor of type qint8");
  CHECK(of_storage("SomeNewStorage") == "0: a tensor of type SomeNewStorage");
  const auto made_by = [&](const std::string& function) { return unread("](ctorch._utils\n" + function + "\n)Re."); };
  CHECK(made_by("_rebuild_sparse_tensor") == "0: a tensor of sparse layout");
  CHECK(made_by("_rebuild_sparse_csr_tensor") == "0: a tensor of sparse layout");
  CHECK(made_by("_rebuild_qtensor") == "0: a tensor of a quantized type");
  CHECK(made_by("_rebuild_meta_tensor_no_storage") == "0: a tensor of device meta, without values");
  CHECK(made_by("_rebuild_nested_tensor") == "0: a tensor of nested layout");
}

}  // namespace
}  // namespace trm::convert_pickle_test
