/* The library comes and goes: dlopen_test LIBRARY MODEL loads it, runs the model, and unloads it, many times. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <trm.h>

static int fail(const char* what) {
  fprintf(stderr, "%s\n", what);
  return 1;
}

/* Is a file of this name mapped into the process? */
static int is_mapped(const char* name) {
  char line[4096];
  int found = 0;
  FILE* maps = fopen("/proc/self/maps", "r");
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) found |= strstr(line, name) != NULL;
  if (maps != NULL) fclose(maps);
  return found;
}

/* C has no conversion from void* to a function; POSIX promises that this one works. */
#define FIND(library, function) *(void**)(&(function)) = dlsym(library, "trm_" #function)

static int run_once(void* library, const char* path) {
  trm_status (*model_load)(const char*, const trm_model_options*, trm_model**, trm_error*);
  trm_status (*session_create)(const trm_model*, const trm_session_options*, trm_session**, trm_error*);
  trm_status (*run)(trm_session*, const trm_batch*, const trm_run_options*, const trm_results*, trm_error*);
  void (*session_free)(trm_session*);
  void (*model_free)(trm_model*);
  FIND(library, model_load);
  FIND(library, session_create);
  FIND(library, run);
  FIND(library, session_free);
  FIND(library, model_free);
  if (!model_load || !session_create || !run || !session_free || !model_free) return fail("a function is missing");

  trm_error error = {.size = sizeof error};
  trm_model* model = NULL;
  trm_session* session = NULL;
  int32_t tokens[81];
  for (int i = 0; i < 81; ++i) tokens[i] = 1;
  trm_session_options options = {.size = sizeof options, .threads = 2};
  trm_batch batch = {.size = sizeof batch, .samples = 1, .tokens = tokens};
  trm_run_options run_options = {.size = sizeof run_options, .steps = 1};
  int failed = model_load(path, NULL, &model, &error) || session_create(model, &options, &session, &error) ||
               run(session, &batch, &run_options, NULL, &error);
  session_free(session);
  model_free(model);
  return failed ? fail(error.message) : 0;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  for (int i = 0; i < 30; ++i) {
    void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return fail(dlerror());
    if (run_once(library, argv[2]) != 0) return 1;
    if (dlclose(library) != 0) return fail(dlerror());
    if (is_mapped("libtrm.so")) return fail("the library stays in the process after dlclose");
  }
  return 0;
}
