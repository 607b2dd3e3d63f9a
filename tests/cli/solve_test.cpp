// trm sudoku and trm maze, from text to verdict.

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/cli/program.hpp"
#include "tests/temporary_directory.hpp"

namespace trm::cli_solve_test {

using nlohmann::json;

namespace {

// From the bundled model's easy test set, and the answer column there.
const std::string question = ".3.8.6..1.6..147.594..5...3.76...139..9...27...49.765.1.....5.64...239..6..5.13.2";
const std::string answer = "735896421862314795941752863576248139389165274214937658123479586458623917697581342";

std::vector<json> json_lines(const std::string& text) {
  std::vector<json> objects;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) objects.push_back(json::parse(line));
  return objects;
}

}  // namespace

TEST_CASE("a puzzle from standard input, its answer on stdout, its verdict on stderr") {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"sudoku", sudoku_model()}, std::vector<std::string>{"sudoku", sudoku_model(), "-"}}) {
    const Outcome outcome = run_program(arguments, question + "\n");
    CHECK(outcome.code == 0);
    CHECK(outcome.out == answer + "\n");
    CHECK(outcome.err.starts_with(
        "puzzle 1 (line 1): solved (1 step)\nsolved 1 of 1 puzzle (1 at the first try), at most "));
    CHECK(outcome.err.find("peak memory") != std::string::npos);
  }
}

TEST_CASE("option --quiet leaves stderr empty") {
  const Outcome outcome = run_program({"sudoku", sudoku_model(), "--quiet"}, question);
  CHECK(outcome.out == answer + "\n");
  CHECK(outcome.err.empty());
}

TEST_CASE("answers depend neither on threads nor on kernels nor on company") {
  const std::string file = std::string(TRM_SOURCE_DIR) + "/models/bundled/puzzles.txt";
  const Outcome all = run_program({"sudoku", sudoku_model(), file});
  CHECK(all.code == 0);
  CHECK(std::count(all.out.begin(), all.out.end(), '\n') == 5);
  CHECK(all.out.starts_with(answer + "\n"));
  CHECK(all.err.find("solved 5 of 5 puzzles") != std::string::npos);
  for (const std::string threads : {"1", "3"}) {
    for (const std::string isa : {"portable", "avx2"}) {
      CHECK(run_program({"sudoku", sudoku_model(), file, "--threads", threads, "--isa", isa}).out == all.out);
    }
  }
}

TEST_CASE("option --json holds answer, verdict and steps, an object a line") {
  const Outcome outcome =
      run_program({"sudoku", sudoku_model(), "--json", "--quiet"}, question + "\n\n" + answer + "\n");
  const auto objects = json_lines(outcome.out);
  REQUIRE(objects.size() == 2);
  CHECK(objects[0].at("puzzle") == 1);
  CHECK(objects[0].at("line") == 1);
  CHECK(objects[0].at("question") == question);
  CHECK(objects[0].at("answer") == answer);
  CHECK(objects[0].at("solved") == true);
  CHECK(objects[0].at("faults").empty());
  CHECK(objects[0].at("steps") == 1);
  CHECK(objects[0].at("try") == 1);
  CHECK(objects[0].at("halted") == false);
  CHECK(objects[1].at("line") == 3);
  CHECK(objects[1].at("answer") == answer);
}

TEST_CASE("a wrong answer is shown with what is wrong, and is no failure") {
  // One step does not solve a hard puzzle.
  const std::string hard = ".9.5...13..6......4..19.......2..3.5....18.7..8.7.......8975.2....4..5...418.....";
  const Outcome outcome = run_program({"sudoku", sudoku_model(), "--tries", "1", "--steps", "1", "--json"}, hard);
  CHECK(outcome.code == 0);
  const auto object = json_lines(outcome.out).at(0);
  CHECK(object.at("solved") == false);
  CHECK(object.at("steps") == 1);
  CHECK(object.at("faults").size() > 3);
  CHECK(outcome.err.find("puzzle 1 (line 1): not solved: ") == 0);
  CHECK(outcome.err.find(" more (1 step; --tries 14 may solve it)\n") != std::string::npos);
  CHECK(outcome.err.find("solved 0 of 1 puzzle in ") != std::string::npos);
}

