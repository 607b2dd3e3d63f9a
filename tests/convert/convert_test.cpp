// From a checkpoint to a model file: what is converted, and what never is.

#include "convert/convert.hpp"

#include <fstream>
#include <iterator>

#include "models/family.hpp"
#include "models/model_file.hpp"
#include "models/puzzle_table.hpp"
#include "tests/catch.hpp"
#include "tests/convert/small_checkpoint.hpp"
#include "tests/puzzles/error_text.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::convert_test {
namespace {

using Catch::Contains;

// A folder as a training run leaves it, and the options to convert what is in it.
struct Run {
  TemporaryDirectory folder;
  ConvertOptions options;

  explicit Run(const Hyperparameters& h, const std::string& prefix = "") : Run(h, tensors_of(h, prefix)) {}
  Run(const Hyperparameters& h, const std::vector<SmallTensor>& tensors) {
    write_safetensors(folder / "step_7", tensors);
    put_text(folder / "all_config.yaml", config_of(h));
    options.checkpoint = folder / "step_7";
    options.output = folder / "model.gguf";
  }
  [[nodiscard]] std::string refusal(ErrorKind kind = ErrorKind::input) const {
    const auto text = error_text([&] { convert(options); }, kind);
    CHECK_FALSE(std::filesystem::exists(options.output));
    return text;
  }
  [[nodiscard]] std::string refusal_with(const std::vector<std::string>& overrides) {
    options.overrides = overrides;
    return refusal();
  }
};

Hyperparameters rope() {
  return small_model(false, PositionEncoding::rope);
}

}  // namespace

TEST_CASE("a checkpoint becomes a sound model file with everything in its place") {
  const auto prefix =
      GENERATE("", "inner.", "model.inner.", "_orig_mod.model.inner.", "state_dict._orig_mod.model.inner.");
  Run run(rope(), prefix);
  run.options.seq_len = 8;
  const auto result = convert(run.options);
  CHECK(result.prefix == prefix);
  const auto file = gguf::File::open(run.options.output);
  CHECK_NOTHROW(verify_whole(file));
  const auto h = read_hyperparameters(file);
  CHECK(h.vocab_size == 5);
  CHECK(h.seq_len == 8);
  CHECK(h.num_puzzle_identifiers == 6);
  CHECK(h.l_cycles == 3);
  CHECK(h.rms_norm_eps == 1e-5);
  const auto* down = file.find_tensor("L_level.layers.1.mlp.down_proj.weight");
  REQUIRE(down != nullptr);
  const auto values = file.values<float>(*down);
  for (std::size_t i = 0; i < down->bytes() / 4; ++i) CHECK(values[i] == static_cast<float>(i) / 8);
  // The SHA-256 is checked against another implementation in gguf_readback.py.
  CHECK(std::get<std::string>(*file.find("trm.source.sha256")).size() == 64);
  CHECK(std::get<std::string>(*file.find("trm.source.file")) == "step_7");
}

TEST_CASE("shapes tell the sequence length where they can") {
  Run by_mlp(small_model(true, PositionEncoding::none));
  CHECK(convert(by_mlp.options).hyperparameters.seq_len == 8);
  Run by_positions(small_model(false, PositionEncoding::learned));
  CHECK(convert(by_positions.options).hyperparameters.seq_len == 8);
  Run by_nothing(rope());
  CHECK_THAT(by_nothing.refusal(), Contains("seq_len: unknown") && Contains("dataset.json") && Contains("the task"));
}

TEST_CASE("the sequence length may come from several places, which must agree") {
  Run run(rope());
  put_text(run.folder / "dataset.json",
           R"({"seq_len": 8, "vocab_size": 5, "num_puzzle_identifiers": 6, "sets": ["all"]})");
  CHECK(convert(run.options).hyperparameters.seq_len == 8);
  std::filesystem::remove(run.options.output);
  run.options.task_seq_len = 81;
  CHECK_THAT(run.refusal(), Contains("dataset.json: seq_len is 8, but the given task says 81"));
  run.options.task_seq_len.reset();
  run.options.seq_len = 9;
  CHECK_THAT(run.refusal(), Contains("seq_len is 8, but the given length says 9"));

  // Where the shapes tell it, whoever contradicts them is blamed, not the configuration.
  Run by_mlp(small_model(true, PositionEncoding::none));
  by_mlp.options.seq_len = 9;
  CHECK_THAT(by_mlp.refusal(),
             Contains("the given length: seq_len is 9, but the checkpoint with puzzle_emb_len 2 says 8"));
}

