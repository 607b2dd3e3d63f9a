// Every container against what its own library says is in it: expected.json
// beside the files, written by torch, safetensors and numpy.

#include "convert/checkpoint/checkpoint.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "io/shape.hpp"
#include "tests/catch.hpp"
#include "tests/convert/files.hpp"
#include "tests/convert/small_zip.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::convert_checkpoint_test {
namespace {

using namespace std::string_literals;
using nlohmann::json;

json expected_of(const std::string& folder) {
  return json::parse(bytes_of(test_data(folder + "/expected.json")));
}

std::vector<float> values_of(const Checkpoint& checkpoint, const CheckpointTensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(element_count(tensor.shape).value()));
  checkpoint.read(tensor, 0, values);
  return values;
}

const CheckpointTensor& find(const Checkpoint& checkpoint, const std::string& key) {
  const auto tensors = checkpoint.tensors();
  const auto found = std::ranges::find(tensors, key, &CheckpointTensor::key);
  if (found == tensors.end()) throw std::runtime_error("no tensor " + key);
  return *found;
}

// A tensor's expectation has "dtype"; anything above it is a dictionary to walk.
void flatten(const json& node, const std::string& path, std::vector<std::pair<std::string, json>>& out) {
  if (node.contains("dtype")) {
    out.emplace_back(path, node);
    return;
  }
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const auto& [key, child] : node.items()) flatten(child, prefix + key, out);
}

void check_tensor(const Checkpoint& checkpoint, const CheckpointTensor& tensor, const json& expected) {
  INFO(checkpoint.name() << " " << tensor.key);
  CHECK(to_string(tensor.type) == expected.at("dtype").get<std::string>());
  CHECK(tensor.shape == expected.at("shape").get<std::vector<std::int64_t>>());
  const std::vector<float> values = values_of(checkpoint, tensor);
  if (expected.contains("values")) {
    std::vector<float> wanted;
    for (const json& value : expected.at("values")) wanted.push_back(static_cast<float>(value.get<double>()));
    CHECK(values == wanted);
    return;
  }
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value);
  CHECK(sum == Approx(expected.at("sum").get<double>()).epsilon(1e-6));
  for (std::size_t i = 0; i < expected.at("first").size(); ++i) {
    CHECK(values[i] == static_cast<float>(expected.at("first")[i].get<double>()));
  }
}

void check_file(const std::string& folder, const std::string& name, const json& expected) {
  INFO(name);
  std::vector<std::pair<std::string, json>> tensors;
  flatten(expected, "", tensors);
  const Checkpoint checkpoint = Checkpoint::open(test_data(folder + "/" + name));
  CHECK(checkpoint.tensors().size() == tensors.size());
  for (const auto& [key, tensor] : tensors) check_tensor(checkpoint, find(checkpoint, key), tensor);
}

TEST_CASE("every file of the shared formats gives what is expected of it") {
  const auto refused = [](const std::string& name) {
    return refusal([&] { (void)Checkpoint::open(test_data("formats/" + name)); });
  };
  const json all = expected_of("formats");
  for (const auto& [name, expected] : all.items()) {
    if (expected.is_object()) check_file("formats", name, expected);
  }
  CHECK_THAT(refused("bad_calls_os_system.pt"), Catch::Contains("refuses to call posix.system"));
  CHECK_FALSE(std::filesystem::exists("pwned"));
  CHECK_THAT(refused("bad_storage_missing.pt"), Catch::Contains("data/0") && Catch::Contains("missing"));
  CHECK_THAT(refused("bad_storage_short.pt"), Catch::Contains("tensor w") && Catch::Contains("holds 2"));
  CHECK_THAT(refused("bad_truncated.pt"), Catch::Contains("truncated"));
  const Checkpoint deflated = Checkpoint::open(test_data("formats/deflated.pt"));
  CHECK(values_of(deflated, find(deflated, "w")) == std::vector<float>{1, 1, 1});
  const Checkpoint beside = Checkpoint::open(test_data("formats/unknown_class_beside.pt"));
  REQUIRE(beside.skipped().size() == 1);
  CHECK(to_string(beside.skipped()[0]) == "config: an object of somebodys_package.config.RunConfig");
}

