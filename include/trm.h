/* trm: Tiny Recursive Models on ordinary CPUs, for C11 and everything that can call C.
 *
 * Objects. A trm_model is immutable: any number of threads may use one at once. A trm_session has the threads and the
 * buffers of runs with one model, and keeps them from run to run; one caller at a time, a second one gets
 * TRM_ERROR_USAGE. A model must outlive its sessions.
 *
 * Structs. Every struct that may grow begins with its size: `trm_run_options options = {.size = sizeof options};`. A
 * field of zero means the default. A pointer to options may be NULL: all defaults.
 *
 * Errors. Every function that can fail returns a trm_status and, if `error` is not NULL, says in it what was wrong. The
 * outputs of a call that failed are unspecified but for those that it documents.
 *
 * Guests. The library prints nothing, ends no process, throws nothing across this interface, and changes no signal
 * handler, locale, rounding mode or environment variable. Its threads are those of sessions, and end with them.
 *
 * Sizes. B samples, S cells of a puzzle, T = S + the tokens of the puzzle's embedding, V token ids, D channels.
 * Models, their halting rule and their tokens: arXiv 2510.04871 and docs/models.md of the project. */
#ifndef TRM_H
#define TRM_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && defined(TRM_DLL)
#ifdef TRM_BUILDING
#define TRM_API __declspec(dllexport)
#else
#define TRM_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define TRM_API __attribute__((visibility("default")))
#else
#define TRM_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The library ------------------------------------------------------------------------------------------------ */

/* "0.1.0". Lives as long as the library. */
TRM_API const char* trm_version(void);

/* The kernel sets that this CPU can run, the fastest first: "avx512_vnni", ..., "portable". NULL from the end on. All
 * sets give the same integers; their float sums differ in the last bits. */
TRM_API const char* trm_kernel_set(size_t index);

/* ---- Errors ----------------------------------------------------------------------------------------------------- */

typedef enum trm_status {
  TRM_OK = 0,
  TRM_ERROR_WORK = 1,   /* the work could not be done: a model whose numbers overflow, ... */
  TRM_ERROR_USAGE = 2,  /* the caller asked for something that does not exist: NULL, a negative number, ... */
  TRM_ERROR_INPUT = 3,  /* the content of a file or of the given bytes is wrong */
  TRM_ERROR_IO = 4,     /* reading or writing failed */
  TRM_ERROR_MEMORY = 5, /* no memory, or no thread, for it */
  TRM_CANCELLED = 6     /* a callback stopped the call; what it had reported before is valid */
} trm_status;

/* A part of trm_error.message, in bytes. */
typedef struct trm_span {
  uint32_t begin, length;
} trm_span;

/* The caller's: written by a call that fails, left alone by one that does not. */
typedef struct trm_error {
  size_t size;
  trm_status status;
  char message[1024]; /* one line of UTF-8, "FILE: PLACE: WHAT; REMEDY", cut at a character if it is longer */
  trm_span file, place, what, remedy; /* of the message; empty parts have length 0 */
} trm_error;

/* ---- Models ----------------------------------------------------------------------------------------------------- */

typedef struct trm_model trm_model;

typedef struct trm_model_options {
  size_t size;
  const char* kernel_set; /* of trm_kernel_set; NULL: the fastest */
} trm_model_options;

/* Reads a model file, as `trm convert` writes it, and compares its weights with their checksums. The file stays open:
 * the rows of its id table are read when a sample uses them. *model is NULL after an error. */
TRM_API trm_status trm_model_load(const char* path, const trm_model_options* options, trm_model** model,
                                  trm_error* error);

/* The same of the bytes of a model file, of any alignment, which must stay as they are as long as the model lives.
 * `name` is for messages; it may be NULL. */
TRM_API trm_status trm_model_load_memory(const void* bytes, size_t length, const char* name,
                                         const trm_model_options* options, trm_model** model, trm_error* error);

TRM_API void trm_model_free(trm_model* model); /* NULL: nothing happens */