TEST_CASE("contradicting givens are named") {
  std::string bad = question;
  bad[0] = '3';  // row 1 has a 3 already
  const Outcome outcome = run_program({"sudoku", sudoku_model()}, bad);
  CHECK(outcome.code == 0);
  CHECK(outcome.err.starts_with("puzzle 1 (line 1): not tried: the givens contradict each other: row 1 has two 3s\n"));
}

TEST_CASE("option --every-step shows how the answer forms") {
  const Outcome text =
      run_program({"sudoku", sudoku_model(), "--every-step", "--tries", "1", "--steps", "4"}, question);
  CHECK(std::count(text.out.begin(), text.out.end(), '\n') == 4);
  CHECK(text.out.find("  step 1: q_halt ") == 81);
  CHECK(text.out.find("step 4: 0 cells changed") != std::string::npos);
  const Outcome as_json =
      run_program({"sudoku", sudoku_model(), "--every-step", "--tries", "1", "--steps", "4", "--json"}, question);
  const auto steps = json_lines(as_json.out).at(0).at("every_step");
  REQUIRE(steps.size() == 4);
  CHECK(steps[3].at("step") == 4);
  CHECK(steps[3].at("answer") == answer);
  CHECK(steps[3].at("solved") == true);
}

TEST_CASE("option --halt stops when the halting head says so") {
  const Outcome outcome = run_program({"sudoku", sudoku_model(), "--tries", "1", "--halt", "--json"}, question);
  const auto object = json_lines(outcome.out).at(0);
  CHECK(object.at("halted") == true);
  CHECK(object.at("steps") < 5);
  CHECK(object.at("q_halt") > 0);
  CHECK(outcome.err.find("(halted after ") != std::string::npos);
  const auto surer =
      json_lines(run_program({"sudoku", sudoku_model(), "--tries", "1", "--halt=7", "--json"}, question).out).at(0);
  CHECK(surer.at("steps") > object.at("steps"));
  CHECK((surer.at("halted") == false || surer.at("q_halt") > 7));
  const auto at_rest = [&](const std::string& halt) {
    return json_lines(run_program({"sudoku", sudoku_model(), "--tries", "1", "--halt", halt, "--json"}, question).out);
  };
  CHECK(at_rest("residual").at(0) == at_rest("residual:10").at(0));
  CHECK(at_rest("residual:1000").at(0).at("steps") == 4);  // the first step with three changes
  CHECK(at_rest("residual:1000").at(0).at("halted") == true);
  for (const char* wrong :
       {"--halt=soon", "--halt=nan", "--halt=3x", "--halt=residual:", "--halt=residual:0", "--halt=residual:x"}) {
    only_error(run_program({"sudoku", sudoku_model(), wrong}, question), 2);
  }
}

TEST_CASE("the same noise whatever the threads, the company and the order, other noise for another seed") {
  const std::string file = std::string(TRM_TEST_DATA) + "/sudoku/test_hard_100.csv";
  std::string puzzles;
  std::istringstream lines(read_file(file));
  std::string line;
  std::getline(lines, line);
  for (int i = 0; i < 3 && std::getline(lines, line); ++i) puzzles += line.substr(0, 81) + '\n';
  const std::vector<std::string> noisy = {"sudoku", sudoku_model(), "-", "--json",  "--quiet", "--samples",
                                          "3",      "--noise",      "1", "--steps", "4"};
  const auto with = [&](std::vector<std::string> more, const std::string& input) {
    more.insert(more.begin(), noisy.begin(), noisy.end());
    const Outcome outcome = run_program(more, input);
    CHECK(outcome.code == 0);
    return outcome.out;
  };
  const std::string all = with({}, puzzles);
  CHECK(json_lines(all).size() == 3);
  CHECK(with({"--threads", "1"}, puzzles) == all);
  CHECK(with({"--threads", "3"}, puzzles) == all);
  CHECK(with({}, puzzles.substr(0, 82)) == all.substr(0, all.find('\n') + 1));
  const auto turned = json_lines(with({}, puzzles.substr(82) + puzzles.substr(0, 82)));
  REQUIRE(turned.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    for (const char* key : {"answer", "q_halt", "trajectory"}) {
      CHECK(turned[i].at(key) == json_lines(all)[(i + 1) % 3].at(key));
    }
  }
  for (const std::vector<std::string>& other :
       {std::vector<std::string>{"--seed", "1"}, {"--noise-latent", "high"}, {"--noise-latent", "both"}}) {
    CHECK(with(other, puzzles) != all);
  }
  CHECK(with({"--noise-latent", "low", "--best", "q", "--seed", "0"}, puzzles) == all);
}

