/* Reads mazes of 11 x 11 cells from standard input and writes them with their paths. */
#include <stdio.h>
#include <trm.h>

enum { side = 11, cells = side * side, most = 100 };
static char text[1 << 16];
static int32_t tokens[most * cells], answers[most * cells];
static uint64_t faults[most];

static int fail(const trm_error* error) {
  fprintf(stderr, "%s\n", error->message);
  return (int)error->status;
}

int main(void) {
  trm_error error = {.size = sizeof error};
  trm_model* model;
  trm_session* session;
  size_t count = 0;
  const size_t length = fread(text, 1, sizeof text, stdin);
  if (trm_puzzles_read(TRM_MAZE, side, text, length, "stdin", tokens, most, &count, &error)) return fail(&error);
  if (trm_model_load(MODELS "/maze_int8.gguf", NULL, &model, &error)) return fail(&error);
  if (trm_session_create(model, NULL, &session, &error)) return fail(&error);

  trm_batch batch = {.size = sizeof batch, .samples = count, .tokens = tokens};
  trm_solutions solutions = {.size = sizeof solutions, .answers = answers, .faults = faults};
  if (trm_solve(session, &batch, NULL, &solutions, &error)) return fail(&error);
  for (size_t i = 0; i < count; ++i) {
    if (trm_puzzle_write(TRM_MAZE, side, answers + i * cells, text, sizeof text, NULL, &error)) return fail(&error);
    printf("%s%s\n", text, faults[i] == 0 ? "" : "(not solved)\n");
  }
  trm_session_free(session);
  trm_model_free(model);
  return 0;
}
