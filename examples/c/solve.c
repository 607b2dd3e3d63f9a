/* Solves a sudoku: solve MODEL PUZZLE. The README beside this file tells how to compile it. */
#include <stdio.h>
#include <string.h>
#include <trm.h>

int main(int argc, char** argv) {
  trm_error error = {.size = sizeof error};
  trm_model* model = NULL;
  trm_session* session = NULL;
  int32_t tokens[81], answer[81];
  size_t count = 0;
  char line[82];
  if (argc != 3) return 2;

  trm_status status = trm_puzzles_read(TRM_SUDOKU, 9, argv[2], strlen(argv[2]), "PUZZLE", tokens, 1, &count, &error);
  if (status == TRM_OK) status = trm_model_load(argv[1], NULL, &model, &error);
  if (status == TRM_OK) status = trm_session_create(model, NULL, &session, &error);
  trm_batch batch = {.size = sizeof batch, .samples = 1, .tokens = tokens};
  trm_solutions solutions = {.size = sizeof solutions, .answers = answer};
  if (status == TRM_OK) status = trm_solve(session, &batch, NULL, &solutions, &error);
  if (status == TRM_OK) status = trm_puzzle_write(TRM_SUDOKU, 9, answer, line, sizeof line, NULL, &error);

  if (status == TRM_OK) puts(line);
  if (status != TRM_OK) fprintf(stderr, "%s\n", error.message);
  trm_session_free(session);
  trm_model_free(model);
  return (int)status;
}