TEST_CASE("option --best takes the rule by which one of the samples is chosen") {
  const std::string file = read_file(std::string(TRM_TEST_DATA) + "/sudoku/test_hard_100.csv");
  std::istringstream lines(file);
  std::string puzzles_text, line;
  for (int i = 0; i < 11 && std::getline(lines, line); ++i) puzzles_text += line + '\n';
  std::vector<std::string> answers;
  for (const char* best : {"q", "residual", "confidence", "vote"}) {
    CAPTURE(best);
    const Outcome outcome = run_program({"sudoku", sudoku_model(), "-", "--json", "--quiet", "--samples", "5",
                                         "--noise", "2", "--steps", "4", "--best", best},
                                        puzzles_text);
    CHECK(outcome.code == 0);
    for (const auto& object : json_lines(outcome.out)) answers.push_back(object.at("answer"));
  }
  const std::size_t puzzles = answers.size() / 4;
  REQUIRE(puzzles == 10);
  const auto by = [&](std::size_t rule) {
    const auto first = answers.begin() + static_cast<std::ptrdiff_t>(rule * puzzles);
    return std::vector<std::string>(first, first + static_cast<std::ptrdiff_t>(puzzles));
  };
  // Strong noise gives five different answers, of which each rule takes another. Then the vote is a tie, which the
  // highest q_halt decides.
  CHECK(by(0) != by(1));
  CHECK(by(0) != by(2));
  CHECK(by(1) != by(2));
  CHECK(by(3) == by(0));
  const auto message = only_error(run_program({"sudoku", sudoku_model(), "--best", "luck"}, question), 2);
  CHECK(message.find("residual") != std::string::npos);
}

TEST_CASE("a model for another board than 9x9 reads and answers sudokus of its size") {
  const TemporaryDirectory folder;
  const std::string model = (folder / "small.gguf").string();
  const std::string golden = std::string(TRM_TEST_DATA) + "/golden/nano_ema/model.ckpt";
  REQUIRE(run_program({"convert", golden, "-o", model, "--quiet"}).code == 0);
  const std::string small = "1..43...2.4.4.2.";
  const Outcome line = run_program({"sudoku", "-m", model, small, "--quiet"});
  CHECK(line.code == 0);
  CHECK(line.out.size() == 17);
  CHECK(line.out.find_first_not_of("1234.\n") == std::string::npos);
  const Outcome rows = run_program({"sudoku", "-m", model, "-", "--quiet"}, "1 . . 4\n3 . . .\n2 . 4 .\n4 . 2 .\n");
  CHECK(rows.out == line.out);
  CHECK(run_program({"sudoku", "-m", model, small, "--board", "--quiet"}).out.find("----+----") != std::string::npos);
  const std::string table = (folder / "small.csv").string();
  std::ofstream(table) << "question,answer\n" << small << ",1234341221434321\n";
  CHECK(run_program({"eval", model, table, "--quiet"}).out.find("examples  1") != std::string::npos);
  only_error(run_program({"sudoku", "-m", model, "-"}, question), 3);  // 81 cells
}

TEST_CASE("one sample without noise is what no option gives") {
  const std::vector<std::string> plain = {"sudoku", sudoku_model(), "-", "--json", "--quiet", "--tries", "1"};
  std::vector<std::string> zero = plain;
  zero.insert(zero.end(), {"--samples", "1", "--noise", "0", "--seed", "7"});
  CHECK(run_program(zero, question).out == run_program(plain, question).out);
}

