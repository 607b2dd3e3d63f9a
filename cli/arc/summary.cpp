#include "cli/arc/summary.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "arc/run/ballot.hpp"
#include "cli/arc/scores.hpp"
#include "cli/cost.hpp"
#include "cli/json_line.hpp"
#include "cli/numbers.hpp"

namespace trm {
namespace {

std::size_t untrained_tasks(const arc::Plan& plan) {
  return static_cast<std::size_t>(std::count_if(plan.views.begin(), plan.views.end(),
                                                [](const arc::TaskViews& task) { return task.views.empty(); }));
}

// " (3 of them without a trained id)", or nothing.
std::string aside(std::size_t number, const std::string& text) {
  return number == 0 ? "" : " (" + std::to_string(number) + " of them " + text + ")";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> facts(const ArcSummary& summary) {
  const auto& [job, result, resumed, scores] = summary;
  const std::size_t placeholders = arc::unanswered(job.plan.tasks, result.ranking).size();
  std::string samples = std::to_string(result.run) + " run";
  if (resumed > 0) samples += ", " + std::to_string(resumed) + " from the journal";
  if (result.saved > 0) samples += ", " + std::to_string(result.saved) + " saved, their answers being decided";
  if (result.left > 0) samples += ", " + std::to_string(result.left) + " left to run";
  std::vector<std::pair<std::string, std::string>> list{
      {"tasks", std::to_string(job.plan.tasks.size()) + aside(untrained_tasks(job.plan), "without a trained id")},
      {"test inputs", std::to_string(job.plan.inputs.size()) + aside(placeholders, "with a placeholder for answer")},
      {"samples", samples},
      {"steps", std::to_string(steps_of(job.session)) +
                    (job.session.run.halt ? " at most (" + halting_text(job.session.run) + ")" : "")},
      {"agreement", percent(arc::mean_agreement(result.ranking)) + " of the votes are for the first answer"}};
  for (const arc::PassAt& score : scores) {
    list.emplace_back("pass@" + std::to_string(score.k), percent(score.share) + " (95 % interval over tasks " +
                                                             percent(score.interval.low) + " to " +
                                                             percent(score.interval.high) + ")");
  }
  return list;
}

std::string json_text(const ArcSummary& summary) {
  const auto& [job, result, resumed, scores] = summary;
  nlohmann::ordered_json object = to_json(scores);
  object["tasks"] = job.plan.tasks.size();
  object["untrained_tasks"] = untrained_tasks(job.plan);
  object["test_inputs"] = job.plan.inputs.size();
  object["unanswered"] = arc::unanswered(job.plan.tasks, result.ranking);
  object["samples_run"] = result.run;
  object["samples_resumed"] = resumed;
  object["samples_saved"] = result.saved;
  object["samples_left"] = result.left;
  object["agreement"] = arc::mean_agreement(result.ranking);
  object["steps"] = steps_of(job.session);
  object["seconds"] = job.limits.watch.seconds();
  object["peak_rss_bytes"] = peak_rss_bytes();
  object["threads"] = threads_of(job.session);
  object["isa"] = kernel_set_name(job.session.model.kernels());
  object["type"] = job.session.model.type();
  return json_line(object);
}

}  // namespace trm