TEST_CASE("a data set of another model is refused") {
  Run run(rope());
  put_text(run.folder / "dataset.json", R"({"seq_len": 8, "vocab_size": 7, "num_puzzle_identifiers": 9})");
  CHECK_THAT(run.refusal(), Contains("dataset.json: vocab_size is 7, but the checkpoint says 5"));
  put_text(run.folder / "dataset.json", R"({"seq_len": 8, "vocab_size": 5, "num_puzzle_identifiers": 9})");
  CHECK_THAT(run.refusal(), Contains("dataset.json: num_puzzle_identifiers is 9, but the checkpoint says 6"));
  for (const auto* text : {"", "[]", "{", R"({"seq_len": "8"})", R"({"seq_len": -8})", R"({"seq_len": 8.5})"}) {
    put_text(run.folder / "dataset.json", text);
    CHECK_THAT(run.refusal(), Contains("dataset.json"));
  }
}

// Each of these loads without a word in a careless program.
TEST_CASE("a wrong configuration never converts and every misfit is named") {
  Run attention(rope());
  attention.options.seq_len = 8;
  CHECK_THAT(attention.refusal_with({"hidden_size=8"}),
             Contains("H_init is [4], expected [8]") &&
                 Contains("L_level.layers.0.self_attn.qkv_proj.weight is [12, 4], expected [24, 8]") &&
                 Contains("L_level.layers.1.mlp.down_proj.weight is [4, 256], expected [8, 256]") &&
                 Contains("lm_head.weight") && Contains("q_head.weight") && Contains("embed_tokens.embedding_weight"));
  CHECK_THAT(
      attention.refusal_with({"L_layers=1"}),
      Contains("unexpected: L_level.layers.1.mlp.down_proj.weight [4, 256], L_level.layers.1.mlp.gate_up_proj.weight "
               "[512, 4], "
               "L_level.layers.1.self_attn.o_proj.weight [4, 4], L_level.layers.1.self_attn.qkv_proj.weight [12, 4]"));
  CHECK_THAT(attention.refusal_with({"L_layers=3"}),
             Contains("missing: L_level.layers.2.self_attn.qkv_proj.weight, L_level.layers.2.self_attn.o_proj.weight, "
                      "L_level.layers.2.mlp.gate_up_proj.weight, L_level.layers.2.mlp.down_proj.weight"));
  CHECK_THAT(attention.refusal_with({"mlp_t=true"}),
             Contains("missing: L_level.layers.0.mlp_t.gate_up_proj.weight") &&
                 Contains("unexpected: L_level.layers.0.self_attn.o_proj.weight"));
  CHECK_THAT(attention.refusal_with({"pos_encodings=learned"}), Contains("missing: embed_pos.embedding_weight"));
  CHECK_THAT(attention.refusal_with({"expansion=200"}), Contains("expansion"));
  CHECK_THAT(attention.refusal_with({"puzzle_emb_ndim=8"}), Contains("puzzle_emb.weights is [6, 4], expected [6, 8]"));
  CHECK_THAT(attention.refusal_with({"puzzle_emb_ndim=0", "puzzle_emb_len=0"}),
             Contains("unexpected: puzzle_emb.weights [6, 4]"));
  CHECK_THAT(attention.refusal_with({"num_heads=5"}),
             Contains("num_heads 5 leaves no channel a head of hidden_size 4"));
  CHECK_THAT(attention.refusal_with({"num_heads=4"}), Contains("head_dim 1 is odd"));
  CHECK_THAT(attention.refusal_with({"vocab_size=6"}), Contains("lm_head.weight is [5, 4], expected [6, 4]"));
  CHECK_THAT(
      attention.refusal_with({"name=recursive_reasoning.trm_of_the_future@X"}),
      Contains("\"trm_of_the_future\"") && Contains("known: eqr, fprm, hrm, nano_trm, transformers_baseline, trm"));

  Run mlp(small_model(true, PositionEncoding::none));
  CHECK_THAT(mlp.refusal_with({"mlp_t=false"}), Contains("missing: L_level.layers.0.self_attn.qkv_proj.weight") &&
                                                    Contains("unexpected: L_level.layers.0.mlp_t.down_proj.weight"));
  CHECK_THAT(mlp.refusal_with({"seq_len=9"}),
             Contains("L_level.layers.0.mlp_t.gate_up_proj.weight is [512, 10], expected [512, 11]") &&
                 Contains("L_level.layers.1.mlp_t.down_proj.weight is [10, 256], expected [11, 256]"));

  auto wide = rope();
  wide.hidden_size = 128;
  Run expansion(wide);
  expansion.options.seq_len = 8;
  CHECK_THAT(expansion.refusal_with({"expansion=8", "puzzle_emb_len=2"}),
             Contains("L_level.layers.0.mlp.gate_up_proj.weight is [1024, 128], expected [1536, 128]") &&
                 Contains("L_level.layers.1.mlp.down_proj.weight is [128, 512], expected [128, 768]"));

  Run learned(small_model(false, PositionEncoding::learned));
  learned.options.seq_len = 8;
  CHECK_THAT(learned.refusal_with({"pos_encodings=rope"}), Contains("unexpected: embed_pos.embedding_weight [10, 4]"));
  CHECK_THAT(learned.refusal_with({"puzzle_emb_len=1"}),
             Contains("the given length: seq_len is 8, but the checkpoint with puzzle_emb_len 1 says 9"));
}