TEST_CASE("containers as torch, safetensors and numpy write them") {
  const json all = expected_of("checkpoints");
  for (const auto& [name, expected] : all.items()) {
    if (expected.is_object()) {
      check_file("checkpoints", name, expected);
    } else {
      INFO(name);
      const std::string path = "checkpoints/" + name;
      CHECK_THAT(refusal([&] { (void)Checkpoint::open(test_data(path)); }),
                 Catch::Contains(expected.get<std::string>()));
    }
  }
  CHECK(Checkpoint::open(test_data("checkpoints/plain.npz")).container() == "npz"s);
  CHECK(Checkpoint::open(test_data("checkpoints/plain.safetensors")).container() == "safetensors"s);
  CHECK(Checkpoint::open(test_data("checkpoints/protocol_2.pt")).container() == "torch zip"s);
}

TEST_CASE("odd but valid files are read as their own libraries read them") {
  const char* written_now = std::getenv("TRM_ODD_FILES");  // by tests/reference/odd_files.py
  const std::string folder = written_now != nullptr ? written_now : test_data("odd_files").string();
  const json all = json::parse(bytes_of(folder + "/expected.json"));
  for (const auto& [name, expected] : all.items()) {
    INFO(name);
    const Checkpoint checkpoint = Checkpoint::open(folder + "/" + name);
    CHECK(checkpoint.tensors().size() == expected.at("tensors").size());
    for (const auto& [key, tensor] : expected.at("tensors").items()) {
      check_tensor(checkpoint, find(checkpoint, key), tensor);
    }
    std::vector<std::string> unread;
    for (const SkippedItem& item : checkpoint.skipped()) {
      if (item.tensor) unread.push_back(item.key);
    }
    std::ranges::sort(unread);
    CHECK(unread == expected.at("unread").get<std::vector<std::string>>());
  }
}

TEST_CASE("a file in torch's format from before 2020 that is cut or lies is refused") {
  const std::string bytes = bytes_of(test_data("odd_files/legacy_protocol_2.pt"));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    INFO(length);
    const std::string cut = bytes.substr(0, length);
    CHECK(refusal([&] { (void)Checkpoint::view(as_bytes(cut), "cut.pt"); }) != "accepted");
  }
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string changed = bytes;
    changed[random() % changed.size()] = static_cast<char>(random());
    (void)refusal([&] {
      const Checkpoint checkpoint = Checkpoint::view(as_bytes(changed), "changed.pt");
      for (const CheckpointTensor& tensor : checkpoint.tensors()) (void)values_of(checkpoint, tensor);
    });
  }
}

TEST_CASE("the configuration that a trainer pickled beside the weights comes as text") {
  const auto configuration_of = [](const std::string& name) {
    return Checkpoint::open(test_data(name)).configuration();
  };
  CHECK(configuration_of("odd_files/legacy_trainer.pt").key == "config");
  CHECK(configuration_of("odd_files/legacy_trainer.pt").text == R"({"hidden_size": 8})");
  CHECK(configuration_of("checkpoints/protocol_2.pt").text.empty());
}

