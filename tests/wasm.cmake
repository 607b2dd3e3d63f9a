# The kernels' tests as WebAssembly programs, with the relaxed instructions and without; tests/web/kernels_test.mjs runs
# them. Catch2's CMake modules belong to the system that compiles, its header does not.
find_package(Catch2 REQUIRED)
find_package(Eigen3 REQUIRED)
add_library(trm_test_main OBJECT main.cpp)
target_link_libraries(trm_test_main PUBLIC Catch2::Catch2 trm_headers)
target_compile_options(trm_test_main PUBLIC -O1 -w)
add_library(trm_kernel_tests OBJECT base/half_test.cpp runtime/dispatch_test.cpp runtime/mamba_kernels_test.cpp
                                    runtime/matmul_f32_test.cpp runtime/matmul_int8_test.cpp runtime/matmul_q4_test.cpp runtime/quantize_rows_test.cpp
                                    runtime/row_kernels_test.cpp)
target_link_libraries(trm_kernel_tests PUBLIC trm_test_main trm_headers Eigen3::Eigen)
foreach(name kernels kernels_without_relaxed)
  add_executable(${name}_test)
  target_link_libraries(${name}_test PRIVATE trm_kernel_tests trm_test_main trm_runtime)
  set_target_properties(${name}_test PROPERTIES LINKER_LANGUAGE CXX)
endforeach()
set_target_properties(kernels_without_relaxed_test PROPERTIES TRM_WITHOUT_RELAXED_SIMD ON)
add_custom_target(wasm_tests DEPENDS kernels_test kernels_without_relaxed_test)
