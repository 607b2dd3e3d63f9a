// trm_arc_solve and trm_ranking: from tasks to candidates, best first.

#include <chrono>
#include <filesystem>
#include <memory>
#include <numeric>
#include <optional>

#include "arc/run/loop.hpp"
#include "arc/run/plan.hpp"
#include "arc/run/sample_store.hpp"
#include "arc/vote/submission.hpp"
#include "capi/call.hpp"
#include "capi/guard.hpp"
#include "capi/halting.hpp"
#include "capi/handles.hpp"

struct trm_ranking {
  std::vector<trm::arc::Task> tasks;
  trm::arc::Ranking ranking{};
  // Made when they are asked for.
  std::string submission{};
  std::string json{};
};

namespace trm::capi {
namespace {

using Clock = std::chrono::steady_clock;

arc::UntilDecided until_decided_of(std::int32_t given) {
  switch (given) {
    case 0:
      return arc::UntilDecided::no;
    case 1:
      return arc::UntilDecided::exact;
    case 2:
      return arc::UntilDecided::probable;
    default:
      refuse("until_decided", std::to_string(given), "give 0, 1 or 2");
  }
}

arc::LoopOptions loop_options_of(const trm_session& session, const trm_arc_options& given, Clock::time_point start) {
  if (given.samples < 0) refuse("samples", std::to_string(given.samples), "give 1 or more, or 0 for all");
  if (!(given.time_limit >= 0)) refuse("time_limit", "is no number of seconds", "give 0 for none");
  arc::LoopOptions options{.run = {}, .until_decided = until_decided_of(given.until_decided)};
  options.run.threads = session.session.threads();
  options.run.steps = given.steps;
  set_halting(given.halt, given.halt_margin, options.run);
  if (given.time_limit > 0) {
    options.seconds = given.time_limit - std::chrono::duration<double>(Clock::now() - start).count();
  }
  return options;
}

arc::Plan plan_of(const trm_model& model, std::string_view json, const trm_arc_options& given) {
  auto tasks = arc::parse_challenges(json, given.name == nullptr ? "task" : given.name);
  arc::fit_tasks(model.model, model.name, tasks);
  const auto identifiers =
      given.identifiers == nullptr ? std::nullopt : std::optional<std::filesystem::path>(given.identifiers);
  arc::Plan plan =
      arc::plan_of(model.model, model.name, std::move(tasks), identifiers, static_cast<std::size_t>(given.samples));
  arc::require_trained(plan, model.name);
  return plan;
}

const std::vector<arc::Candidate>* candidates_of(const trm_ranking* ranking, std::size_t task, std::size_t test) {
  if (ranking == nullptr || task >= ranking->ranking.size() || test >= ranking->ranking[task].size()) return nullptr;
  return &ranking->ranking[task][test];
}

// `text` is made when it is asked for first.
void write_json(const trm_ranking& ranking, std::string& text,
                std::string (*make)(std::span<const arc::Task>, const arc::Ranking&), const char** json,
                std::size_t* length) {
  if (text.empty()) text = make(ranking.tasks, ranking.ranking);
  required(json, "json") = text.c_str();
  if (length != nullptr) *length = text.size();
}

}  // namespace
}  // namespace trm::capi

trm_status trm_arc_solve(trm_session* session, const char* json, size_t length, const trm_arc_options* options,
                         trm_ranking** ranking, trm_error* error) {
  using namespace trm::capi;
  const auto start = Clock::now();
  if (ranking != nullptr) *ranking = nullptr;
  return guarded(error, [&] {
    trm_session& own = required(session, "session");
    trm_ranking*& out = required(ranking, "ranking");
    const trm::Caller only(own.caller);  // buffers are for one call at a time
    const trm_arc_options given = read_struct(options, "options");
    const std::string_view text(&required(json, "json"), length);
    trm::arc::LoopOptions loop = loop_options_of(own, given, start);
    trm::arc::Plan plan = plan_of(own.model, text, given);
    const std::size_t all = std::accumulate(plan.samples.begin(), plan.samples.end(), std::size_t{0});
    Callbacks callbacks(given.cancel, given.context);
    std::atomic<std::size_t> done{0};
    auto result = trm::arc::run_loop(trm::propose_with(own.session), plan, trm::arc::memory_store(), loop,
                                     {.finished = [&] { callbacks.tell(given.on_progress, ++done, all); },
                                      .renewed = {},
                                      .cancel = [&] { return callbacks.cancelled(); }});
    out =
        std::make_unique<trm_ranking>(trm_ranking{.tasks = std::move(plan.tasks), .ranking = std::move(result.ranking)})
            .release();
    callbacks.throw_if_stopped();
  });
}

void trm_ranking_free(trm_ranking* ranking) {
  delete ranking;
}

const char* trm_ranking_task(const trm_ranking* ranking, size_t task) {
  return ranking == nullptr || task >= ranking->tasks.size() ? nullptr : ranking->tasks[task].name.c_str();
}

size_t trm_ranking_tests(const trm_ranking* ranking, size_t task) {
  return ranking == nullptr || task >= ranking->ranking.size() ? 0 : ranking->ranking[task].size();
}

size_t trm_ranking_candidates(const trm_ranking* ranking, size_t task, size_t test) {
  const auto* candidates = trm::capi::candidates_of(ranking, task, test);
  return candidates == nullptr ? 0 : candidates->size();
}

trm_status trm_ranking_candidate(const trm_ranking* ranking, size_t task, size_t test, size_t place,
                                 trm_candidate* candidate, trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    const auto* candidates = candidates_of(&required(ranking, "ranking"), task, test);
    if (candidates == nullptr || place >= candidates->size()) refuse("place", "the ranking has no such candidate");
    const trm::arc::Candidate& found = (*candidates)[place];
    write_struct(candidate,
                 {.size = 0,
                  .rows = found.grid.rows,
                  .columns = found.grid.cols,
                  .cells = found.grid.cells.data(),
                  .votes = found.votes,
                  .confidence = found.confidence},
                 "candidate");
  });
}

trm_status trm_ranking_submission(trm_ranking* ranking, const char** json, size_t* length, trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    trm_ranking& own = required(ranking, "ranking");
    write_json(own, own.submission, trm::arc::submission_text, json, length);
  });
}

trm_status trm_ranking_json(trm_ranking* ranking, const char** json, size_t* length, trm_error* error) {
  using namespace trm::capi;
  return guarded(error, [&] {
    trm_ranking& own = required(ranking, "ranking");
    write_json(own, own.json, trm::arc::ranking_text, json, length);
  });
}