typedef struct trm_model_info {
  size_t size;
  /* Texts live as long as the model. */
  const char* family;     /* "trm", "hrm", ... */
  const char* type;       /* of the weights: "f32", "f16", "int8", "q4_0" */
  const char* kernel_set; /* that this model was loaded for */
  const char* task;       /* by its sizes: "sudoku", "maze", "arc", or "" */
  int64_t cells;          /* S */
  int64_t tokens;         /* T */
  int64_t vocabulary;     /* V */
  int64_t channels;       /* D */
  int64_t max_steps;      /* supervision steps of the reference evaluation: the default of a run */
  int64_t puzzle_ids;     /* of the training data; 0: the model has no id table */
  int64_t puzzle_rows;    /* of the id table, kept in the file */
  int64_t high_latents;   /* z_high is [high_latents, T, D] */
  int64_t low_latents;    /* z_low is [low_latents, T, D] */
  uint64_t weight_bytes;  /* packed, in memory */
  /* What trm_puzzles_read, trm_puzzle_write and trm_puzzle_check take for the model's puzzles. */
  int32_t puzzle_kind; /* one of trm_puzzle_kind; 0: the model reads neither sudokus nor mazes */
  int32_t puzzle_side;
} trm_model_info;

TRM_API trm_status trm_model_get_info(const trm_model* model, trm_model_info* info, trm_error* error);

/* Every hyperparameter under its name in the training configuration ("H_cycles", "num_heads"), as text. *name is NULL
 * from the end on. The texts live as long as the model. */
TRM_API trm_status trm_model_hyperparameter(const trm_model* model, size_t index, const char** name, const char** value,
                                            trm_error* error);

/* The id of a puzzle by its name in the training data, if the file knows names; -1 otherwise, also for NULL. */
TRM_API int64_t trm_model_find_puzzle(const trm_model* model, const char* name);
/* 1 if samples with this id can be run. */
TRM_API int trm_model_has_puzzle(const trm_model* model, int64_t id);

/* ---- Sessions --------------------------------------------------------------------------------------------------- */

typedef struct trm_session trm_session;

/* Work that several threads do together: `body(argument, member)` for every member in [0, members). */
typedef void (*trm_parallel_body)(void* argument, size_t member);

/* The caller's threads. It calls the body once for each member, on any threads, at once or one after another, and
 * returns when all calls have returned. A member that begins late finds less work, or none. */
typedef void (*trm_parallel_for)(void* context, size_t members, trm_parallel_body body, void* argument);

typedef struct trm_session_options {
  size_t size;
  int32_t threads; /* 0: as many as this process has CPUs (its affinity mask and its container's quota) */
  /* NULL: threads of the session's own, which sleep between runs. A child of fork() starts its own. */
  trm_parallel_for parallel_for;
  void* parallel_context;
} trm_session_options;

/* Allocates all that runs need. *session is NULL after an error. */
TRM_API trm_status trm_session_create(const trm_model* model, const trm_session_options* options, trm_session** session,
                                      trm_error* error);
/* Ends its threads. Not while a call runs in it. NULL: nothing happens. */
TRM_API void trm_session_free(trm_session* session);

/* Threads that its runs use: those asked for, or fewer where the system starts no more. */
TRM_API int32_t trm_session_threads(const trm_session* session);

/* Bytes that a session with these options will allocate; the model's own are trm_model_info.weight_bytes. */
TRM_API trm_status trm_memory_needed(const trm_model* model, const trm_session_options* options, uint64_t* bytes,
                                     trm_error* error);

/* ---- Runs ------------------------------------------------------------------------------------------------------- */

typedef enum trm_integer {
  TRM_INT32 = 0,
  TRM_INT8,
  TRM_UINT8,
  TRM_INT16,
  TRM_UINT16,
  TRM_UINT32,
  TRM_INT64,
  TRM_UINT64
} trm_integer;

/* Samples, read where they lie. */
typedef struct trm_batch {
  size_t size;
  size_t samples;            /* B */
  const void* tokens;        /* [B, S] token ids in [0, V) */
  trm_integer type;          /* of the tokens */
  ptrdiff_t sample_stride;   /* bytes from a sample to the next; with cell_stride 0: they lie close together */
  ptrdiff_t cell_stride;     /* bytes from a cell to the next; 0: both strides are those of a contiguous array */
  const int64_t* puzzle_ids; /* [B]; NULL: 0 for all, which models without an id table ignore */
  /* [B] each, with trm_run_options.noise and in families that start at random (EqR, FPRM): samples of equal key and
   * trajectory get equal numbers. NULL: 0, 1, ... and 0. */
  const uint64_t* noise_keys;
  const uint32_t* trajectories;
} trm_batch;

