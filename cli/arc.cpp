// trm arc: from a challenges file to submission.json.

#include <algorithm>
#include <array>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "arc/journal.hpp"
#include "arc/plan.hpp"
#include "arc/report.hpp"
#include "arc/score.hpp"
#include "arc/tokens.hpp"
#include "cli/arc_run.hpp"
#include "cli/arc_summary.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/duration.hpp"
#include "cli/interrupt.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"
#include "convert/sha256.hpp"
#include "models/loaded_model.hpp"
#include "runtime/error.hpp"

namespace trm {
namespace {

struct ArcOptions {
  std::string model;
  std::string challenges;
  std::string solutions;
  std::string identifiers;
  std::string output;
  std::string html;     // empty: none is written
  std::string journal;  // empty: beside the output
  std::string time_limit;
  std::string until_decided;
  std::string shard = "1/1";
  std::size_t samples = 0;  // 0: all that the model was trained on
  bool resume = false;
  StepOptions steps;
};

[[noreturn]] void wrong_usage(const std::string& message) {
  throw Error(ErrorKind::usage, message);
}

ArcLimits limits_of(const ArcOptions& options) {
  ArcLimits limits;
  if (!options.time_limit.empty()) limits.seconds = parse_duration(options.time_limit);
  if (options.until_decided == "exact")
    limits.until_decided = UntilDecided::exact;
  else if (options.until_decided == "probable")
    limits.until_decided = UntilDecided::probable;
  else if (!options.until_decided.empty())
    wrong_usage("--until-decided=" + options.until_decided + ": give exact or probable");
  return limits;
}

// "2/3" is the second of three.
arc::Shard parse_shard(const std::string& text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto number = [&](std::size_t begin, std::size_t end) {
    std::size_t value = 0;
    const auto [rest, error] = std::from_chars(text.data() + begin, text.data() + end, value);
    return error == std::errc() && rest == text.data() + end ? value : 0;
  };
  const std::size_t index = number(0, slash);
  const std::size_t count = number(std::min(slash + 1, text.size()), text.size());
  if (index == 0 || count == 0 || index > count)
    wrong_usage("--shard " + text + ": give one such as 2/3, the second of three");
  return {.index = index - 1, .count = count};
}

void check_model(const Session& session) {
  const Hyperparameters& h = session.model.hyperparameters();
  if (h.seq_len != arc::cells || h.vocab_size != arc::vocab_size) {
    throw input_error(session.name, "",
                      "reads " + std::to_string(h.seq_len) + " cells of " + std::to_string(h.vocab_size) + " tokens",
                      "ARC needs a model of 900 cells and 12 tokens");
  }
  if (session.model.puzzle_rows() == 0) {
    throw input_error(session.name, "", "holds no puzzle embeddings, without which its accuracy is zero",
                      "convert the checkpoint with --ids @CHALLENGES.json");
  }
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > shown ? text + " and " + std::to_string(names.size() - shown) + " more" : text;
}

// What the model cannot be asked, and why. Throws Error(input) when nothing is left.
void report_untrained(const Session& session, const arc::Plan& plan, std::size_t wanted) {
  std::vector<std::string> untrained;
  std::vector<std::string> missing;
  std::vector<std::string> few;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    const auto& [views, without_row, first_without_row] = plan.views[i];
    if (without_row > 0) {
      missing.push_back(first_without_row +
                        (without_row > 1 ? " (and " + std::to_string(without_row - 1) + " more of its task)" : ""));
    }
    if (views.empty())
      untrained.push_back(plan.tasks[i].name);
    else if (views.size() < wanted)
      few.push_back(plan.tasks[i].name + " (" + std::to_string(views.size()) + ")");
  }
  if (untrained.size() == plan.tasks.size()) {
    throw input_error(session.name, "", "was not trained on any task of the challenges file",
                      "convert the checkpoint with --ids @CHALLENGES.json, or give a model of these tasks");
  }
  if (!untrained.empty()) {
    note("trm: warning: " + std::to_string(untrained.size()) + " of " + std::to_string(plan.tasks.size()) +
         " tasks are left out, as the model has no trained id for them and its accuracy would be zero: " +
         listed(untrained));
  }
  if (!missing.empty()) {
    note("trm: warning: augmentations without a row in the model file are left out, as accuracy would be zero: " +
         listed(missing));
  }
  if (!few.empty()) {
    note("trm: warning: " + std::to_string(few.size()) + " tasks have fewer than " + std::to_string(wanted) +
         " trained augmentations, and all of them are used: " + listed(few));
  }
}

arc::JournalHeader header_of(const Session& session, const ArcOptions& options) {
  const auto& file = session.model.impl().file;
  const auto* identity =
      file.find("trm.metadata_checksum");  // of all else in the file, the tensors' checksums included
  std::array<char, 17> hexadecimal{};
  std::snprintf(hexadecimal.data(), hexadecimal.size(), "%016" PRIx64, std::get<std::uint64_t>(*identity));
  return {{"challenges", sha256_of_file(options.challenges)},
          {"type", std::string(session.model.type())},
          {"steps", std::to_string(steps_of(session))},
          {"halt", session.run.halt ? "yes" : "no"},
          {"model", hexadecimal.data()}};
}

// "name        value", a line each.
std::string table(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t width = 0;
  for (const auto& [name, value] : rows) width = std::max(width, name.size() + 2);
  std::string text;
  for (const auto& [name, value] : rows) {
    text.append(name).append(width - name.size(), ' ').append(value).append("\n");
  }
  return text;
}

// What the user must know of the submission that was written.
void report_gaps(const arc::Plan& plan, const ArcResult& result, const std::string& journal) {
  const auto missing = unanswered(plan.tasks, result.ranking);
  if (!missing.empty()) {
    note("trm: warning: " + std::to_string(missing.size()) +
         " test inputs have no prediction and get a placeholder: " + listed(missing));
  }
  if (result.left == 0) return;
  note((interrupted() ? "trm: interrupted: " : "trm: the time is over: ") + std::to_string(result.left) +
       " samples were not run; " + journal + " holds those that were, and --resume goes on");
}

std::optional<arc::Solutions> solutions_of(const ArcOptions& options, const std::vector<arc::Task>& tasks) {
  if (options.solutions.empty()) return arc::carried_solutions(tasks);
  return arc::read_solutions(options.solutions, tasks);
}

arc::Plan plan_of(const Session& session, const ArcOptions& options, std::vector<arc::Task> tasks) {
  const auto identifiers =
      options.identifiers.empty() ? std::nullopt : std::optional<std::filesystem::path>(options.identifiers);
  auto views = find_views(session.model, session.name, tasks, identifiers);
  arc::Plan plan = make_plan(std::move(tasks), std::move(views), options.samples);
  report_untrained(session, plan, options.samples);
  return plan;
}

void write_html(const ArcOptions& options, const ArcSummary& summary, const std::optional<arc::Solutions>& solutions) {
  arc::Report report{.facts = facts(summary),
                     .tasks = summary.job.plan.tasks,
                     .ranking = summary.result.ranking,
                     .solutions = solutions};
  report.facts.insert(report.facts.begin(), {{"model", options.model}, {"challenges", options.challenges}});
  write_report(options.html, report);
}

int run_command(const CommonOptions& common, const ArcOptions& options) {
  const ArcLimits limits = limits_of(options);
  const arc::Shard shard = parse_shard(options.shard);
  auto tasks = arc::read_challenges(options.challenges);
  const auto solutions = solutions_of(options, tasks);
  const Session session = open_session(options.model, common, options.steps);
  check_model(session);
  const arc::Plan plan = plan_of(session, options, std::move(tasks));
  const std::string journal_path = options.journal.empty() ? options.output + ".journal" : options.journal;
  auto journal =
      arc::Journal::write(journal_path, header_of(session, options), journal_tasks(plan.tasks), options.resume);
  arc::Schedule schedule(plan.samples, shard, limits.until_decided != UntilDecided::no || limits.timed());
  const std::size_t resumed = mark_done(plan, journal, schedule);
  const ArcJob job{session, plan, limits, schedule, journal, options.output, common.quiet};
  const ArcResult result = run_arc(job);
  ArcSummary summary{job, result, resumed, {}};
  if (solutions) summary.scores = arc::score(result.ranking, *solutions);
  if (!options.html.empty()) write_html(options, summary, solutions);
  print(common.json ? json_text(summary) : table(facts(summary)));
  if (!common.quiet) note(cost_text(session, limits.watch.seconds()));
  report_gaps(plan, result, journal_path);
  return interrupted() ? exit_interrupted : exit_done;
}

}  // namespace

