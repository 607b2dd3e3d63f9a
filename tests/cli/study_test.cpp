// trm study against the commands that measure the same otherwise, and what it says of misuse. tests/python/ has NumPy's
// numbers for identity, halting and quantization; tests/puzzles and tests/arc the counting by hand.

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "io/npy.hpp"
#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_study_test {
namespace {

const std::string puzzles = std::string(TRM_TEST_DATA) + "/sudoku/test_easy_100.csv";
const std::string hard = std::string(TRM_TEST_DATA) + "/sudoku/test_hard_100.csv";
const std::string voting = std::string(TRM_TEST_DATA) + "/voting";

std::string quantized(const TemporaryDirectory& folder, const std::string& type) {
  const std::string model = (folder / (type + ".gguf")).string();
  REQUIRE(run_program({"quantize", sudoku_model(), "-o", model, "--type", type, "--quiet"}).code == 0);
  return model;
}

nlohmann::json report_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--json", "--quiet"});
  const Outcome outcome = run_program({arguments});
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  return nlohmann::json::parse(outcome.out);
}

// A share and its interval in one object say the same as `trm eval`.
void check_same(const nlohmann::json& ours, const nlohmann::json& evaluated) {
  CHECK(ours.at("exact_count") == evaluated.at("exact_count"));
  CHECK(ours.at("exact") == evaluated.at("exact"));
  CHECK(ours.at("interval") == evaluated.at("exact_interval"));
}

}  // namespace

TEST_CASE("quantization: the answers are those of the model and of what trm quantize makes of it") {
  const TemporaryDirectory folder;
  for (const std::string type : {"int8", "q4_0", "f16"}) {
    const std::vector<std::string> few = {"--steps", "3", "--limit", "40"};
    const auto with = [&](std::vector<std::string> arguments) {
      arguments.insert(arguments.end(), few.begin(), few.end());
      return report_of(arguments);
    };
    const auto report = with({"study", "quantization", sudoku_model(), hard, "--type", type});
    CHECK(report.at("type") == type);
    check_same(report.at("reference_answers"), with({"eval", sudoku_model(), hard}));
    check_same(report.at("quantized_answers"), with({"eval", quantized(folder, type), hard}));
  }
}

TEST_CASE("quantization: bfloat16 weights, as those of this checkpoint, lose nothing in half precision") {
  const TemporaryDirectory folder;
  const std::string model = (folder / "arc.gguf").string();
  const std::string data = TRM_TEST_DATA;
  REQUIRE(run_program({"convert", data + "/arc_model/step_1", "-o", model, "--quiet"}).code == 0);
  const auto report =
      report_of({"study", "quantization", model, data + "/dataset_arc", "--type", "f16", "--limit", "4"});
  REQUIRE(report.at("per_step").size() == 3);
  for (const auto& at : report.at("per_step")) {
    for (const char* measure : {"z_high", "z_low", "logits"}) CHECK(at.at(measure).get<double>() == Approx(1));
    CHECK(at.at("agreement") == 1.0);
  }
  for (const auto& weight : report.at("per_weight")) CHECK(weight.at("sqnr_db").is_null());
  CHECK(report.at("mcnemar").at("p") == 1.0);
  CHECK(report.at("reference_answers") == report.at("quantized_answers"));
}

TEST_CASE("quantization: the text names weights, steps and answers, threads change no number") {
  const auto text = [&](const std::string& threads) {
    const Outcome outcome = run_program({"study", "quantization", sudoku_model(), puzzles, "--type", "int8", "--limit",
                                         "7", "--steps", "3", "--threads", threads});
    CHECK(outcome.code == 0);
    return outcome.out;
  };
  const std::string one = text("1");
  CHECK(one.find(" dB  L_level.layers.0.mlp.down_proj.weight\n") != std::string::npos);
  CHECK(one.find("\n    3  ") != std::string::npos);
  CHECK(one.find("\nexact, int8   ") != std::string::npos);
  CHECK(one == text("2"));
}