TEST_CASE("the verdict says how many runs agree") {
  const Outcome outcome =
      run_program({"sudoku", sudoku_model(), "--samples", "4", "--noise", "0.05", "--best", "vote"}, question);
  CHECK(outcome.out == answer + "\n");
  CHECK(outcome.err.starts_with("puzzle 1 (line 1): solved (16 steps; 4 of 4 agree)\n"));
}

TEST_CASE("option --steps beyond what the model was trained for") {
  const Outcome outcome = run_program({"sudoku", sudoku_model(), "--tries", "1", "--steps", "128"}, question);
  CHECK(outcome.out == answer + "\n");
  CHECK(outcome.err.starts_with("puzzle 1 (line 1): solved (128 steps)\n"));
}

TEST_CASE("option --board draws the puzzle and its answer without colour on a file") {
  const Outcome outcome = run_program({"sudoku", sudoku_model(), "--board"}, question);
  CHECK(outcome.out.starts_with(". 3 . | 8 . 6 | . . 1     7 3 5 | 8 9 6 | 4 2 1\n"));
  CHECK(std::count(outcome.out.begin(), outcome.out.end(), '\n') == 12);
  CHECK(outcome.out.find('\033') == std::string::npos);
}

TEST_CASE("a model and a puzzle of different sizes are both named") {
  const std::string text = only_error(run_program({"maze", sudoku_model()}, "#S\nG#\n"), 3);
  CHECK(text.find("sudoku.gguf: the model reads 81 cells of 11 tokens, a maze has 81 cells of 6 tokens") !=
        std::string::npos);
}

// The maze model is a small random one: its answers are wrong, its verdicts must say so.
TEST_CASE("a maze goes through a model of its size") {
  const TemporaryDirectory folder;
  const std::string model = (folder / "maze.gguf").string();
  REQUIRE(run_program({"convert", std::string(TRM_TEST_DATA) + "/maze_model/step_1", "-o", model, "--quiet"}).code ==
          0);
  const std::string maze = "#####\n#S  #\n# # #\n#  G#\n#####\n";
  const Outcome text = run_program({"maze", model}, maze + "\n" + maze);
  CHECK(text.code == 0);
  REQUIRE(text.out.size() == 2 * (maze.size() + 1));
  CHECK(text.out.substr(0, 31) == text.out.substr(31));
  CHECK(text.err.starts_with("maze 1 (line 1): not solved: "));
  CHECK(text.err.find("maze 2 (line 7): not solved: ") != std::string::npos);
  const Outcome as_json = run_program({"maze", model, "--json", "--quiet"}, maze);
  const auto object = json_lines(as_json.out).at(0);
  CHECK(object.at("question") == "######S  ## # ##  G######");
  CHECK(object.at("answer").get<std::string>().size() == 25);
  CHECK(object.at("solved") == false);
  CHECK(only_error(run_program({"sudoku", model}, question), 3).find("a sudoku has 81 cells of 11") !=
        std::string::npos);
  CHECK(only_error(run_program({"maze", model}, "#S\nG#\n"), 3).find("this model reads") != std::string::npos);
}

TEST_CASE("the program has a model of its own, and -m names another one anywhere") {
  const Outcome outcome = run_program({"sudoku", question});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == answer + "\n");
  CHECK(outcome.err.find(", int8; ") != std::string::npos);
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"sudoku", "-m", sudoku_model(), question},
                                                    {"sudoku", question, "--model", sudoku_model()},
                                                    {"sudoku", question, "--model=" + sudoku_model()},
                                                    {"sudoku", sudoku_model(), question}}) {
    const Outcome other = run_program(arguments);
    CHECK(other.out == answer + "\n");
    CHECK(other.err.find(", f32; ") != std::string::npos);
  }
}