/* One sample after one step. The pointers are valid during the callback. */
typedef struct trm_step {
  size_t size;
  size_t sample;  /* from 0 */
  int64_t step;   /* from 1 */
  int32_t last;   /* 1: no further step follows for this sample */
  int32_t halted; /* 1: by trm_run_options.halt, or the family's own rule */
  float q_halt, q_continue;
  const float* logits; /* [S, V] */
  const float* z_high; /* [high_latents, T, D], NULL where the family has none */
  const float* z_low;  /* [low_latents, T, D], NULL where the family has none */
} trm_step;

/* A ready-made `cancel`, for languages whose own callbacks wait for a lock: `context` points to an int32_t, which any
 * thread sets to a number other than 0. */
TRM_API int trm_cancel_flag(void* context);

typedef enum trm_noise_latent {
  TRM_NOISE_DEFAULT = 0, /* z_low, or z_high where the family has no z_low */
  TRM_NOISE_LOW,
  TRM_NOISE_HIGH,
  TRM_NOISE_BOTH
} trm_noise_latent;

/* When a sample ends before its last step. A model of the family fprm also ends by its own stopping rule. */
typedef enum trm_halt {
  TRM_HALT_NOT = 0,
  TRM_HALT_HEAD = 1,    /* with the first step after which its halting head says so */
  TRM_HALT_RESIDUAL = 2 /* once its answer stands still: its logits have moved little in the last three steps */
} trm_halt;

typedef struct trm_run_options {
  size_t size;
  int64_t steps; /* supervision steps of a sample, at most; 0: trm_model_info.max_steps */
  int32_t halt;  /* one of trm_halt */
  /* TRM_HALT_HEAD: the least by which it must say so: q_halt - q_continue, or q_halt alone, is above this.
   * TRM_HALT_RESIDUAL: the mean over the cells of the Euclidean norm of the change of their logits, over the three
   * steps, is below this; 0 means 10. */
  float halt_margin;
  /* Gaussian noise of this standard deviation on the latents before every step (arXiv 2605.19943). It depends on the
   * seed, the sample's key and trajectory, the step and the place alone. */
  double noise;
  trm_noise_latent noise_latent;
  uint64_t seed;
  /* Called after every step of every sample, in step order for one sample; never twice at once, but from any of the
   * session's threads. Not 0: the run ends with TRM_CANCELLED. NULL: logits are computed for last steps alone. */
  int (*on_step)(void* context, const trm_step* step);
  /* Asked before every pass of the network (many a step), as on_step never twice at once. Not 0: as above, at once. */
  int (*cancel)(void* context);
  void* context; /* of both */
} trm_run_options;

/* Where results go: the caller's arrays. NULL: not wanted. Samples that were not finished keep what was there. */
typedef struct trm_results {
  size_t size;
  int32_t* predictions; /* [B, S] the token of the highest logit, the first of equal ones */
  float* q_halt;        /* [B] */
  float* q_continue;    /* [B] */
  int64_t* steps;       /* [B] taken */
  uint8_t* halted;      /* [B] 1: as trm_step.halted */
  float* logits;        /* [B, S, V] */
  float* z_high;        /* [B, high_latents, T, D] */
  float* z_low;         /* [B, low_latents, T, D] */
} trm_results;

/* Runs every sample from a fresh carry. The results depend neither on the number of threads nor on the other samples,
 * bit for bit. Nothing is allocated but where a batch is larger than those before. A callback may not use this session:
 * that is TRM_ERROR_USAGE. TRM_ERROR_INPUT: a token or a puzzle id that the model lacks. TRM_ERROR_WORK: the model's
 * numbers overflow. */
TRM_API trm_status trm_run(trm_session* session, const trm_batch* batch, const trm_run_options* options,
                           const trm_results* results, trm_error* error);

/* ---- Puzzles ---------------------------------------------------------------------------------------------------- */

/* `side` is the puzzle's cells a row: 4, 6, 9, 16 or 25 for sudokus; 0 means 9 for them, and is an error for mazes. A
 * puzzle has S tokens: side * side, of padded boards (side + 2) * (side + 2). trm_model_info says kind and side of a
 * model's puzzles. */
typedef enum trm_puzzle_kind {
  TRM_SUDOKU = 1,
  TRM_MAZE = 2,
  TRM_SUDOKU_NANO = 3, /* sudokus in the tokens of nano-trm's models, whose V is side + 3 */
  /* The same at the top left of nano-trm's usual board, which has side + 2 cells a row: its default max_grid_size. */
  TRM_SUDOKU_NANO_PADDED = 4
} trm_puzzle_kind;