TEST_CASE("quantization leaves no temporary file behind: done, failed or interrupted") {
  const TemporaryDirectory folder;
  Invocation study{.arguments = {"study", "quantization", sudoku_model(), hard, "--type", "int8", "--quiet"},
                   .temporary = folder.path().string()};
  Invocation few = study;
  few.arguments.insert(few.arguments.end(), {"--limit", "1", "--steps", "1"});
  CHECK(run_program(few).code == 0);
  CHECK(std::filesystem::is_empty(folder.path()));

  few.largest_file = 100000;
  CHECK(only_error(run_program(few), 4).find(folder.path().string()) != std::string::npos);
  CHECK(std::filesystem::is_empty(folder.path()));

  // Interrupted once the temporary file's folder has been made, which changes the time of the folder it is in.
  const auto long_ago = std::filesystem::file_time_type::min();
  std::filesystem::last_write_time(folder.path(), long_ago);
  const auto unchanged = std::filesystem::last_write_time(folder.path());
  study.arguments.insert(study.arguments.end(), {"--steps", "100000"});
  study.interrupt_when = [&](const Outcome&) { return std::filesystem::last_write_time(folder.path()) != unchanged; };
  CHECK(run_program(study).code == 130);
  CHECK(std::filesystem::is_empty(folder.path()));

  few.temporary = (folder / "missing").string();
  CHECK(only_error(run_program(few), 4).find("TMPDIR") != std::string::npos);
}

TEST_CASE("misuse of quantization is one line") {
  const TemporaryDirectory folder;
  const std::vector<std::string> study = {"study", "quantization"};
  const auto with = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), study.begin(), study.end());
    return run_program(arguments);
  };
  for (const std::string type : {"int8", "f16"}) {
    const std::string refused = only_error(with({quantized(folder, type), puzzles, "--type", "int8"}), 3);
    CHECK(refused.find("is " + type + " already; give the float32 model") != std::string::npos);
  }
  CHECK(only_error(with({sudoku_model(), puzzles}), 2).find("--type is required") != std::string::npos);
  only_error(with({sudoku_model(), puzzles, "--type", "int4"}), 2);
  only_error(with({sudoku_model(), "--type", "int8"}), 2);
  only_error(with({sudoku_model(), sudoku_model(), puzzles, "--type", "int8"}), 2);
  only_error(with({(folder / "missing.gguf").string(), puzzles, "--type", "int8"}), 4);
}

TEST_CASE("steps: one run of every step says what trm eval says of each, with and without --halt") {
  const std::string margin = GENERATE("0", "3");
  const TemporaryDirectory folder;
  const std::string plot = (folder / "steps.svg").string();
  const auto report = report_of(
      {"study", "steps", sudoku_model(), hard, "--steps", "5", "--limit", "30", "--plot", plot, "--margin", margin});
  REQUIRE(report.at("per_step").size() == 5);
  CHECK(report.at("examples") == 30);
  const auto every = report_of({"eval", sudoku_model(), hard, "--steps", "5", "--limit", "30", "--every-step"});
  for (std::size_t i = 0; i < 5; ++i) {
    const auto& at = report.at("per_step")[i];
    CHECK(at.at("exact") == every.at("per_step")[i].at("exact"));
    CHECK(at.at("mean_q").get<double>() == Approx(every.at("per_step")[i].at("mean_q").get<double>()));
    const auto halting = report_of(
        {"eval", sudoku_model(), hard, "--steps", std::to_string(i + 1), "--limit", "30", "--halt=" + margin});
    check_same(at.at("halting"), halting);
    CHECK(at.at("halting").at("mean_steps").get<double>() == Approx(halting.at("mean_steps").get<double>()));
    CHECK(at.at("halting").at("halted").get<double>() == Approx(halting.at("halted").get<double>()));
  }
  const std::string svg = read_file(plot);
  CHECK(svg.starts_with("<svg "));
  CHECK(svg.find(">sudoku.gguf on test_hard_100.csv</text>") != std::string::npos);
  CHECK(svg.ends_with("</svg>\n"));
}

