/* convert CHECKPOINT MODEL: a checkpoint becomes a model, which is loaded. */
#include <stdio.h>
#include <trm.h>

int main(int argc, char** argv) {
  trm_error error = {.size = sizeof error};
  trm_model* model = NULL;
  if (argc != 3) return 2;
  if (trm_convert(argv[1], argv[2], NULL, &error) != TRM_OK || trm_model_load(argv[2], NULL, &model, &error) != TRM_OK) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  trm_model_free(model);
  puts("converted and loaded");
  return 0;
}
