# Where the sources of a target are read in batches (CMAKE_UNITY_BUILD: for clang-tidy and the sanitizers, which spend
# most of their time on the headers of the standard library), these are read alone: they have a name of their own for
# what another of their batch calls the same.
function(trm_read_alone target)
  set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
trm_read_alone(trm_models models/puzzle_table.cpp)
trm_read_alone(trm_models models/family.cpp models/families/transformers_baseline.cpp models/families/trm_hier6.cpp models/families/trm_singlez.cpp)
trm_read_alone(trm_io_zip io/zip.cpp)
trm_read_alone(trm_checkpoint convert/checkpoint/safetensors.cpp convert/checkpoint/torch_state.cpp)
trm_read_alone(trm_puzzles puzzles/sudoku_text.cpp)
trm_read_alone(trm cli/study/quantization.cpp cli/arc/vote.cpp)
if(NOT TRM_BUILD_TESTS)
  return()
endif()
trm_read_alone(trm_test_main
  tests/arc/challenges_test.cpp
  tests/arc/data_set_test.cpp
  tests/cli/arc_stops_test.cpp
  tests/cli/eval_test.cpp
  tests/cli/solve_test.cpp
  tests/cli/study_test.cpp
  tests/cli/vote_test.cpp
  tests/convert/pickle_test.cpp
  tests/puzzles/sudoku_test.cpp
  tests/runtime/attention_test.cpp
  tests/runtime/row_kernels_test.cpp)