TEST_CASE("steps: examples start at random where trm eval starts them") {
  const TemporaryDirectory folder;
  const std::string data = TRM_TEST_DATA, model = (folder / "model.gguf").string();
  REQUIRE(run_program({"convert", data + "/arc_fprm/step_1", "-o", model, "--quiet"}).code == 0);
  const auto mean_q = [&](std::vector<std::string> arguments, const std::string& seed) {
    arguments.insert(arguments.end(), {model, data + "/dataset_arc/test", "--limit", "20", "--seed", seed});
    const nlohmann::json report = report_of(arguments);
    std::vector<double> means;
    for (const auto& step : report.at("per_step")) means.push_back(step.at("mean_q"));
    REQUIRE_FALSE(means.empty());
    return means;
  };
  const auto evaluated = mean_q({"eval", "--every-step"}, "1");
  CHECK(mean_q({"study", "steps"}, "1") == evaluated);
  CHECK(mean_q({"study", "steps"}, "2") != evaluated);
}

TEST_CASE("noise: best q and vote are those of trm eval, one run is one run") {
  const std::vector<std::string> few = {"--steps", "3", "--limit", "40", "--seed", "3"};
  const auto with = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), few.begin(), few.end());
    return report_of(arguments);
  };
  const auto report = with({"study", "noise", sudoku_model(), hard, "--noise", "0,0.3", "--samples", "3"});
  REQUIRE(report.at("per_noise").size() == 2);
  const auto& plain = report.at("per_noise")[0];
  const auto& noisy = report.at("per_noise")[1];
  CHECK(plain.at("samples") == 1);
  const auto evaluated = with({"eval", sudoku_model(), hard});
  for (const char* way : {"best_q", "vote", "any"}) check_same(plain.at(way), evaluated);
  CHECK(plain.at("single").at("exact") == evaluated.at("exact"));

  const std::vector<std::string> noise = {"eval", sudoku_model(), hard, "--noise", "0.3"};
  const auto best_of_three = [&](const std::string& best) {
    auto arguments = noise;
    arguments.insert(arguments.end(), {"--samples", "3", "--best", best});
    return with(arguments);
  };
  CHECK(noisy.at("samples") == 3);
  check_same(noisy.at("best_q"), best_of_three("q"));
  check_same(noisy.at("vote"), best_of_three("vote"));
  CHECK(noisy.at("any").at("exact_count") >= noisy.at("best_q").at("exact_count"));
  CHECK(noisy.at("single").at("exact") <= noisy.at("any").at("exact"));
  // The first of three runs is the one run of --samples 1.
  const auto single = with({"study", "noise", sudoku_model(), hard, "--noise", "0.3", "--samples", "1"});
  CHECK(single.at("per_noise")[0].at("single").at("exact") == with(noise).at("exact"));
}

TEST_CASE("votes: all of them give the official evaluator's pass@K") {
  const auto report = report_of({"study", "votes", voting, "--resamples", "20"});
  const auto expected = nlohmann::json::parse(read_file(voting + "/pass_at_k.json"));
  const auto& all = report.at("per_votes").back();
  for (const std::string k : {"1", "2"}) {
    const double official = expected.at("ARC/pass@" + k);
    CHECK(all.at("pass@" + k).at("mean").get<double>() == Approx(official));
    CHECK(all.at("pass@" + k).at("draws")[0].get<double>() == Approx(official));
    CHECK(all.at("pass@" + k).at("draws")[1].get<double>() == Approx(official));
  }
  CHECK(report.at("samples") == 453);
  CHECK(report.at("per_votes")[0].at("votes") == 1);
  CHECK(report.at("per_votes")[0].at("pass@1") == report.at("per_votes")[0].at("pass@2"));
  CHECK(report == report_of({"study", "votes", voting, "--resamples", "20", "--threads", "1"}));
}

