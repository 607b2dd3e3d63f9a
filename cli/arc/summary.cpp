#include "cli/arc/summary.hpp"

#include <algorithm>

#include "arc/vote/submission.hpp"
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

nlohmann::ordered_json pass_at_json(std::span<const arc::PassAt> pass_at) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const arc::PassAt& at : pass_at) object["ARC/pass@" + std::to_string(at.k)] = at.share;
  for (const arc::PassAt& at : pass_at) {
    object["intervals"]["ARC/pass@" + std::to_string(at.k)] = {at.interval.low, at.interval.high};
  }
  return object;
}

std::vector<std::pair<std::string, std::string>> facts(const ArcSummary& summary) {
  const auto& [session, plan, result, seconds, pass_at] = summary;
  const std::size_t placeholders = arc::unanswered(plan.tasks, result.ranking).size();
  std::string samples = std::to_string(result.run) + " run";
  if (result.resumed > 0) samples += ", " + std::to_string(result.resumed) + " from the journal";
  if (result.saved > 0) samples += ", " + std::to_string(result.saved) + " saved, their answers being decided";
  if (result.left > 0) samples += ", " + std::to_string(result.left) + " left to run";
  std::vector<std::pair<std::string, std::string>> list{
      {"tasks", std::to_string(plan.tasks.size()) + aside(untrained_tasks(plan), "without a trained id")},
      {"test inputs", std::to_string(plan.inputs.size()) + aside(placeholders, "with a placeholder for answer")},
      {"samples", samples},
      {"steps",
       std::to_string(steps_of(session)) + (session.run.halt ? " at most (" + halting_text(session.run) + ")" : "")},
      {"agreement", percent(arc::mean_agreement(result.ranking)) + " of the votes are for the first answer"}};
  for (const arc::PassAt& at : pass_at) {
    list.emplace_back("pass@" + std::to_string(at.k), percent(at.share) + " (95 % interval over tasks " +
                                                          percent(at.interval.low) + " to " +
                                                          percent(at.interval.high) + ")");
  }
  return list;
}

std::string json_text(const ArcSummary& summary) {
  const auto& [session, plan, result, seconds, pass_at] = summary;
  nlohmann::ordered_json object = pass_at_json(pass_at);
  object["tasks"] = plan.tasks.size();
  object["untrained_tasks"] = untrained_tasks(plan);
  object["test_inputs"] = plan.inputs.size();
  object["unanswered"] = arc::unanswered(plan.tasks, result.ranking);
  object["samples_run"] = result.run;
  object["samples_resumed"] = result.resumed;
  object["samples_saved"] = result.saved;
  object["samples_left"] = result.left;
  object["agreement"] = arc::mean_agreement(result.ranking);
  object["steps"] = steps_of(session);
  object["seconds"] = seconds;
  object["peak_rss_bytes"] = peak_rss_bytes();
  object["threads"] = threads_of(session);
  object["isa"] = kernel_set_name(session.model.kernels());
  object["type"] = session.model.type();
  return json_line(object);
}

}  // namespace trm
