#include "cli/arc/summary.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <map>

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

std::vector<arc::PassAt> telling(const std::vector<arc::PassAt>& pass_at, const arc::Ranking& ranking) {
  std::size_t most = 2;
  for (const auto& task : ranking) {
    for (const auto& candidates : task) most = std::max(most, candidates.size());
  }
  std::vector<arc::PassAt> some = pass_at;
  std::erase_if(some, [&](const arc::PassAt& at) { return at.k > static_cast<std::int64_t>(most); });
  return some;
}

Facts run_facts(const arc::JournalHeader& header) {
  const std::map<std::string, std::string> names = {
      {"model", "model checksum"}, {"challenges", "challenges checksum"}, {"halt", "halting"}, {"type", "weights"}};
  Facts facts;
  for (const auto& [key, value] : header) {
    const auto name = names.find(key);
    facts.emplace_back(name == names.end() ? key : name->second, value);
  }
  facts.emplace_back("program", "trm " TRM_VERSION);
  const std::time_t now = std::time(nullptr);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%d %H:%M UTC", std::gmtime(&now));
  facts.emplace_back("written", date.data());
  return facts;
}

std::string report_title(const std::string& of, const std::string& challenges) {
  const auto name = [](const std::string& path) { return std::filesystem::path(path).filename().string(); };
  return name(of) + " on " + name(challenges);
}

Facts facts(const ArcSummary& summary) {
  const auto& [session, plan, result, seconds, pass_at] = summary;
  const std::size_t placeholders = arc::unanswered(plan.tasks, result.ranking).size();
  std::string samples = std::to_string(result.run) + " run";
  if (result.resumed > 0) samples += ", " + std::to_string(result.resumed) + " from the journal";
  if (result.saved > 0) samples += ", " + std::to_string(result.saved) + " saved, their answers being decided";
  if (result.left > 0) samples += ", " + std::to_string(result.left) + " left to run";
  Facts list{{"tasks", std::to_string(plan.tasks.size()) + aside(untrained_tasks(plan), "without a trained id")},
             {"test inputs", std::to_string(plan.inputs.size()) + aside(placeholders, "with a placeholder for answer")},
             {"samples", samples},
             {"steps", std::to_string(steps_of(session)) +
                           (session.run.may_halt() ? " at most (" + halting_text(session.run) + ")" : "")},
             {"agreement", percent(arc::mean_agreement(result.ranking)) + " of the votes are for the first answer"}};
  for (const arc::PassAt& at : telling(pass_at, result.ranking)) {
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