TEST_CASE("what a configuration lacks or holds wrongly is named in one line") {
  Run run(rope());
  run.options.seq_len = 8;
  const auto with = [&](const std::string& text) {
    put_text(run.folder / "all_config.yaml", text);
    return run.refusal();
  };
  CHECK_THAT(with("arch:\n  name: x.trm@Y\n  hidden_size: 4\n  mlp_t: maybe\n"),
             Contains("num_heads is missing") && Contains("expansion is missing") && Contains("L_layers is missing") &&
                 Contains("H_cycles is missing") && Contains("L_cycles is missing") &&
                 Contains("halt_max_steps is missing") && Contains("pos_encodings is missing") &&
                 Contains("mlp_t is \"maybe\""));
  CHECK_THAT(with("a: [1, 2\nb: }"), Contains("all_config.yaml: line") && Contains("not YAML"));
  CHECK_THAT(with("- 1\n- 2\n"), Contains("no mapping"));
  CHECK_THAT(with("arch: 3\n"), Contains("arch"));
  CHECK_THAT(with(std::string(100000, '[')), Contains("not YAML"));
  std::filesystem::remove(run.folder / "all_config.yaml");
  CHECK_THAT(run.refusal(), Contains("no all_config.yaml") && Contains("hidden_size is missing"));
  // The overrides alone may be the configuration.
  run.options.overrides = {"arch.name=trm",      "hidden_size=4",     "num_heads=2",     "expansion=4",
                           "L_layers=2",         "H_cycles=1",        "L_cycles=2",      "halt_max_steps=4",
                           "pos_encodings=rope", "puzzle_emb_ndim=4", "puzzle_emb_len=2"};
  CHECK(convert(run.options).hyperparameters.halt_max_steps == 4);
}