/* Reads puzzles from a text in any of the layouts of docs/puzzles.md into tokens [count, S]. `capacity` is the number
 * of puzzles that `tokens` has room for; *count is how many the text has, also where they are more, which is
 * TRM_ERROR_USAGE unless `tokens` is NULL (count only). `name` is for messages; it may be NULL. */
TRM_API trm_status trm_puzzles_read(trm_puzzle_kind kind, int64_t side, const char* text, size_t length,
                                    const char* name, int32_t* tokens, size_t capacity, size_t* count,
                                    trm_error* error);

/* One puzzle or answer as text: a sudoku as one line, a character a cell (1 to 9, A to P, '.'), a maze as a line a row.
 * Writes at most `capacity` bytes with the final NUL; *length is that of the whole text. */
TRM_API trm_status trm_puzzle_write(trm_puzzle_kind kind, int64_t side, const int32_t* tokens, char* text,
                                    size_t capacity, size_t* length, trm_error* error);

/* By the rules of the puzzle: *faults is what keeps `answer` from solving `question`, 0: it is solved. The first of
 * them in words ("row 3 has two 7s") goes to `text`, if not NULL, as above. Tokens [S] each. */
TRM_API trm_status trm_puzzle_check(trm_puzzle_kind kind, int64_t side, const int32_t* question, const int32_t* answer,
                                    size_t* faults, char* text, size_t capacity, trm_error* error);

/* A puzzle's answer after one step of one try, in the puzzle's own terms whatever the try asked. */
typedef struct trm_solve_step {
  size_t size;
  size_t puzzle;
  int64_t attempt;       /* from 1, which is the puzzle as given; later ones are views of it */
  int64_t step;          /* from 1, of this try */
  const int32_t* answer; /* [S] */
  size_t faults;         /* 0: solved */
  float q_halt;
} trm_solve_step;

typedef struct trm_solve_options {
  size_t size;
  int64_t tries; /* of each puzzle, at most; 0: what suits the kind of puzzle */
  int64_t steps; /* of a try; 0: what suits the model and the number of tries */
  int32_t halt;  /* a try also ends so, as in trm_run_options */
  float halt_margin;
  int32_t no_guesses; /* 1: later tries of a sudoku are views alone, without one more digit guessed */
  uint64_t seed;      /* of the views, the guesses and what the family draws */
  double time_limit;  /* seconds for all together: later no second try begins, and tries end with a step; 0: none */
  int (*on_step)(void* context, const trm_solve_step* step); /* as in trm_run_options */
  int (*cancel)(void* context);
  void* context;
} trm_solve_options;

/* The caller's arrays; NULL: not wanted. */
typedef struct trm_solutions {
  size_t size;
  int32_t* answers;  /* [B, S] the answer that obeys the rules, else the one with the fewest faults */
  uint64_t* faults;  /* [B] of it; 0: solved. A puzzle that was not finished: UINT64_MAX */
  int64_t* attempts; /* [B] the try that the answer comes from; 0: not tried, the givens contradict each other */
  int64_t* tries;    /* [B] made */
  int64_t* steps;    /* [B] of all tries together */
} trm_solutions;

/* Solves sudokus or mazes: the model proposes, the rules judge after every step, and what is not solved is tried again
 * in another view. The kind of puzzle is the model's; for a model of no such kind: TRM_ERROR_USAGE. What becomes of a
 * puzzle depends on it, the options and the model alone (a time limit changes that). Of `puzzles` only the tokens
 * count, no ids or keys. Allocates. */
TRM_API trm_status trm_solve(trm_session* session, const trm_batch* puzzles, const trm_solve_options* options,
                             const trm_solutions* solutions, trm_error* error);

/* ---- ARC -------------------------------------------------------------------------------------------------------- */

/* The candidates for the answers to the test inputs of ARC tasks, best first. */
typedef struct trm_ranking trm_ranking;

typedef struct trm_arc_options {
  size_t size;
  const char* name;        /* of `json`, for messages, and of a task that stands alone; NULL: "task" */
  const char* identifiers; /* path of the training data's identifiers.json; NULL: the names in the model file */
  int64_t samples;         /* of each test input, at most; 0: one for each view that the model was trained on */
  int64_t steps;           /* as in trm_run_options, as are the next two */
  int32_t halt;
  float halt_margin;
  int32_t until_decided; /* no more samples of a test input: 1, once none could change its two answers; 2, once that is
                            improbable */
  double time_limit;     /* seconds; 0: none */
  /* Samples finished and all there are; as on_step of trm_run_options. */
  int (*on_progress)(void* context, size_t done, size_t all);
  int (*cancel)(void* context);
  void* context;
} trm_arc_options;