TEST_CASE("configurations as dataclasses, namespaces and OmegaConf pickle them") {
  // {"config": an object, "w": a tensor}, as pickle protocol 2.
  const auto text_of = [](const std::string& config) {
    const std::string pickle =
        "\x80\x02}(X\x06\0\0\0config"s + config +
        "X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0"
        "0X\x03\0\0\0cpuK\x01tQK\0K\x01\x85K\x01\x85\x89}tRu."s;
    const std::string zip = small_zip({{"a/data.pkl", pickle}, {"a/data/0", std::string(4, '\0')}});
    return Checkpoint::view(as_bytes(zip), "a.pt").configuration().text;
  };
  const auto key = [](const std::string& text) { return "X"s + static_cast<char>(text.size()) + "\0\0\0"s + text; };
  const std::string state = "}(" + key("n") + "K\x08" + key("e") + "G\x3e\xe4\xf8\xb5\x88\xe3\x68\xf1"s + key("s") +
                            key("a\"b") + key("t") + "K\x01K\x02\x86" + key("d") + "ctorch\nbfloat16\n" + key("z") +
                            "Nu";
  const std::string expected =
      R"({"n": 8, "e": 1.0000000000000001e-05, "s": "a\"b", "t": [1, 2], "d": "bfloat16", "z": null})";
  CHECK(text_of(state) == expected);
  CHECK(text_of("cpackage\nConfig\n)\x81" + state + "b") == expected);         // a dataclass
  CHECK(text_of("cpackage\nConfig\n)R" + state + "}\x86" + "b") == expected);  // with __slots__
  CHECK(text_of("cpydantic\nModel\n)\x81}" + key("__dict__") + state + "sb") == expected);
  CHECK(text_of("comegaconf\nDictConfig\n)\x81}" + key("_content") + "}" + key("n") + "comegaconf\nAnyNode\n)\x81}" +
                key("_val") + "K\x08sbssb") == R"({"n": 8})");
  CHECK(text_of("}").empty());
  CHECK(text_of("K\x08").empty());
  CHECK(text_of("cpackage\nConfig\n)\x81").empty());
}

TEST_CASE("any range of elements, in any order, is the same as the whole") {
  for (const std::string& name : {"formats/views_and_dtypes.pt"s, "checkpoints/plain.npz"s, "checkpoints/deflated.npz"s,
                                  "checkpoints/deflated.pt"s, "checkpoints/plain.safetensors"s}) {
    const Checkpoint checkpoint = Checkpoint::open(test_data(name));
    for (const CheckpointTensor& tensor : checkpoint.tensors()) {
      INFO(name << " " << tensor.key);
      const std::vector<float> whole = values_of(checkpoint, tensor);
      for (std::size_t first = whole.size(); first-- > 0;) {
        std::vector<float> part((whole.size() - first + 1) / 2);
        checkpoint.read(tensor, static_cast<std::int64_t>(first), part);
        REQUIRE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(first)));
      }
      std::vector<float> past(whole.size() + 1);
      CHECK_THROWS_AS(checkpoint.read(tensor, 0, past), Error);
      CHECK_THROWS_AS(checkpoint.read(tensor, -1, std::span(past).first(1)), Error);
      checkpoint.read(tensor, static_cast<std::int64_t>(whole.size()), {});
    }
  }
}

TEST_CASE("raw elements are the stored bytes") {
  const Checkpoint checkpoint = Checkpoint::open(test_data("formats/views_and_dtypes.pt"));
  const CheckpointTensor& tensor = find(checkpoint, "u8");
  std::array<std::byte, 3> raw{};
  checkpoint.read_raw(tensor, 4, raw);
  CHECK(raw == std::array<std::byte, 3>{std::byte{4}, std::byte{5}, std::byte{6}});
}

TEST_CASE("a strided tensor larger than the window is read in runs") {
  // [2, N] with the axes swapped: element (i, j) is float j * 2 + i of its storage, N * 8 = 24 MB.
  constexpr std::int64_t columns = 3 << 20;
  const TemporaryDirectory directory;
  std::vector<float> storage(2 * columns);
  for (std::size_t i = 0; i < storage.size(); ++i) storage[i] = static_cast<float>(i);
  const std::string pickle =
      "\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0"
      "0X\x03\0\0\0cpuJ\0\0\x60\0tQK\0K\x02J\0\0\x30\0\x86K\x01K\x02\x86\x89}tRs."s;
  const std::string bytes(reinterpret_cast<const char*>(storage.data()), storage.size() * 4);
  const std::string zip = small_zip({{"any/data.pkl", pickle}, {"any/data/0", bytes}});
  const Checkpoint checkpoint = Checkpoint::view(as_bytes(zip), "large");
  std::vector<float> part(8);
  checkpoint.read(checkpoint.tensors()[0], columns - 4, part);
  const auto n = static_cast<float>(2 * columns);
  CHECK(part == std::vector<float>{n - 8, n - 6, n - 4, n - 2, 1, 3, 5, 7});
}