TEST_CASE("the maze model inside the program finds ways that it never saw") {
  const Outcome outcome = run_program({"maze", std::string(TRM_SOURCE_DIR) + "/models/bundled/mazes.txt"});
  CHECK(outcome.code == 0);
  CHECK(outcome.err.find("solved 3 of 3 mazes") != std::string::npos);
  // 100 mazes without loops, of the held-out set: the card says 99.8 % at the first try.
  const std::string data = std::string(TRM_TEST_DATA) + "/maze/trees_100.csv";
  const std::string model = std::string(TRM_SOURCE_DIR) + "/models/bundled/maze_int8.gguf";
  const json report = json::parse(run_program({"eval", model, data, "--limit", "20", "--json", "--quiet"}).out);
  CHECK(report.at("examples") == 20);
  CHECK(report.at("exact") >= 0.95);
  const auto objects = json_lines(run_program({"maze", data, "--json", "--quiet"}).out);
  const auto solved = std::ranges::count_if(objects, [](const json& one) { return one.at("solved").get<bool>(); });
  CHECK(solved >= 98);
}

TEST_CASE("several inputs are read one after the other") {
  const TemporaryDirectory folder;
  const std::string path = (folder / "p.txt").string();
  write_text(path, "# two\n" + question + "\n" + answer + "\n");
  const auto objects = json_lines(run_program({"sudoku", question, path, "-", "--json", "--quiet"}, answer).out);
  REQUIRE(objects.size() == 4);
  CHECK(objects[1].at("line") == 2);
  CHECK(objects[3].at("question") == answer);
  CHECK(objects[3].at("puzzle") == 4);
}

TEST_CASE("hard puzzles are solved in later tries, the same whatever the threads and the order") {
  std::vector<std::string> puzzles;
  std::istringstream lines(read_file(std::string(TRM_TEST_DATA) + "/sudoku/top95.csv"));
  std::string line;
  std::getline(lines, line);
  for (int i = 0; i < 10 && std::getline(lines, line); ++i) puzzles.push_back(line.substr(0, 81));
  const auto solutions = [&](const std::vector<std::string>& order, std::vector<std::string> more) {
    std::string input;
    for (const std::string& puzzle : order) input += puzzle + '\n';
    more.insert(more.begin(), {"sudoku", "--json", "--quiet"});
    std::vector<json> found = json_lines(run_program(more, input).out);
    for (json& one : found) one.erase("puzzle"), one.erase("line");
    std::ranges::sort(found, {}, [](const json& one) { return one.at("question").get<std::string>(); });
    return found;
  };
  const auto all = solutions(puzzles, {});
  REQUIRE(all.size() == 10);
  CHECK(std::ranges::count_if(all, [](const json& one) { return one.at("solved") && one.at("try") > 1; }) > 2);
  CHECK(solutions(puzzles, {"--threads", "1"}) == all);
  CHECK(solutions({puzzles.rbegin(), puzzles.rend()}, {"--threads", "3"}) == all);
  CHECK(solutions({puzzles[0]}, {}).front() ==
        *std::ranges::find_if(all, [&](const json& one) { return one.at("question") == puzzles[0]; }));
  CHECK(solutions(puzzles, {"--seed", "9"}) != all);
}

TEST_CASE("a puzzle with several solutions, one without, and what would help an unsolved one") {
  std::string several = answer;
  for (char& digit : several) digit = digit == '1' || digit == '2' ? '.' : digit;
  CHECK(run_program({"sudoku", several}).err.find("solved, one of several solutions (") != std::string::npos);
  // Row 1 needs a 5 in column 1 or 2, which have one already, each.
  const std::string none =
      "..1234678" + std::string(18, '.') + "5........" + std::string(18, '.') + ".5......." + std::string(18, '.');
  CHECK(run_program({"sudoku", none, "--tries", "2"}).err.find("the puzzle has no solution (2 tries, ") !=
        std::string::npos);
}

TEST_CASE("option --time-limit ends the second tries") {
  const Outcome outcome =
      run_program({"sudoku", std::string(TRM_TEST_DATA) + "/sudoku/top95.csv", "--time-limit", "0.000001", "--json"});
  CHECK(outcome.code == 0);
  const auto objects = json_lines(outcome.out);
  REQUIRE(objects.size() == 95);
  for (const json& one : objects) CHECK(one.at("tries") == 1);
}

TEST_CASE("tries and samples are two ways to choose") {
  only_error(run_program({"sudoku", question, "--tries", "4", "--samples", "4", "--noise", "0.1"}), 2);
}

}  // namespace trm::cli_solve_test
