/* trm.h is C11, and all of it runs on a thread with a small stack: c11_test MODELS */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trm.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
enum { stack_bytes = 1 << 20 }; /* a sanitizer's frames are many times larger */
#else
enum { stack_bytes = 64 << 10 };
#endif

#define CHECK(condition)                                                                         \
  do {                                                                                           \
    if (!(condition)) {                                                                          \
      fprintf(stderr, "%s:%d: %s\n%s\n", __FILE__, __LINE__, #condition, last_error()->message); \
      exit(1);                                                                                   \
    }                                                                                            \
  } while (0)

static trm_error* last_error(void) {
  static trm_error error = {.size = sizeof error};
  return &error;
}

static const char* models;

static trm_model* load(const char* name) {
  char path[4096];
  trm_model* model = NULL;
  snprintf(path, sizeof path, "%s/%s", models, name);
  CHECK(trm_model_load(path, NULL, &model, last_error()) == TRM_OK);
  return model;
}

/* The caller's threads: none but the calling one. */
static void one_after_another(void* context, size_t members, trm_parallel_body body, void* argument) {
  ++*(int*)context;
  for (size_t member = 0; member < members; ++member) body(argument, member);
}

static void sudoku(void) {
  const char* text = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79";
  int32_t tokens[81], answer[81];
  char line[100], fault[100];
  size_t count = 0, length = 0, faults = 0;
  uint64_t bytes = 0;
  int calls = 0;
  trm_model* model = load("sudoku_int8.gguf");
  trm_session* session = NULL;
  trm_model_info info = {.size = sizeof info};
  CHECK(trm_model_get_info(model, &info, last_error()) == TRM_OK);
  CHECK(strcmp(info.task, "sudoku") == 0 && strcmp(info.type, "int8") == 0 && info.cells == 81);
  CHECK(strcmp(info.kernel_set, trm_kernel_set(0)) == 0);

  trm_session_options options = {
      .size = sizeof options, .threads = 2, .parallel_for = one_after_another, .parallel_context = &calls};
  CHECK(trm_memory_needed(model, &options, &bytes, last_error()) == TRM_OK);
  CHECK(bytes > 0);
  CHECK(trm_session_create(model, &options, &session, last_error()) == TRM_OK);
  CHECK(trm_session_threads(session) == 2);
  CHECK(trm_puzzles_read(TRM_SUDOKU, 0, text, strlen(text), NULL, tokens, 1, &count, last_error()) == TRM_OK);
  CHECK(count == 1);
  CHECK(trm_puzzles_read(TRM_SUDOKU_NANO, 0, text, strlen(text), NULL, answer, 1, &count, last_error()) == TRM_OK);
  for (int cell = 0; cell < 81; ++cell) CHECK(answer[cell] == tokens[cell] + 1);
  trm_batch batch = {.size = sizeof batch, .samples = 1, .tokens = tokens};
  trm_results results = {.size = sizeof results, .predictions = answer};
  CHECK(trm_run(session, &batch, NULL, &results, last_error()) == TRM_OK);
  CHECK(calls > 0);
  CHECK(trm_puzzle_write(TRM_SUDOKU, 9, answer, line, sizeof line, &length, last_error()) == TRM_OK);
  CHECK(length == 81 && strncmp(line, "534678912", 9) == 0);
  CHECK(trm_puzzle_check(TRM_SUDOKU, 9, tokens, answer, &faults, fault, sizeof fault, last_error()) == TRM_OK);
  CHECK(faults == 0 && fault[0] == '\0');
  answer[2] = 1;
  CHECK(trm_puzzle_check(TRM_SUDOKU, 9, tokens, answer, &faults, fault, sizeof fault, last_error()) == TRM_OK);
  CHECK(faults > 0 && strcmp(fault, "r1c3 is blank") == 0);
  CHECK(trm_puzzle_write(TRM_SUDOKU, 9, answer, line, 5, &length, last_error()) == TRM_OK); /* cut */
  CHECK(length == 81 && strcmp(line, "53.6") == 0);

  trm_solutions solutions = {.size = sizeof solutions, .answers = answer};
  CHECK(trm_solve(session, &batch, NULL, &solutions, last_error()) == TRM_OK);
  CHECK(trm_puzzle_check(TRM_SUDOKU, 9, tokens, answer, &faults, NULL, 0, last_error()) == TRM_OK && faults == 0);

  /* A failure's way: exceptions are thrown and caught on this stack, too. */
  tokens[3] = 99;
  CHECK(trm_run(session, &batch, NULL, &results, last_error()) == TRM_ERROR_INPUT);
  CHECK(strcmp(last_error()->message + last_error()->remedy.begin, "the model knows 0 to 10") == 0);
  trm_session_free(session);
  trm_model_free(model);
}

static void maze(void) {
  enum { side = 11, cells = side * side };
  static const char text[] =
      "###########\n#     S   #\n##### ### #\n#     # # #\n# ##### ###\n#         #\n# # #######\n# # #     #\n"
      "# #G# ### #\n#     #   #\n###########\n";
  static int32_t tokens[cells], answer[cells];
  uint64_t faults = 1;
  size_t count = 0;
  trm_model* model = load("maze_int8.gguf");
  trm_session* session = NULL;
  CHECK(trm_session_create(model, NULL, &session, last_error()) == TRM_OK);
  CHECK(trm_puzzles_read(TRM_MAZE, side, text, sizeof text - 1, "text", tokens, 1, &count, last_error()) == TRM_OK);
  trm_batch batch = {.size = sizeof batch, .samples = 1, .tokens = tokens};
  trm_solutions solutions = {.size = sizeof solutions, .answers = answer, .faults = &faults};
  CHECK(trm_solve(session, &batch, NULL, &solutions, last_error()) == TRM_OK);
  CHECK(faults == 0);
  trm_session_free(session);
  trm_model_free(model);
}

static void* all(void* argument) {
  (void)argument;
  sudoku();
  maze();
  return NULL;
}

int main(int argc, char** argv) {
  pthread_attr_t attributes;
  pthread_t thread;
  if (argc != 2) return 2;
  models = argv[1];
  pthread_attr_init(&attributes);
  CHECK(pthread_attr_setstacksize(&attributes, stack_bytes) == 0);
  CHECK(pthread_create(&thread, &attributes, all, NULL) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  puts(trm_version());
  return 0;
}