TEST_CASE("without a configuration the tensors' names tell the family") {
  for (const Family* the_family : all_families()) {
    CAPTURE(the_family->name);
    Hyperparameters h = rope();
    h.family = the_family->name;
    h.h_layers = the_family->h_level ? 1 : 0;
    h.l_layers = the_family->l_level ? 2 : 0;
    h.mamba_layers = the_family->mamba ? 1 : 0;
    h.mamba_head_dim = 2;
    h.mamba_d_state = 3;
    if (the_family->fixed_point) h.residual_scale = "input-independent";
    const bool has_puzzles = the_family->name != "eqr";
    h.puzzle_emb_len = !has_puzzles ? 0 : the_family->from_hrm ? 1 : 2;
    if (!has_puzzles) h.puzzle_emb_ndim = h.num_puzzle_identifiers = 0;
    Run run(h, "model.inner.");
    std::filesystem::remove(run.folder / "all_config.yaml");
    run.options.seq_len = 8;
    run.options.overrides = {"hidden_size=4",      "num_heads=2",
                             "expansion=4",        "H_layers=1",
                             "L_layers=2",         "H_cycles=1",
                             "L_cycles=2",         "halt_max_steps=4",
                             "pos_encodings=rope", "puzzle_emb_ndim=4",
                             "mamba_layers=1",     "mamba_head_dim=2",
                             "mamba_d_state=3",    "puzzle_emb_len=" + std::to_string(h.puzzle_emb_len)};
    if (the_family->fixed_point) run.options.overrides.emplace_back("residual_scale=input-independent");
    std::string said;
    run.options.remark = [&](const std::string& remark) { said += remark; };
    const auto converted = convert(run.options).hyperparameters;
    CHECK(converted.family == the_family->name);
    CHECK_THAT(said, Contains("the model is a " + converted.family));
    CHECK(converted.no_act_continue == !the_family->from_hrm);
  }
  // Names of two families at once are those of none.
  auto tensors = tensors_of(rope());
  tensors.push_back({"L3_init", {4}});
  Run run(rope(), tensors);
  std::filesystem::remove(run.folder / "all_config.yaml");
  CHECK_THAT(run.refusal(), Contains("name is missing") && Contains("trm_hier6") && Contains("set name to one of"));
}

TEST_CASE("a field can be overridden by its name and by the name in the family's configurations") {
  Hyperparameters h = rope();
  h.family = "urm";
  h.puzzle_emb_len = 1;
  Run run(h, "model.inner.");
  put_text(
      run.folder / "all_config.yaml",
      "arch: {name: urm.urm@URM, hidden_size: 4, num_heads: 2, expansion: 4, num_layers: 2, H_cycles: 2, L_cycles: 3,\n"
      "       loops: 16, puzzle_emb_ndim: 4, puzzle_emb_len: 16, pos_encodings: none}\n");
  run.options.seq_len = 8;
  CHECK(convert(run.options).hyperparameters.halt_max_steps == 16);
  for (const auto* override : {"loops=5", "halt_max_steps=5", "arch.loops=5"}) {
    run.options.overrides = {override};
    CHECK(convert(run.options).hyperparameters.halt_max_steps == 5);
  }
  run.options.overrides = {"loops=many"};
  std::filesystem::remove(run.options.output);
  CHECK_THAT(run.refusal(), Contains("loops is \"many\""));
}

TEST_CASE("nano-trm's prefix is as long as its configuration says, and never derived") {
  Hyperparameters h = rope();
  h.family = "nano_trm";
  Run run(h, "state_dict.");
  const auto config = [&](const std::string& prefix) {
    put_text(run.folder / "all_config.yaml",
             "{hidden_size: 4, num_heads: 2, ffn_expansion: 4, num_layers: 2, H_cycles: 2, L_cycles: 3, seq_len: 8,\n"
             " N_supervision_val: 16, use_mlp_t: false, pos_emb_type: 1d, num_puzzles: 6, " +
                 prefix + "}\n");
  };
  config("puzzle_emb_dim: 4, puzzle_emb_len: 2");
  CHECK(convert(run.options).hyperparameters.puzzle_emb_len == 2);
  std::filesystem::remove(run.options.output);
  config("puzzle_emb_dim: 4, puzzle_emb_len: 0");
  CHECK_THAT(run.refusal(), Contains("does not fit puzzle_emb_len 0 tokens"));
  config("puzzle_emb_dim: 0, puzzle_emb_len: 2");
  CHECK_THAT(run.refusal(), Contains("puzzle_emb_len 2 without puzzle_emb_ndim"));
  config("puzzle_emb_dim: 4, puzzle_emb_len: 2, rope_theta: 0");
  CHECK_THAT(run.refusal(), Contains("rope_theta is not positive"));
}

