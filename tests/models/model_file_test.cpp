// Hyperparameters, the tensor list, checksums and the id table of a model file.

#include "models/model_file.hpp"

#include "base/error.hpp"
#include "models/model_file.hpp"
#include "tests/catch.hpp"
#include "tests/models/small_model.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::models_model_file_test {
namespace {

std::int64_t parameters(const Hyperparameters& h) {
  std::int64_t count = 0;
  for (const auto& spec : tensor_list(h)) {
    std::int64_t size = spec.role == TensorRole::id_table ? 0 : 1;
    for (const auto n : spec.shape) size *= n;
    count += size;
  }
  return count;
}

Hyperparameters full_size() {
  Hyperparameters h;
  h.vocab_size = 11;
  h.seq_len = 81;
  h.hidden_size = 512;
  h.num_heads = 8;
  h.l_layers = 2;
  h.h_cycles = 3;
  h.l_cycles = 6;
  h.num_puzzle_identifiers = 1;
  h.puzzle_emb_ndim = 512;
  h.puzzle_emb_len = 16;
  return h;
}

std::string complaint(const Hyperparameters& h) {
  try {
    validate(h);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

// Counts from the papers and the official models.
TEST_CASE("the tensor list has as many parameters as the published models") {
  auto h = full_size();
  CHECK(parameters(h) == 6'829'058);
  h.vocab_size = 12;
  h.seq_len = 900;
  CHECK(parameters(h) == 6'830'082);
  h = full_size();
  h.mlp_t = true;
  CHECK(parameters(h) == 5'029'890);
  h.vocab_size = 12;
  h.seq_len = 900;
  CHECK(parameters(h) == 18'802'690);
}

// Halves go to even, as Python's round(): 0.75 * n * 2 / 3 = n / 2.
TEST_CASE("the width of a SwiGLU rounds as Python does") {
  CHECK(swiglu_width(0.75, 513) == 256);   // 256.5 -> 256
  CHECK(swiglu_width(0.75, 1023) == 512);  // 511.5 -> 512
  CHECK(swiglu_width(0.75, 1025) == 512);  // 512.5 -> 512
  CHECK(swiglu_width(0.75, 1027) == 768);  // 513.5 -> 514
  CHECK(swiglu_width(4, 97) == 512);
  CHECK(swiglu_width(4, 916) == 2560);
}

TEST_CASE("an unknown family names the known ones") {
  auto h = full_size();
  h.family = "gpt";
  CHECK_THROWS_WITH(tensor_list(h), Catch::Contains("gpt") &&
                                        Catch::Contains("known: eqr, fprm, hrm, nano_trm, transformers_baseline, trm"));
}

TEST_CASE("all that no model can have is named at once") {
  CHECK(complaint(full_size()).empty());
  auto h = full_size();
  h.vocab_size = 0;
  h.h_cycles = -1;
  h.rope_theta = 0;
  CHECK_THAT(complaint(h),
             Catch::Contains("vocab_size 0") && Catch::Contains("H_cycles -1") && Catch::Contains("rope_theta"));
  h = full_size();
  h.num_heads = 600;
  CHECK_THAT(complaint(h), Catch::Contains("num_heads 600 leaves no channel a head"));
  h.num_heads = 7;
  h.hidden_size = 21;
  CHECK_THAT(complaint(h), Catch::Contains("head_dim 3 is odd"));
  h = full_size();
  h.expansion = 1e-4;
  CHECK_THAT(complaint(h), Catch::Contains("expansion"));
  h = full_size();
  h.puzzle_emb_len = 0;
  CHECK_THAT(complaint(h), Catch::Contains("puzzle_emb_ndim 512 does not fit"));
  h.puzzle_emb_ndim = 0;
  CHECK(complaint(h).empty());
}

TEST_CASE("hyperparameters come back as they were written") {
  const TemporaryDirectory folder;
  auto h = small_hyperparameters();
  h.pos_encodings = PositionEncoding::learned;
  h.rms_norm_eps = 1.25e-6;
  h.no_act_continue = false;
  write_small_model(folder / "m.gguf", h);
  const auto file = gguf::File::open(folder / "m.gguf");
  const auto read = read_hyperparameters(file);
  for (const auto& field : hyperparameter_fields()) {
    INFO(field.name);
    CHECK(std::visit([&](auto member) { return read.*member == h.*member; }, field.member));
  }
  CHECK_NOTHROW(verify_whole(file));
}

TEST_CASE("a GGUF of another kind is refused by name") {
  const TemporaryDirectory folder;
  write_gguf(folder / "llama.gguf", {{"general.architecture", std::string("llama")}});
  CHECK_THROWS_WITH(read_hyperparameters(gguf::File::open(folder / "llama.gguf")),
                    Catch::Contains("\"llama\", not a trm model"));
  write_gguf(folder / "none.gguf", {});
  CHECK_THROWS_WITH(read_hyperparameters(gguf::File::open(folder / "none.gguf")),
                    Catch::Contains("general.architecture"));
}

// The published test value of XXH3-64 for no input, seed 0.
TEST_CASE("the checksum is XXH3-64") {
  CHECK(checksum({}) == 0x2D06800538D394C2);
  const std::string text = "in pieces or whole";
  StreamingChecksum pieces;
  pieces.update(std::as_bytes(std::span(text)).first(3));
  pieces.update(std::as_bytes(std::span(text)).subspan(3));
  CHECK(pieces.value() == checksum(std::as_bytes(std::span(text))));
}

TEST_CASE("rows of the id table are found by id and by name") {
  const TemporaryDirectory folder;
  write_small_model(folder / "m.gguf");
  const auto file = gguf::File::open(folder / "m.gguf");
  const PuzzleTable table(file);
  REQUIRE(table.rows() == 4);
  REQUIRE(table.named());
  std::array<float, 2> row{};
  for (std::size_t r = 0; r < small_ids.size(); ++r) {
    const auto index = static_cast<std::int64_t>(r);
    CHECK(table.id_of(index) == small_ids[r]);
    CHECK(table.row_of(small_ids[r]) == index);
    CHECK(table.name_of(index) == small_names[r]);
    CHECK(table.find(small_names[r]) == small_ids[r]);
    table.read(index, row);
    CHECK(row == small_row(r));
  }
  for (const std::int64_t id : {-1, 1, 3, 10, 1 << 30}) CHECK_FALSE(table.row_of(id).has_value());
  for (const auto* name : {"", "blank", "0057622", "007bbfb7"}) CHECK_FALSE(table.find(name).has_value());
  std::array<float, 3> wrong{};
  CHECK_THROWS_WITH(table.read(0, wrong), Catch::Contains("puzzle_emb_ndim is 3"));
}

}  // namespace trm::models_model_file_test
