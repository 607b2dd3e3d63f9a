# The tests of a static build (presets static, static-arm and windows), which scripts/static builds and runs, under qemu
# and wine if need be: the sources that need neither POSIX nor a library that scripts/dependencies does not bring. A
# program is one CTest test.
find_package(nlohmann_json REQUIRED)
find_path(CATCH2_INCLUDE_DIR catch2/catch.hpp REQUIRED)
find_path(EIGEN_INCLUDE_DIR Eigen/Core PATH_SUFFIXES eigen3 REQUIRED)
add_library(trm_test_main STATIC main.cpp temporary_directory.cpp)
target_include_directories(trm_test_main SYSTEM PUBLIC ${CATCH2_INCLUDE_DIR} ${EIGEN_INCLUDE_DIR})
target_link_libraries(trm_test_main PUBLIC trm_headers)
target_compile_definitions(trm_test_main PUBLIC TRM_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/data" TRM_SHARED="${PROJECT_SOURCE_DIR}/../shared"
                                                TRM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_compile_options(trm_test_main PUBLIC -O0 -w)
if(MINGW)
  target_compile_options(trm_test_main PUBLIC -Wa,-mbig-obj)  # more sections than the format of objects has room for
endif()
target_link_options(trm_test_main PUBLIC ${TRM_STATIC_LINK_OPTIONS})
add_custom_target(static_tests)

function(trm_add_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES;ARGUMENTS" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE trm_test_main ${ARG_LIBRARIES})
  add_test(NAME ${name} COMMAND ${name}_test ${ARG_ARGUMENTS})
  set_tests_properties(${name} PROPERTIES TIMEOUT 1200)
  add_dependencies(static_tests ${name}_test)
endfunction()

if(WIN32 OR NOT CMAKE_CROSSCOMPILING)  # under qemu it takes half an hour; there program_test.py compares the program itself
  trm_add_test(golden SOURCES golden/golden_test.cpp golden/golden_case.cpp LIBRARIES trm_convert trm_puzzles nlohmann_json::nlohmann_json)
endif()
trm_add_test(threads SOURCES runtime/team_test.cpp runtime/wait_word_test.cpp LIBRARIES trm_runtime)
if(NOT WIN32)  # whose objects are of another format
  include(kernel_symbols.cmake)
endif()
trm_add_test(os SOURCES io/os_test.cpp LIBRARIES trm_io)
trm_add_test(sudoku SOURCES puzzles/sudoku_test.cpp puzzles/sudoku_layouts_test.cpp LIBRARIES trm_puzzles)
add_test(NAME field COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/field_test.sh ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:trm>)
if(WIN32)  # where vectors on the stack are a matter of their own: runtime/CMakeLists.txt
  trm_add_test(kernels SOURCES runtime/matmul_f32_test.cpp runtime/matmul_int8_test.cpp runtime/matmul_q4_test.cpp runtime/quantize_rows_test.cpp runtime/row_kernels_test.cpp
               LIBRARIES trm_runtime)
  target_compile_options(kernels_test PRIVATE -O1)
  enable_language(C)
  add_subdirectory(capi)
  foreach(name run misuse arc convert)
    add_dependencies(static_tests capi_${name}_test)
  endforeach()
  target_link_options(c11_test PRIVATE ${TRM_STATIC_LINK_OPTIONS})
  add_dependencies(static_tests c11_test)
endif()