TEST_CASE("an override that names no field is a usage error") {
  Run run(rope());
  for (const auto* override : {"hiden_size=4", "hidden_size", "=4", ""}) {
    run.options.overrides = {override};
    CHECK_THAT(run.refusal(ErrorKind::usage), Contains("known keys: name") && Contains("hidden_size"));
  }
}

TEST_CASE("the model is found within a trainer's dictionary") {
  const auto h = rope();
  auto tensors = tensors_of(h, "state_dict.model.inner.");
  tensors.push_back({"optimizer.state.0.exp_avg", {4, 4}});
  tensors.push_back({"optimizer.state.0.step", {1}});
  tensors.push_back({"epoch", {1}});
  Run run(h, tensors);
  run.options.seq_len = 8;
  CHECK(convert(run.options).prefix == "state_dict.model.inner.");
}

TEST_CASE("of several models that fit the user chooses") {
  const auto h = rope();
  auto tensors = tensors_of(h, "first.inner.");
  for (auto& tensor : tensors_of(h, "model.inner.")) tensors.push_back(tensor);
  {
    Run run(h, tensors);
    run.options.seq_len = 8;
    CHECK_THAT(run.refusal(ErrorKind::usage),
               Contains("choose one by its key") && Contains("\"first.inner.\"") && Contains("\"model.inner.\""));
    run.options.key = "first";
    CHECK(convert(run.options).prefix == "first.inner.");
    std::filesystem::remove(run.options.output);
    run.options.key = "fir";
    CHECK_THAT(run.refusal(), Contains("under \"fir\""));
  }
  // Of two, one that does not fit is no candidate.
  tensors.erase(tensors.begin());
  Run run(h, tensors);
  run.options.seq_len = 8;
  CHECK(convert(run.options).prefix == "model.inner.");
}

TEST_CASE("the moving average of the weights is taken where there is one, and the choice is said") {
  const auto h = rope();
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"model.inner.", "ema.inner."},
      {"model._orig_mod.model.inner.", "ema.shadow._orig_mod.model.inner."},
      {"state_dict.", "callbacks.EMACallback.shadow."},
      {"model_state_dict.", "model_ema."},
      {"current_model_state.", "state_dict."},
      {"inner.", "ema_state_dict.inner."}};
  for (const auto& [raw, average] : pairs) {
    CAPTURE(raw);
    CAPTURE(average);
    for (const bool whole : {true, false}) {
      auto tensors = tensors_of(h, raw);
      for (auto& tensor : tensors_of(h, average)) {
        const bool buffer = tensor.name.ends_with("_init") || tensor.name.ends_with("puzzle_emb.weights");
        if (whole || !buffer) tensors.push_back(tensor);
      }
      Run run(h, tensors);
      run.options.seq_len = 8;
      std::string said;
      run.options.remark = [&](const std::string& text) { said += text + '\n'; };
      const auto result = convert(run.options);
      CHECK(result.ema);
      CHECK(result.prefix == average);
      CHECK_THAT(said, Contains("took the average (EMA) of the weights under \"" + average) && Contains(raw));
      CHECK((said.find("parameters only") == std::string::npos) == whole);
      run.options.weights = WeightSet::raw;
      CHECK(convert(run.options).prefix == raw);
      CHECK_THAT(said, Contains("took the raw weights under \"" + raw));
      run.options.weights = WeightSet::ema;
      CHECK(convert(run.options).prefix == average);
    }
  }
  Run run(h, "model.");
  run.options.seq_len = 8;
  CHECK_FALSE(convert(run.options).ema);
  std::filesystem::remove(run.options.output);
  run.options.weights = WeightSet::ema;
  CHECK_THAT(run.refusal(ErrorKind::usage), Contains("no average (EMA)"));
  Run only(h, "ema.");
  only.options.seq_len = 8;
  CHECK(convert(only.options).ema);
  std::filesystem::remove(only.options.output);
  only.options.weights = WeightSet::raw;
  CHECK_THAT(only.refusal(ErrorKind::usage), Contains("no weights but their average"));
}

