# One binary serves every processor of an architecture. Optimised code only: else no function is inlined.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TRM_LINT)
  set(kernel_objects "$<FILTER:$<TARGET_OBJECTS:trm_runtime>,INCLUDE,kernels/(avx|neon)>")
  add_test(NAME kernel_symbols COMMAND ${CMAKE_COMMAND} -D NM=${CMAKE_NM} -D "OBJECTS=${kernel_objects}"
                                       -P ${CMAKE_CURRENT_LIST_DIR}/kernel_symbols_test.cmake)
endif()
