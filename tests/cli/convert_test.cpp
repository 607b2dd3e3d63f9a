// trm convert and trm info as users call them: exit codes, failures while writing, and
// what a killed conversion leaves.

#include <sys/stat.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "models/model_file.hpp"
#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/convert/small_checkpoint.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_convert_test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;

// A checkpoint of any size whose weights are all zero; they take no room on the disk.
void write_zeros(const fs::path& path, const std::vector<SmallTensor>& tensors) {
  nlohmann::ordered_json header;
  std::int64_t size = 0;
  for (const auto& tensor : tensors) {
    std::int64_t bytes = 4;
    for (const auto extent : tensor.shape) bytes *= extent;
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {size, size + bytes}}};
    size += bytes;
  }
  const std::string text = header.dump();
  const std::uint64_t length = text.size();
  write_text(path, std::string(reinterpret_cast<const char*>(&length), sizeof length) + text);
  fs::resize_file(path, sizeof length + length + static_cast<std::uint64_t>(size));
}

// A training run whose model file is `rows` x 2 KB.
struct Run {
  TemporaryDirectory folder;

  explicit Run(std::int64_t rows, decltype(&write_safetensors) write = write_safetensors) {
    auto h = small_model(false, PositionEncoding::rope);
    h.hidden_size = 256;
    h.puzzle_emb_ndim = 512;
    h.num_puzzle_identifiers = rows;
    write(folder / "step_7", tensors_of(h));
    write_text(folder / "all_config.yaml", config_of(h));
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder / name).string(); }
  [[nodiscard]] Invocation convert(const std::string& checkpoint = "step_7",
                                   const std::string& output = "model.gguf") const {
    return {.arguments = {"convert", path(checkpoint), "-o", path(output), "--seq-len", "8", "--quiet", "--force"}};
  }
  [[nodiscard]] std::size_t temporaries() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder.path()))
      count += entry.path().extension() == ".trm-tmp" ? 1 : 0;
    return count;
  }
  void remove_temporaries() const {
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      if (entry.path().extension() == ".trm-tmp") fs::remove(entry.path());
    }
  }
};

// `tests/data/golden/trm_att` with other arguments.
std::vector<std::string> golden(const std::string& output, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"convert", std::string(TRM_TEST_DATA) + "/golden/trm_att/step_1001", "-o",
                                        output};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace

TEST_CASE("convert, then info says what is in both") {
  const TemporaryDirectory folder;
  const std::string model = (folder / "m.gguf").string();
  const auto converted = run_program(golden(model, {"--json"}));
  REQUIRE(converted.code == 0);
  CHECK(nlohmann::json::parse(converted.out)["rows"] == 5);
  CHECK_THAT(converted.err, Contains("no identifiers.json"));

  const auto info = nlohmann::json::parse(run_program({"info", model, "--json", "--verify"}).out);
  CHECK(info["verified"] == true);
  CHECK(info["family"] == "trm");
  CHECK(info["hyperparameters"]["L_cycles"] == 6);
  CHECK(info["hyperparameters"]["seq_len"] == 81);
  CHECK(info["puzzle_ids"]["rows"] == 5);
  CHECK(info["source"]["file"] == "step_1001");

  const auto checkpoint = nlohmann::json::parse(run_program({"info", golden(model, {})[1], "--json"}).out);
  CHECK(checkpoint["container"] == "torch zip");
  CHECK(checkpoint["tensors"].size() + 1 == info["tensors"].size());  // the rows' checksums

  const auto cpu = nlohmann::json::parse(run_program({"info", "--cpu", "--json"}).out);
  CHECK(cpu["kernel_sets"][0] == "portable");
}

