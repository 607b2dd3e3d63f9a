/* trm.h for C++17 and later: objects that free themselves, exceptions, vectors. All of it is in this header, which
 * needs the library of trm.h alone.
 *
 * A class holds one handle of trm.h: get() gives it, for what this header leaves out. A failure is a trm::Error.
 * The names are in an inline namespace, so that this project's own C++ sources can lie in the same program. */
#ifndef TRM_HPP
#define TRM_HPP

#include <trm.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trm {
inline namespace v0 {

class Error : public std::runtime_error {
 public:
  explicit Error(const trm_error& error) : std::runtime_error(error.message), error_(error) {}

  [[nodiscard]] trm_status status() const noexcept { return error_.status; }
  [[nodiscard]] std::string_view file() const noexcept { return part(error_.file); }
  [[nodiscard]] std::string_view place() const noexcept { return part(error_.place); }
  [[nodiscard]] std::string_view reason() const noexcept { return part(error_.what); }
  [[nodiscard]] std::string_view remedy() const noexcept { return part(error_.remedy); }

 private:
  [[nodiscard]] std::string_view part(trm_span span) const noexcept {
    return {error_.message + span.begin, span.length};
  }
  trm_error error_;
};

/* A struct of trm.h whose size is set and whose fields are zero: `auto options = trm::make<trm_run_options>();` */
template <class Struct>
[[nodiscard]] Struct make() {
  Struct made{};
  made.size = sizeof made;
  return made;
}

/* Calls a function of trm.h, whose last argument is a trm_error*, and throws what it says. */
template <class Function, class... Arguments>
void check(Function function, Arguments... arguments) {
  auto error = make<trm_error>();
  if (function(arguments..., &error) != TRM_OK) throw Error(error);
}

namespace detail {
struct Free {
  void operator()(trm_model* model) const { trm_model_free(model); }
  void operator()(trm_session* session) const { trm_session_free(session); }
  void operator()(trm_ranking* ranking) const { trm_ranking_free(ranking); }
};
template <class Handle>
using Owned = std::unique_ptr<Handle, Free>;
}  // namespace detail

/* Immutable: any number of threads may use one at once. */
class Model {
 public:
  [[nodiscard]] static Model load(const std::string& path, const char* kernel_set = nullptr) {
    auto options = make<trm_model_options>();
    options.kernel_set = kernel_set;
    trm_model* model = nullptr;
    check(trm_model_load, path.c_str(), &options, &model);
    return Model(model);
  }
  /* The bytes must stay as they are as long as the model lives. */
  [[nodiscard]] static Model load(const void* bytes, std::size_t length, const char* name = nullptr,
                                  const char* kernel_set = nullptr) {
    auto options = make<trm_model_options>();
    options.kernel_set = kernel_set;
    trm_model* model = nullptr;
    check(trm_model_load_memory, bytes, length, name, &options, &model);
    return Model(model);
  }

  [[nodiscard]] trm_model_info info() const {
    auto info = make<trm_model_info>();
    check(trm_model_get_info, static_cast<const trm_model*>(get()), &info);
    return info;
  }
  [[nodiscard]] trm_model* get() const noexcept { return handle_.get(); }

 private:
  explicit Model(trm_model* model) : handle_(model) {}
  detail::Owned<trm_model> handle_;
};

/* What a run gives: a row a sample. */
struct Results {
  std::vector<std::int32_t> predictions; /* [B, S] */
  std::vector<float> q_halt, q_continue; /* [B] */
  std::vector<std::int64_t> steps;       /* [B] */
  std::vector<std::uint8_t> halted;      /* [B] */
};

/* What solving gives: a row a puzzle, as in trm_solutions. */
struct Solutions {
  std::vector<std::int32_t> answers;                /* [B, S] */
  std::vector<std::uint64_t> faults;                /* [B] */
  std::vector<std::int64_t> attempts, tries, steps; /* [B] */
  [[nodiscard]] bool solved(std::size_t puzzle) const { return faults[puzzle] == 0 && attempts[puzzle] > 0; }
};

class Ranking {
 public:
  explicit Ranking(trm_ranking* ranking) : handle_(ranking) {}

  [[nodiscard]] std::size_t tasks() const {
    std::size_t count = 0;
    while (trm_ranking_task(get(), count) != nullptr) ++count;
    return count;
  }
  [[nodiscard]] trm_candidate candidate(std::size_t task, std::size_t test, std::size_t place) const {
    auto candidate = make<trm_candidate>();
    check(trm_ranking_candidate, static_cast<const trm_ranking*>(get()), task, test, place, &candidate);
    return candidate;
  }
  [[nodiscard]] std::string_view submission() const { return text(trm_ranking_submission); }
  [[nodiscard]] std::string_view json() const { return text(trm_ranking_json); }
  [[nodiscard]] trm_ranking* get() const noexcept { return handle_.get(); }

 private:
  template <class Function>
  [[nodiscard]] std::string_view text(Function function) const {
    const char* json = nullptr;
    std::size_t length = 0;
    check(function, get(), &json, &length);
    return {json, length};
  }
  detail::Owned<trm_ranking> handle_;
};

/* The threads and the buffers of runs with one model, which must outlive it. One caller at a time. */
class Session {
 public:
  /* 0 threads: as many as the process has CPUs. */
  explicit Session(const Model& model, int threads = 0) {
    auto options = make<trm_session_options>();
    options.threads = threads;
    open(model, options);
  }
  Session(const Model& model, const trm_session_options& options) { open(model, options); }

  [[nodiscard]] int threads() const { return trm_session_threads(get()); }

  /* Tokens [B, S]. */
  Results run(const std::vector<std::int32_t>& tokens, const trm_run_options& options = make<trm_run_options>(),
              const std::vector<std::int64_t>& puzzle_ids = {}) const {
    auto batch = batch_of(tokens);
    if (!puzzle_ids.empty()) {
      if (puzzle_ids.size() != batch.samples) throw std::invalid_argument("trm: a puzzle id for each sample is needed");
      batch.puzzle_ids = puzzle_ids.data();
    }
    const std::size_t count = batch.samples;
    Results made{std::vector<std::int32_t>(tokens.size()), std::vector<float>(count), std::vector<float>(count),
                 std::vector<std::int64_t>(count), std::vector<std::uint8_t>(count)};
    auto results = make<trm_results>();
    results.predictions = made.predictions.data();
    results.q_halt = made.q_halt.data();
    results.q_continue = made.q_continue.data();
    results.steps = made.steps.data();
    results.halted = made.halted.data();
    run(batch, options, results);
    return made;
  }
  /* All that trm_run can do. */
  void run(const trm_batch& batch, const trm_run_options& options, const trm_results& results) const {
    check(trm_run, get(), &batch, &options, &results);
  }

  /* Sudokus or mazes, tokens [B, S]: the model proposes, the rules judge. */
  Solutions solve(const std::vector<std::int32_t>& tokens,
                  const trm_solve_options& options = make<trm_solve_options>()) const {
    const auto batch = batch_of(tokens);
    const std::size_t count = batch.samples;
    Solutions made{std::vector<std::int32_t>(tokens.size()), std::vector<std::uint64_t>(count),
                   std::vector<std::int64_t>(count), std::vector<std::int64_t>(count),
                   std::vector<std::int64_t>(count)};
    auto solutions = make<trm_solutions>();
    solutions.answers = made.answers.data();
    solutions.faults = made.faults.data();
    solutions.attempts = made.attempts.data();
    solutions.tries = made.tries.data();
    solutions.steps = made.steps.data();
    check(trm_solve, get(), &batch, &options, static_cast<const trm_solutions*>(&solutions));
    return made;
  }

  /* The text of a challenges file, or of one task. */
  Ranking solve_arc(std::string_view json, const trm_arc_options& options = make<trm_arc_options>()) const {
    trm_ranking* ranking = nullptr;
    check(trm_arc_solve, get(), json.data(), json.size(), &options, &ranking);
    return Ranking(ranking);
  }

  [[nodiscard]] trm_session* get() const noexcept { return handle_.get(); }

 private:
  void open(const Model& model, const trm_session_options& options) {
    cells_ = static_cast<std::size_t>(model.info().cells);
    trm_session* session = nullptr;
    check(trm_session_create, static_cast<const trm_model*>(model.get()), &options, &session);
    handle_.reset(session);
  }
  [[nodiscard]] trm_batch batch_of(const std::vector<std::int32_t>& tokens) const {
    if (tokens.size() % cells_ != 0) throw std::invalid_argument("trm: the tokens are no whole number of samples");
    auto batch = make<trm_batch>();
    batch.samples = tokens.size() / cells_;
    batch.tokens = tokens.data();
    return batch;
  }

  std::size_t cells_ = 0; /* S */
  detail::Owned<trm_session> handle_;
};

/* A kind of puzzle and its cells a row: those of a model, or 9 for sudokus, which 0 means too. */
class Puzzles {
 public:
  explicit Puzzles(trm_puzzle_kind kind, std::int64_t side = 9)
      : kind_(kind), side_(side == 0 && kind != TRM_MAZE ? 9 : side) {}
  explicit Puzzles(const Model& model) {
    const trm_model_info info = model.info();
    if (info.puzzle_kind == 0) throw std::invalid_argument("trm: the model reads neither sudokus nor mazes");
    kind_ = static_cast<trm_puzzle_kind>(info.puzzle_kind);
    side_ = info.puzzle_side;
  }

  /* Tokens [count, S] of all puzzles of a text. */
  [[nodiscard]] std::vector<std::int32_t> read(std::string_view text, const char* name = nullptr) const {
    std::size_t count = 0;
    check(trm_puzzles_read, kind_, side_, text.data(), text.size(), name, static_cast<std::int32_t*>(nullptr),
          std::size_t{0}, &count);
    std::vector<std::int32_t> tokens(count * cells());
    check(trm_puzzles_read, kind_, side_, text.data(), text.size(), name, tokens.data(), count, &count);
    return tokens;
  }
  [[nodiscard]] std::string write(const std::int32_t* tokens) const {
    std::string text(2 * cells() + 1, '\0');
    std::size_t length = 0;
    check(trm_puzzle_write, kind_, side_, tokens, text.data(), text.size(), &length);
    text.resize(length);
    return text;
  }
  /* What keeps an answer from solving a question; 0: it is solved. */
  [[nodiscard]] std::size_t faults(const std::int32_t* question, const std::int32_t* answer) const {
    std::size_t count = 0;
    check(trm_puzzle_check, kind_, side_, question, answer, &count, static_cast<char*>(nullptr), std::size_t{0});
    return count;
  }
  [[nodiscard]] std::size_t cells() const { /* S */
    const std::int64_t width = side_ + (kind_ == TRM_SUDOKU_NANO_PADDED ? 2 : 0);
    return static_cast<std::size_t>(width * width);
  }

 private:
  trm_puzzle_kind kind_ = TRM_SUDOKU;
  std::int64_t side_ = 9;
};

}  // namespace v0
}  // namespace trm

#endif /* TRM_HPP */
