#include "cli/arc_summary.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/cost.hpp"

namespace trm {
namespace {

std::string count(std::size_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::size_t untrained_tasks(const arc::Plan& plan) {
  return static_cast<std::size_t>(std::count_if(plan.views.begin(), plan.views.end(),
                                                [](const arc::TaskViews& task) { return task.views.empty(); }));
}

std::size_t without_samples(const ArcResult& result) {
  return static_cast<std::size_t>(std::count_if(result.standings.begin(), result.standings.end(),
                                                [](const arc::Standing& at) { return at.samples == 0; }));
}

std::string percent(double share) {
  return fixed(100 * share, 2) + " %";
}

// " (3 of them without a trained id)", or nothing.
std::string aside(std::size_t number, const std::string& text) {
  return number == 0 ? "" : " (" + std::to_string(number) + " of them " + text + ")";
}

}  // namespace

std::vector<std::pair<std::string, std::string>> facts(const ArcSummary& summary) {
  const auto& [session, plan, result, resumed, scores, seconds] = summary;
  std::string samples = count(result.run, "sample") + " run";
  if (resumed > 0) samples += ", " + std::to_string(resumed) + " from the journal";
  if (result.saved > 0) samples += ", " + std::to_string(result.saved) + " saved, their answers being decided";
  if (result.left > 0) samples += ", " + std::to_string(result.left) + " left to run";
  std::vector<std::pair<std::string, std::string>> list{
      {"tasks", std::to_string(plan.tasks.size()) + aside(untrained_tasks(plan), "without a trained id")},
      {"test inputs",
       std::to_string(plan.inputs.size()) + aside(without_samples(result), "with a placeholder for answer")},
      {"samples", samples},
      {"steps", std::to_string(steps_of(session)) + (session.run.halt ? " at most (--halt)" : "")},
      {"agreement",
       fixed(100 * arc::mean_agreement(result.standings), 1) + " % of the votes are for the first answer"}};
  for (const arc::PassAt& score : scores) {
    list.emplace_back("pass@" + std::to_string(score.k), percent(score.share) + " (95 % interval " +
                                                             percent(score.interval.low) + " to " +
                                                             percent(score.interval.high) + ")");
  }
  return list;
}

std::string text(const ArcSummary& summary) {
  constexpr std::size_t column = 13;
  std::string lines;
  for (const auto& [name, value] : facts(summary)) {
    lines += name + std::string(column - std::min(column - 1, name.size()), ' ') + value + '\n';
  }
  return lines;
}

std::string json_text(const ArcSummary& summary) {
  const auto& [session, plan, result, resumed, scores, seconds] = summary;
  nlohmann::ordered_json object{{"tasks", plan.tasks.size()},
                                {"untrained_tasks", untrained_tasks(plan)},
                                {"test_inputs", plan.inputs.size()},
                                {"placeholders", without_samples(result)},
                                {"samples_run", result.run},
                                {"samples_resumed", resumed},
                                {"samples_saved", result.saved},
                                {"samples_left", result.left},
                                {"agreement", arc::mean_agreement(result.standings)},
                                {"steps", steps_of(session)},
                                {"seconds", seconds},
                                {"peak_rss_bytes", peak_rss_bytes()},
                                {"threads", threads_of(session)},
                                {"isa", kernel_set_name(session.model.kernels())},
                                {"type", session.model.type()}};
  for (const arc::PassAt& score : scores) {
    object["ARC/pass@" + std::to_string(score.k)] = score.share;
    object["intervals"]["ARC/pass@" + std::to_string(score.k)] = {score.interval.low, score.interval.high};
  }
  return object.dump() + '\n';
}

}  // namespace trm