TEST_CASE("studies that cannot be made say why, in one line") {
  CHECK(only_error(run_program({"study", "identity", sudoku_model(), hard}), 3).find("one puzzle id only") !=
        std::string::npos);
  const std::string challenges = std::string(TRM_TEST_DATA) + "/dataset_arc/mini_evaluation_challenges.json";
  const std::string solutions = std::string(TRM_TEST_DATA) + "/dataset_arc/mini_evaluation_solutions.json";
  CHECK(only_error(run_program({"study", "identity", sudoku_model()}), 2).find("DATA or --challenges") !=
        std::string::npos);
  CHECK(only_error(run_program({"study", "identity", sudoku_model(), "--challenges", challenges}), 2)
            .find("add --solutions") != std::string::npos);
  only_error(run_program({"study", "identity", sudoku_model(), hard, "--solutions", solutions}), 2);
  only_error(run_program({"study", "identity", sudoku_model(), hard, "--challenges", challenges}), 2);
  CHECK(only_error(
            run_program({"study", "identity", sudoku_model(), "--challenges", challenges, "--solutions", solutions}), 3)
            .find("ARC needs") != std::string::npos);
  CHECK(only_error(run_program({"study", "steps", sudoku_model()}), 2).find("'trm study steps --help'") !=
        std::string::npos);
  only_error(run_program({"study", "noise", sudoku_model(), hard, "--noise", "-1"}), 2);
  only_error(run_program({"study", "noise", sudoku_model(), hard, "--noise", "nan"}), 2);
  only_error(run_program({"study", "votes", voting + "/missing"}), 4);
  const TemporaryDirectory folder;
  const Outcome unwritable = run_program({"study", "steps", sudoku_model(), hard, "--limit", "1", "--steps", "1",
                                          "--plot", (folder / "missing/plot.svg").string(), "--quiet"});
  CHECK(unwritable.code == 4);
}

TEST_CASE("study tries counts what trm sudoku solves") {
  const auto report =
      report_of({"study", "tries", sudoku_model(), hard, "--limit", "30", "--tries", "4", "--try-steps", "3,6"});
  REQUIRE(report.at("per_tries").size() == 3 * 2 * 3);  // kinds, steps, 1, 2 and 4 tries
  const auto at = [&](const std::string& kind, int steps, int tries) -> const nlohmann::json& {
    return *std::ranges::find_if(report.at("per_tries"), [&](const nlohmann::json& point) {
      return point.at("kind") == kind && point.at("steps") == steps && point.at("tries") == tries;
    });
  };
  for (const int steps : {3, 6}) {
    // The first try is the same for all kinds, and more tries lose nothing.
    for (const std::string kind : {"views", "noise"})
      CHECK(at(kind, steps, 1).at("solved") == at("views and guesses", steps, 1).at("solved"));
    for (const std::string kind : {"views and guesses", "views", "noise"}) {
      CHECK(at(kind, steps, 1).at("solved") <= at(kind, steps, 2).at("solved"));
      CHECK(at(kind, steps, 2).at("solved") <= at(kind, steps, 4).at("solved"));
    }
  }
  const auto evaluated = report_of({"eval", sudoku_model(), hard, "--limit", "30", "--tries", "1", "--steps", "6"});
  CHECK(evaluated.at("solved") == at("views and guesses", 6, 1).at("solved"));
}

TEST_CASE("eval --tries sets one try and several side by side") {
  const auto report = report_of({"eval", sudoku_model(), hard, "--limit", "40", "--tries", "8"});
  CHECK(report.at("steps") == 16);
  CHECK(report.at("exact") == report_of({"eval", sudoku_model(), hard, "--limit", "40"}).at("exact"));
  CHECK(report.at("tries") == 8);
  CHECK(report.at("solved_at_first_try") < report.at("solved"));
  CHECK(report.at("solved") <= 40);
}

