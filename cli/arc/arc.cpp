// trm arc: from a challenges file to submission.json.

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "arc/report/report.hpp"
#include "arc/run/journals.hpp"
#include "arc/run/loop.hpp"
#include "arc/vote/submission.hpp"
#include "base/error.hpp"
#include "cli/arc/summary.hpp"
#include "cli/arc/tasks.hpp"
#include "cli/command.hpp"
#include "cli/cost.hpp"
#include "cli/duration.hpp"
#include "cli/interrupt.hpp"
#include "cli/numbers.hpp"
#include "cli/paths.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "cli/terminal.hpp"

namespace trm {
namespace {

struct ArcOptions {
  std::string model;
  ArcTaskOptions tasks;
  std::string output;
  std::string html;     // empty: none is written
  std::string journal;  // empty: beside the output
  std::string time_limit;
  std::string until_decided;
  std::string shard = "1/1";
  bool resume = false;
  StepOptions steps;
};

[[noreturn]] void wrong_usage(const std::string& message) {
  throw Error(ErrorKind::usage, message);
}

arc::UntilDecided until_decided_of(const ArcOptions& options) {
  if (options.until_decided.empty()) return arc::UntilDecided::no;
  if (options.until_decided == "exact") return arc::UntilDecided::exact;
  if (options.until_decided == "probable") return arc::UntilDecided::probable;
  wrong_usage("--until-decided=" + options.until_decided + ": give exact or probable");
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

// Warns of placeholders in the submission, and says how to go on with a run that was stopped.
void report_gaps(const arc::Plan& plan, const arc::LoopResult& result, const std::string& journal) {
  const auto missing = unanswered(plan.tasks, result.ranking);
  if (!missing.empty()) {
    note("trm: warning: " + std::to_string(missing.size()) +
         " test inputs have no prediction and get a placeholder: " + listed(missing));
  }
  if (result.left == 0) return;
  note((interrupted() ? "trm: interrupted: " : "trm: the time is over: ") + std::to_string(result.left) +
       " samples were not run; " + journal + " holds the finished samples, and --resume goes on");
}

void write_html(const ArcOptions& options, const ArcSummary& summary, const arc::JournalHeader& header,
                const std::optional<arc::Solutions>& solutions) {
  arc::Report report{.title = report_title(options.model, options.tasks.challenges),
                     .facts = {{"model", options.model}, {"challenges", options.tasks.challenges}},
                     .tasks = summary.plan.tasks,
                     .ranking = summary.result.ranking,
                     .solutions = solutions};
  const auto add = [&](const Facts& more) { report.facts.insert(report.facts.end(), more.begin(), more.end()); };
  add(facts(summary));
  std::erase_if(report.facts,
                [](const auto& fact) { return fact.first.starts_with("pass@") || fact.first == "tasks"; });
  add(run_facts(header));
  report.facts.emplace_back("until decided", options.until_decided.empty() ? "no" : options.until_decided);
  report.facts.emplace_back("shard", options.shard);
  report.facts.emplace_back("cost", cost_text(summary.session, summary.seconds));
  write_report(options.html, report);
}

void check_arc_paths(const ArcOptions& options, const std::string& journal, bool force) {
  const std::array inputs = {InputPath{options.model, "the model"},
                             InputPath{options.tasks.challenges, "the challenges"},
                             InputPath{options.tasks.solutions, "the solutions"},
                             InputPath{options.tasks.identifiers, "the names of the puzzle ids"}};
  const std::array outputs = {OutputPath{options.output, OutputKind::json}, OutputPath{journal, OutputKind::journal},
                              OutputPath{options.html, OutputKind::html}};
  check_paths(inputs, outputs, force);
}

// "812 votes on 390 of 400 tasks, 63.1 % for the first answers".
std::string remark(const arc::Ranking& ranking) {
  std::int64_t votes = 0;
  std::size_t begun = 0;
  for (const auto& task : ranking) {
    std::int64_t own = 0;
    for (const auto& candidates : task) own += arc::total_votes(candidates);
    begun += own > 0 ? 1 : 0;
    votes += own;
  }
  if (votes == 0) return "";
  return std::to_string(votes) + " votes on " + std::to_string(begun) + " of " + std::to_string(ranking.size()) +
         " tasks, " + fixed(100 * arc::mean_agreement(ranking), 1) + " % for the first answers";
}

arc::LoopResult run(const CommandSession& session, const arc::Plan& plan, arc::Journal& journal,
                    const arc::LoopOptions& options, bool quiet) {
  Progress progress(0, "samples", quiet);
  return arc::run_loop(
      propose_with(session.model), plan, store_of(journal), options,
      {.finished = [&] { progress.advance(); },
       .renewed =
           [&](const arc::LoopResult& so_far) { progress.update(so_far.run + so_far.left, remark(so_far.ranking)); },
       .cancel = interrupted});
}

int run_command(const CommonOptions& common, const ArcOptions& options) {
  const Stopwatch watch;
  arc::LoopOptions loop{.run = {},
                        .until_decided = until_decided_of(options),
                        .shard = parse_shard(options.shard),
                        .submission = options.output};
  const std::string journal_path = options.journal.empty() ? options.output + ".journal" : options.journal;
  check_arc_paths(options, journal_path, common.force);
  const bool timed = !options.time_limit.empty();
  const double limit = timed ? parse_duration(options.time_limit) : 0;
  auto tasks = arc::read_challenges(options.tasks.challenges);
  const auto solutions = solutions_of(options.tasks, tasks);
  const CommandSession session = open_session(options.model, common, options.steps);
  const arc::Plan plan = plan_of(session, options.tasks, std::move(tasks));
  auto journal =
      arc::Journal::write(journal_path, arc::journal_header(session.model, session.run, options.tasks.challenges),
                          journal_tasks(plan.tasks), options.resume);
  loop.run = session.run;
  loop.grids = arc::kept_grids;
  if (solutions) loop.solutions = &*solutions;
  if (timed) loop.seconds = limit - watch.seconds();
  const arc::LoopResult result = run(session, plan, journal, loop, common.quiet);
  ArcSummary summary{session, plan, result, watch.seconds(), {}};
  if (solutions) summary.pass_at = arc::pass_at_each_k(result.ranking, *solutions);
  if (!options.html.empty()) write_html(options, summary, journal.header(), solutions);
  print(common.json ? json_text(summary) : table(facts(summary)));
  if (!common.quiet) {
    note("submission  " + options.output);
    note("journal     " + journal_path);
    if (!options.html.empty()) note("report      " + options.html);
    note(cost_text(session, watch.seconds()));
  }
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
  add_arc_task_options(*command, options->tasks)->required();
  command->add_option("-o,--output", options->output, "Where the submission goes")->required()->type_name("FILE");
  add_step_options(*command, options->steps, "");
  command
      ->add_option("--time-limit", options->time_limit,
                   "Stop after this time (2h, 90m, 45s). Test inputs whose answer will\nprobably not change then let "
                   "the others go first")
      ->type_name("TIME");
  command
      ->add_flag("--until-decided{exact}", options->until_decided,
                 "No more samples of a test input once none could change its first two\n"
                 "answers, or once that has a chance under 1 % (default: exact)")
      ->type_name("exact|probable");
  command->add_flag("--resume", options->resume, "Go on with the journal of an earlier run");
  command->add_option("--shard", options->shard, "I/N: only every N-th sample, the I-th of N machines")
      ->type_name("I/N");
  command->add_option("--journal", options->journal, "Where finished samples are kept (default: OUTPUT.journal)")
      ->type_name("FILE");
  command->add_option("--html", options->html, "Also write a report with every task, its candidates and their votes")
      ->type_name("FILE");
  set_action(command, program, options, run_command, OnInterrupt::stop);
}

}  // namespace trm
