# The one header of Catch2 2.
include(${CMAKE_CURRENT_LIST_DIR}/headers.cmake)
trm_headers_of_this_system(Catch2 Catch2::Catch2 catch2 /usr/include)
target_compile_definitions(Catch2::Catch2 INTERFACE CATCH_CONFIG_NO_POSIX_SIGNALS)