TEST_CASE("files that are no checkpoint are refused by what they are") {
  const auto refused = [](const std::string& bytes) {
    return refusal([&] { (void)Checkpoint::view(as_bytes(bytes), "file"); });
  };
  CHECK_THAT(refused(""), Catch::Contains("is empty"));
  CHECK_THAT(refused("x"), Catch::Contains("not a checkpoint"));
  CHECK_THAT(refused("GGUF\3\0\0\0"s), Catch::Contains("model file"));
  CHECK_THAT(refused("PK\3\4"), Catch::Contains("truncated"));
  CHECK_THAT(refused(small_zip({{"a.txt", "text"}})), Catch::Contains("neither data.pkl nor .npy"));
  CHECK_THAT(refused(small_zip({{"a.npy", "text"}})), Catch::Contains("a.npy"));
  CHECK_THROWS_AS(Checkpoint::open(test_data("absent")), Error);
  CHECK_THROWS_AS(Checkpoint::open(test_data("formats")), Error);
}

TEST_CASE("safetensors headers that lie are refused") {
  const auto refused = [](const std::string& header, std::size_t data = 8) {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i));
    bytes += header + std::string(data, '\0');
    return refusal([&] { (void)Checkpoint::view(as_bytes(bytes), "file"); });
  };
  const auto tensor = [](const std::string& shape, const std::string& offsets) {
    return R"("w":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
  };
  CHECK(refused("{" + tensor("[2]", "[0,8]") + "}") == "accepted");
  CHECK_THAT(refused("{" + tensor("[2]", "[0,8]") + "," + tensor("[2]", "[0,8]") + "}"), Catch::Contains("twice"));
  CHECK_THAT(refused("{" + tensor("[2]", "[0,8]") + "}", 9), Catch::Contains("9 bytes"));
  CHECK_THAT(refused("{" + tensor("[2]", "[0,8]") + "}", 7), Catch::Contains("7 bytes"));
  CHECK_THAT(refused("{" + tensor("[1]", "[4,8]") + "}"), Catch::Contains("gap"));
  for (const auto& [shape, offsets] :
       std::vector<std::pair<std::string, std::string>>{{"[3]", "[0,8]"},
                                                        {"[2]", "[8,0]"},
                                                        {"[-2]", "[0,8]"},
                                                        {"[2.0]", "[0,8]"},
                                                        {"2", "[0,8]"},
                                                        {"[2]", "[0]"},
                                                        {"[2]", "8"},
                                                        {"[4611686018427387904,4]", "[0,8]"},
                                                        {"[18446744073709551615]", "[0,8]"},
                                                        {"[2]", "[0,18446744073709551615]"},
                                                        {"[99999999999999999999999]", "[0,8]"}}) {
    INFO(shape << offsets);
    CHECK_THAT(refused("{" + tensor(shape, offsets) + "}"), Catch::Contains("w"));
  }
  CHECK_THAT(refused("{" + tensor("[[2]]", "[0,8]") + "}"), Catch::Contains("nested too deeply"));
  CHECK_THAT(refused("{}", 0), Catch::Contains("no tensor"));
  CHECK_THAT(refused(R"({"w":1})"), Catch::Contains("dtype is missing"));
  CHECK_THAT(refused("{" + std::string(100000, '[')), Catch::Contains("header"));
  std::string nested;
  for (int i = 0; i < 100000; ++i) nested += R"({"a":)";
  CHECK_THAT(refused(nested), Catch::Contains("nested too deeply"));
}

}  // namespace
}  // namespace trm::convert_checkpoint_test