TEST_CASE("values of a configuration may stand for other values, and numbers have many forms") {
  Run run(rope());
  run.options.seq_len = 8;
  const auto converted = [&](const std::string& lines) {
    put_text(run.folder / "all_config.yaml",
             "size: 4\narch:\n  name: trm@X\n  num_heads: 2\n  expansion: 4\n  L_layers: 2\n  H_cycles: 2\n"
             "  L_cycles: 3\n  halt_max_steps: 16\n  pos_encodings: rope\n  puzzle_emb_len: 2\n" +
                 lines);
    return convert(run.options).hyperparameters;
  };
  const std::string size = "  hidden_size: 4\n";
  CHECK(converted(size + "  puzzle_emb_ndim: ${.hidden_size}\n").puzzle_emb_ndim == 4);
  CHECK(converted(size + "  puzzle_emb_ndim: ${arch.hidden_size}\n").puzzle_emb_ndim == 4);
  CHECK(converted("  hidden_size: ${size}\n  puzzle_emb_ndim: ${.hidden_size}\n").puzzle_emb_ndim == 4);
  CHECK(converted(size + "  puzzle_emb_ndim: '${.hidden_size}'\n  rms_norm_eps: 1e-5\n").rms_norm_eps == 1e-5);
  CHECK(converted(size + "  puzzle_emb_ndim: 4.0\n  rms_norm_eps: '1e-5'\n  rope_theta: 1e4\n").rope_theta == 1e4);
  CHECK(converted(size + "  puzzle_emb_ndim: 4\n  rope_theta: null\n").rope_theta == 10000);
  run.options.overrides = {"hidden_size=4"};
  CHECK(converted("  hidden_size: 8\n  puzzle_emb_ndim: ${.hidden_size}\n").puzzle_emb_ndim == 4);
  run.options.overrides.clear();
  std::filesystem::remove(run.options.output);
  for (const char* value : {"${.nothing}", "${.puzzle_emb_ndim}", "${", "${}", "${.}", "4.5", "1e99", "four"}) {
    INFO(value);
    put_text(run.folder / "all_config.yaml", config_of(rope()) + "  puzzle_emb_ndim: 1\n");
    CHECK_THROWS_AS(converted(size + "  puzzle_emb_ndim: " + value + "\n"), Error);
    CHECK_FALSE(std::filesystem::exists(run.options.output));
  }
}

TEST_CASE("puzzle_emb_len means nothing where neither configuration nor checkpoint has puzzle embeddings") {
  auto h = rope();
  h.puzzle_emb_ndim = 0;
  h.puzzle_emb_len = 0;
  h.num_puzzle_identifiers = 0;
  Run run(h);
  run.options.seq_len = 8;
  std::string config = config_of(h);
  config.replace(config.find("puzzle_emb_ndim: 0"), 18, "unused: 0");
  config.replace(config.find("puzzle_emb_len: 0"), 17, "puzzle_emb_len: 16");
  put_text(run.folder / "all_config.yaml", config);
  std::string said;
  run.options.remark = [&](const std::string& text) { said += text; };
  CHECK(convert(run.options).hyperparameters.puzzle_emb_len == 0);
  CHECK_THAT(said, Contains("puzzle_emb_len counts as 0"));
  // A table that is there is never ignored.
  Run table(rope());
  table.options.seq_len = 8;
  put_text(table.folder / "all_config.yaml", config);
  CHECK_THAT(table.refusal(), Contains("puzzle_emb_len 16 without puzzle_emb_ndim"));
}

TEST_CASE("names of projects that train TRM in another way mean TRM") {
  Run run(rope());
  run.options.seq_len = 8;
  run.options.overrides = {"name=recursive_reasoning.trm_cgar@TinyRecursiveReasoningModel_ACTV1"};
  CHECK(convert(run.options).hyperparameters.family == "trm");
}