// tests/python/study_trace.py compares traces with PyTorch's.
TEST_CASE("trace: kernel sets agree, and an error that is put into a trace is found by name") {
  const TemporaryDirectory folder;
  const auto at = [&](const std::string& name) { return (folder / name).string(); };
  const std::string data = std::string(TRM_TEST_DATA) + "/golden/trm_att";
  REQUIRE(run_program({"convert", data + "/step_1001", "-o", at("m.gguf"), "--quiet"}).code == 0);
  const auto trace = [&](const std::string& isa, const std::string& out) {
    return run_program({"study", "trace", at("m.gguf"), "--inputs", data + "/inputs.npy", "--puzzle-identifiers",
                        data + "/puzzle_identifiers.npy", "--isa", isa, "-o", out, "--quiet"});
  };
  REQUIRE(trace("portable", at("a")).code == 0);
  REQUIRE(run_program({"study", "trace", at("m.gguf"), "--inputs", data + "/inputs.npy", "--puzzle-identifiers",
                       data + "/puzzle_identifiers.npy", "-o", at("b"), "--quiet"})
              .code == 0);
  const auto same = report_of({"study", "trace", at("a"), at("b")});
  CHECK(same.at("first").is_null());
  CHECK(same.at("agree") == same.at("compared"));
  CHECK(same.at("compared") > 50);

  const std::string name = "pass2.L_level.layers.1.self_attn.qkv_proj";
  const std::filesystem::path file = folder / "b" / (name + ".npy");
  const auto planted = [&](auto&& change) {
    auto tensor = read_npy<float>(file);
    change(tensor);
    write_npy<float>(file, tensor.shape, tensor.values);
    const Outcome outcome = run_program({"study", "trace", at("a"), at("b"), "--json"});
    CHECK(outcome.code == 1);
    return nlohmann::json::parse(outcome.out).at("first");
  };
  const auto nan = planted([](auto& tensor) { tensor.values[5] = NAN; });
  CHECK(nan.at("name") == name);
  CHECK(nan.at("at") == nlohmann::json{0, 5});
  const auto short_one = planted([](auto& tensor) {
    tensor.values.resize(static_cast<std::size_t>(tensor.shape[1]));
    tensor.shape[0] = 1;
  });
  CHECK(short_one.at("name") == name);
  CHECK(short_one.at("shape_a") != short_one.at("shape_b"));
  const Outcome text = run_program({"study", "trace", at("a"), at("b")});
  CHECK(text.out.find("first difference: " + name) == 0);
}

TEST_CASE("trace: misuse is explained") {
  const TemporaryDirectory folder;
  const std::string golden = std::string(TRM_TEST_DATA) + "/golden/trm_att";
  const auto error = [](std::vector<std::string> arguments, int code) {
    arguments.insert(arguments.begin(), {"study", "trace"});
    return only_error(run_program(std::move(arguments)), code);
  };
  CHECK(error({sudoku_model()}, 2).find("--inputs") != std::string::npos);
  CHECK(error({golden, golden}, 3).find("index.txt") != std::string::npos);
  write_npy<std::int32_t>(folder / "short.npy", std::vector<std::int64_t>{1, 80}, std::vector<std::int32_t>(80, 1));
  const std::vector<std::string> wrong = {sudoku_model(), "--inputs", (folder / "short.npy").string(), "-o",
                                          (folder / "t").string()};
  CHECK(error(wrong, 3).find("[B, 81]") != std::string::npos);
  write_text(folder / "logits.npy", "not ours");
  write_npy<std::int32_t>(folder / "x.npy", std::vector<std::int64_t>{1, 81}, std::vector<std::int32_t>(81, 1));
  CHECK(error({sudoku_model(), "--inputs", (folder / "x.npy").string(), "-o", (folder / ".").string()}, 2)
            .find("--force") != std::string::npos);
  CHECK(read_file(folder / "logits.npy") == "not ours");
}

}  // namespace trm::cli_study_test