/* `json`: a challenges file's text, {task: {train: [...], test: [...]}}, or one task {train, test}. Every test input is
 * run in the views of its task that the model was trained on, and the predictions are votes, the same as those of
 * `trm arc`. A task that is odd by itself has no candidates. After TRM_CANCELLED and at the time limit *ranking holds
 * what was finished; after any other error it is NULL. Allocates. */
TRM_API trm_status trm_arc_solve(trm_session* session, const char* json, size_t length, const trm_arc_options* options,
                                 trm_ranking** ranking, trm_error* error);
TRM_API void trm_ranking_free(trm_ranking* ranking);

/* Names live as long as the ranking; NULL, and 0, from the end on. */
TRM_API const char* trm_ranking_task(const trm_ranking* ranking, size_t task);
TRM_API size_t trm_ranking_tests(const trm_ranking* ranking, size_t task);
TRM_API size_t trm_ranking_candidates(const trm_ranking* ranking, size_t task, size_t test);

typedef struct trm_candidate {
  size_t size;
  int64_t rows, columns;
  const uint8_t* cells; /* [rows, columns] colours 0 to 9; lives as long as the ranking */
  int64_t votes;
  double confidence; /* mean of sigmoid(q_halt) over its votes */
} trm_candidate;

TRM_API trm_status trm_ranking_candidate(const trm_ranking* ranking, size_t task, size_t test, size_t place,
                                         trm_candidate* candidate, trm_error* error);

/* The texts of the files that `trm arc` and `trm vote` write, byte for byte: the submission, and every candidate. They
 * end with a NUL and live as long as the ranking; *length may be NULL. */
TRM_API trm_status trm_ranking_submission(trm_ranking* ranking, const char** json, size_t* length, trm_error* error);
TRM_API trm_status trm_ranking_json(trm_ranking* ranking, const char** json, size_t* length, trm_error* error);

/* ---- Conversion: the library trm_convert ------------------------------------------------------------------------ */

typedef struct trm_convert_options {
  size_t size;
  const char* config;           /* all_config.yaml; NULL: beside the checkpoint, else within it */
  const char* dataset;          /* dataset.json or a data set's folder; NULL: beside the checkpoint, if there */
  const char* identifiers;      /* identifiers.json; NULL: beside the checkpoint or the data set, if there */
  const char* type;             /* of the layers' weights: "f32", "f16", "int8" or "q4_0"; NULL: "f32" */
  const char* ids;              /* puzzle ids to keep: "all", "none", numbers, or "@challenges.json"; NULL: "all" */
  const char* key;              /* dictionary within the checkpoint, where several models fit */
  const char* weights;          /* "ema" or "raw", where the checkpoint has both; NULL: ema */
  const char* const* overrides; /* "key=value" over the configuration; NULL at the end */
  int64_t cells;                /* S, where no data set says it; 0: as the data set says */
  void (*on_remark)(void* context, const char* remark); /* what the user should know; one line */
  int (*on_progress)(void* context, double share);      /* of the work that is done, 0 to 1; not 0: stop */
  void* context;
} trm_convert_options;

/* A PyTorch or safetensors checkpoint becomes a model file, written whole or not at all. */
TRM_API trm_status trm_convert(const char* checkpoint, const char* output, const trm_convert_options* options,
                               trm_error* error);

/* One tensor of a state dict in memory, row after row. */
typedef struct trm_tensor {
  const char* name;
  const char* type; /* "F32", "F16", "BF16", "F64", as safetensors names them */
  const int64_t* shape;
  size_t dimensions;
  const void* data;
} trm_tensor;

/* The same of a state dict in memory and its configuration (the text of all_config.yaml, or JSON, which is YAML). The
 * options' config, dataset, identifiers, key and weights are not used; `cells` must be given. *bytes is freed by
 * trm_bytes_free. */
TRM_API trm_status trm_convert_tensors(const trm_tensor* tensors, size_t count, const char* config,
                                       const trm_convert_options* options, void** bytes, size_t* length,
                                       trm_error* error);
TRM_API void trm_bytes_free(void* bytes);

#ifdef __cplusplus
}
#endif

#endif /* TRM_H */