TEST_CASE("info names the tensors that it does not read, and shows foreign names escaped") {
  const auto data = [](const std::string& name) { return std::string(TRM_TEST_DATA) + "/" + name; };
  const auto json = nlohmann::json::parse(run_program({"info", data("odd_files/unread.pt"), "--json"}).out);
  CHECK(json["tensors"].size() == 1);
  std::vector<std::string> names;
  for (const auto& tensor : json["not_read"]) names.push_back(tensor["name"]);
  CHECK(names == std::vector<std::string>{"complex", "complex_half", "complex_double", "sparse", "sparse_rows", "meta",
                                          "quantized", "channels", "nested"});
  const auto text = run_program({"info", data("odd_files/unread.pt")}).out;
  for (const char* what :
       {"complex64", "complex32", "complex128", "sparse layout", "device meta", "quantized", "nested"}) {
    CHECK_THAT(text, Contains(what));
  }
  for (const char* file : {"field/unread_tensors/two_tensors.safetensors", "field/unread_tensors/three_tensors.pt"}) {
    INFO(file);
    CHECK(run_program({"info", data(file)}).code == 0);
  }
  for (const char* file :
       {"field/json_not_utf8/key.pt", "field/attack/esc.safetensors", "field/attack/ckpt_esc_keys.pt"}) {
    INFO(file);
    CHECK_NOTHROW(nlohmann::json::parse(run_program({"info", data(file), "--json"}).out));
    const auto shown = run_program({"info", data(file)});
    CHECK(shown.code == 0);
    CHECK(shown.out.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("identifiers start where the builder's option of that name says") {
  const TemporaryDirectory folder;
  const std::string challenges = std::string(TRM_TEST_DATA) + "/dataset_arc/mini_training_challenges.json";
  const auto names = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {
        "identifiers", "--challenges", challenges, "--num-aug", "2", "-o", (folder / "i.json").string(),
        "--quiet",     "--force"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    REQUIRE(run_program(arguments).code == 0);
    return nlohmann::json::parse(read_file(folder / "i.json"));
  };
  const auto plain = names({});
  const auto later = names({"--puzzle-identifiers-start", "4"});
  REQUIRE(later.size() == plain.size() + 3);
  for (std::size_t id = 0; id < 4; ++id) CHECK(later[id] == "<blank>");
  for (std::size_t id = 1; id < plain.size(); ++id) CHECK(later[id + 3] == plain[id]);
}

TEST_CASE("quantize says what it refuses") {
  const TemporaryDirectory folder;
  const std::string model = (folder / "f.gguf").string(), small = (folder / "i.gguf").string();
  REQUIRE(run_program(golden(model, {"--quiet"})).code == 0);
  REQUIRE(run_program({"quantize", model, "-o", small, "--type", "int8", "--quiet"}).code == 0);
  for (const char* type : {"int8", "f16"}) {
    const auto refused = run_program({"quantize", small, "-o", (folder / "x.gguf").string(), "--type", type});
    CHECK_THAT(only_error(refused, 3), Contains("is i8 already") && Contains("give the float32 model"));
  }
}

TEST_CASE("wrong usage of convert and info is one line and exit code 2") {
  const TemporaryDirectory folder;
  const std::string model = (folder / "m.gguf").string();
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {golden(model, {"--type", "int4"}), "--type"},
      {golden(model, {"--task", "chess"}), "--task"},
      {golden(model, {"--seq-len", "0"}), "--seq-len"},
      {golden(model, {"--set", "hiden_size=4"}), "hiden_size"},
      {golden(model, {"--ids", "99"}), "99"},
      {{"convert"}, "CHECKPOINT"},
      {{"info"}, "give a file or --cpu"},
      {{"info", model, "--cpu"}, "give a file or --cpu"},
      {{"info", golden(model, {})[1], "--verify"}, "--verify"},
  };
  for (const auto& [arguments, message] : wrong) {
    CHECK_THAT(only_error(run_program(arguments), 2), Contains(message));
    CHECK_FALSE(fs::exists(model));
  }
}

TEST_CASE("a bad checkpoint or configuration is exit code 3, an unreadable one 4, and nothing is written") {
  const Run run(4);
  write_text(run.folder / "empty", "");
  write_text(run.folder / "text", "no checkpoint at all");
  write_text(run.folder / "old.gguf", "what was there before");
  for (const auto* name : {"empty", "text", "all_config.yaml"}) {
    CHECK_THAT(only_error(run_program(run.convert(name, "old.gguf")), 3), Contains(name));
    CHECK_THAT(only_error(run_program({"info", run.path(name)}), 3), Contains(name));
  }
  for (const auto* name : {"missing", ""}) {  // "": the folder itself
    only_error(run_program(run.convert(name, "old.gguf")), 4);
    only_error(run_program({"info", run.path(name)}), 4);
  }
  auto misfit = run.convert("step_7", "old.gguf");
  misfit.arguments.insert(misfit.arguments.end(), {"--set", "L_layers=3"});
  CHECK_THAT(only_error(run_program(misfit), 3), Contains("missing: L_level.layers.2.self_attn.qkv_proj.weight"));
  CHECK(read_file(run.folder / "old.gguf") == "what was there before");
  CHECK(run.temporaries() == 0);
}

TEST_CASE("a target that cannot be written is exit code 4") {
  const Run run(4);
  fs::create_directory(run.folder / "folder");
  for (const auto* output : {"folder", "nowhere/model.gguf", "step_7/model.gguf"}) {
    CHECK_THAT(only_error(run_program(run.convert("step_7", output)), 4), Contains(output));
  }
  auto to_device = run.convert();
  to_device.arguments[3] = "/dev/full";
  only_error(run_program(to_device), 4);
  CHECK(run.temporaries() == 0);

  if (::geteuid() == 0) {
    std::cout << "skipped: a read-only target, since root may write anywhere\n";
    return;
  }
  write_text(run.folder / "old.gguf", "old");
  ::chmod(run.path("old.gguf").c_str(), 0444);
  only_error(run_program(run.convert("step_7", "old.gguf")), 4);
  ::chmod(run.path("old.gguf").c_str(), 0644);
  ::chmod(run.folder.path().c_str(), 0555);
  only_error(run_program(run.convert("step_7", "new.gguf")), 4);
  ::chmod(run.folder.path().c_str(), 0755);
  CHECK(read_file(run.folder / "old.gguf") == "old");
}

// A limit on the file's size fails a write as a full disk does.
TEST_CASE("a disk that fills up leaves the old file and nothing else") {
  const Run run(100);
  REQUIRE(run_program(run.convert()).code == 0);
  const auto whole = fs::file_size(run.folder / "model.gguf");
  write_text(run.folder / "old.gguf", "what was there before");
  for (const auto room : {std::uintmax_t{1000}, whole / 2, whole - 1}) {  // stderr is a file too, and needs some room
    auto convert = run.convert("step_7", "old.gguf");
    convert.largest_file = room;
    CHECK_THAT(only_error(run_program(convert), 4), Contains("old.gguf: cannot write"));
    CHECK(read_file(run.folder / "old.gguf") == "what was there before");
    CHECK(run.temporaries() == 0);
  }
}

TEST_CASE("killed at any moment of its writing, a conversion leaves the old file") {
  const Run run(200);
  REQUIRE(run_program(run.convert("step_7", "whole.gguf")).code == 0);
  const auto whole = fs::file_size(run.folder / "whole.gguf");
  const std::string old = "what was there before";
  write_text(run.folder / "old.gguf", old);
  for (const auto bytes : {std::uintmax_t{1}, std::uintmax_t{1000}, whole / 4, whole / 2, whole - 1}) {
    CAPTURE(bytes);
    auto convert = run.convert("step_7", "old.gguf");
    convert.largest_file = bytes;  // the kernel kills the program where it writes more
    convert.die_at_largest_file = true;
    CHECK(run_program(convert).code == 128 + SIGXFSZ);
    CHECK((read_file(run.folder / "old.gguf") == old));
    CHECK(run.temporaries() == 1);
    run.remove_temporaries();
  }
  CHECK(run_program(run.convert("step_7", "old.gguf")).code == 0);
  CHECK((read_file(run.folder / "old.gguf") == read_file(run.folder / "whole.gguf")));
}

TEST_CASE("an interrupted conversion leaves the old file and nothing else") {
  const Run run(250'000, write_zeros);  // 512 MB to write: far from done when the interrupt arrives
  const std::string old = "what was there before";
  write_text(run.folder / "old.gguf", old);
  auto convert = run.convert("step_7", "old.gguf");
  convert.interrupt_when = [&](const Outcome&) { return run.temporaries() > 0; };
  CHECK(run_program(convert).code == 130);
  CHECK(read_file(run.folder / "old.gguf") == old);
  CHECK(run.temporaries() == 0);
}

}  // namespace trm::cli_convert_test