void add_arc(CLI::App& app, Program& program) {
  CLI::App* command = add_command(
      app, "arc", "Solve ARC tasks by a vote over many augmented samples; write submission.json.",
      "  trm arc arc.gguf --challenges c.json -o submission.json --samples 32 --until-decided\n"
      "  trm arc arc.gguf --challenges c.json --solutions s.json -o submission.json --time-limit 8h --html "
      "report.html\n"
      "  trm arc arc.gguf --challenges c.json -o submission.json --resume          goes on where it was stopped\n"
      "  trm arc arc.gguf --challenges c.json -o part2.json --shard 2/3            the second of three machines;\n"
      "                                                            'trm vote' merges their journals\n"
      "\n"
      "A sample is one test input in one of the views (augmentations) of its task that the model was trained on.\n"
      "Samples go round the test inputs, so that each has some before any has many. Every finished sample is in the\n"
      "journal within half a second; submission.json is renewed every ten seconds, and at Ctrl-C.");
  auto options = std::make_shared<ArcOptions>();
  add_model_option(*command, options->model);
  command->add_option("--challenges", options->challenges, "The tasks, in the official form (.json)")
      ->required()
      ->type_name("FILE");
  command->add_option("--solutions", options->solutions, "Their answers, to count what is right")->type_name("FILE");
  command
      ->add_option("--identifiers", options->identifiers,
                   "identifiers.json of the model's training data; needed where the\nmodel file holds no names")
      ->type_name("FILE");
  command->add_option("-o,--output", options->output, "Where the submission goes")->required()->type_name("FILE");
  command
      ->add_option("--samples", options->samples,
                   "Samples a test input, in the order of the puzzle ids, the plain\npuzzle first (default: all that "
                   "the model was trained on)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30).description(""))
      ->type_name("N");
  add_step_options(*command, options->steps, "");
  command
      ->add_option("--time-limit", options->time_limit,
                   "Stop after this time (2h, 90m, 45s). Test inputs whose answer is most\nlikely decided then let the "
                   "others go first")
      ->type_name("TIME");
  command->add_flag("--until-decided{exact}", options->until_decided,
                    "No more samples of a test input once none could change its first two\n"
                    "answers; with =probable once that has a chance under 1 %");
  command->add_flag("--resume", options->resume, "Go on with the journal of an earlier run");
  command->add_option("--shard", options->shard, "I/N: only every N-th sample, the I-th of N machines")
      ->type_name("I/N");
  command->add_option("--journal", options->journal, "Where finished samples are kept (default: OUTPUT.journal)")
      ->type_name("FILE");
  command->add_option("--html", options->html, "Also write a report with every task, its candidates and their votes")
      ->type_name("FILE");
  set_action(command, program, options, run_command);
}

}  // namespace trm