TEST_CASE("tensors of types that are not read are named where they are missed") {
  auto tensors = tensors_of(rope());
  tensors[0].type = "C64";
  tensors[1].type = "F4";
  Run run(rope(), tensors);
  run.options.seq_len = 8;
  CHECK_THAT(run.refusal(), Contains(tensors[0].name + " is there, but is a tensor of type C64, which is not read") &&
                                Contains(tensors[1].name + " is there, but is a tensor of type F4") &&
                                !Contains("missing") && Contains("dense float32"));
}

// ../shared/field/unread_tensors: one weight is float8, which is read.
TEST_CASE("float8 weights convert") {
  const TemporaryDirectory folder;
  ConvertOptions options;
  options.checkpoint = std::filesystem::path(TRM_TEST_DATA) / "field" / "unread_tensors" / "checkpoint";
  options.output = folder / "m.gguf";
  options.seq_len = 9;
  CHECK(convert(options).bytes > 0);
}

// ../shared/field/attack/expand20m.pt: a table of 20 million rows that all lie at one place.
TEST_CASE("a table whose rows share their values is refused") {
  const TemporaryDirectory folder;
  const auto data = std::filesystem::path(TRM_TEST_DATA);
  std::ifstream config(data / "arc_model" / "all_config.yaml");
  put_text(folder / "all_config.yaml", {std::istreambuf_iterator<char>(config), {}});
  ConvertOptions options;
  options.checkpoint = data / "field" / "attack" / "expand20m.pt";
  options.config = folder / "all_config.yaml";
  options.output = folder / "m.gguf";
  options.seq_len = 900;
  const std::string text = error_text([&] { convert(options); }, ErrorKind::input);
  CHECK_THAT(text, Contains("puzzle_emb.weights") && Contains("repeated by strides") && Contains("contiguous"));
  CHECK_FALSE(std::filesystem::exists(options.output));
}

TEST_CASE("a file without a model says what it holds") {
  Run run(rope(), std::vector<SmallTensor>{{"something.weight", {2, 2}}, {"else", {1}}});
  CHECK_THAT(run.refusal(), Contains("2 tensors") && Contains("something.weight"));
}

TEST_CASE("weights that are integers or not finite are refused") {
  auto tensors = tensors_of(rope());
  tensors[0].type = "I32";
  Run integers(rope(), tensors);
  integers.options.seq_len = 8;
  CHECK_THAT(integers.refusal(), Contains("not floating-point: H_init is int32"));

  Run run(rope());
  run.options.seq_len = 8;
  {
    std::fstream file(run.options.checkpoint, std::ios::in | std::ios::out | std::ios::binary);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    file.seekp(-4, std::ios::end);  // the table's last value
    file.write(reinterpret_cast<const char*>(&nan), 4);
  }
  CHECK_THAT(run.refusal(), Contains("puzzle_emb.weights") && Contains("element 23 is nan"));
  run.options.ids = "0,1";  // a row that is not kept does not matter
  CHECK(convert(run.options).rows == 2);
}

TEST_CASE("the checkpoint is never overwritten") {
  Run run(rope());
  run.options.output = run.folder / ".." / run.folder.path().filename().string() / "step_7";
  CHECK_THROWS_WITH(convert(run.options), Contains("is the checkpoint itself"));
}

TEST_CASE("a conversion that is stopped leaves nothing behind") {
  Run run(rope());
  run.options.seq_len = 8;
  const auto files = [&] { return std::distance(std::filesystem::directory_iterator(run.folder.path()), {}); };
  const auto before = files();
  for (const double stop_at : {0.1, 0.6, 0.99}) {
    run.options.progress = [&](double share) {
      if (share >= stop_at) throw std::runtime_error("stopped");
    };
    CHECK_THROWS_WITH(convert(run.options), "stopped");
    CHECK(files() == before);
  }
}

}  // namespace trm::convert_test
