# Cross-compiles for WebAssembly with PyPI's package ziglang: clang, wasm-ld, wasi-libc and the sources of libc++ in one
# wheel, which scripts/web installs. Its own build of libc++ has neither exceptions nor paths nor threads' types, so
# cmake/wasm compiles libc++ with them. Threads cannot be started: std::thread throws, as where a system grants none.
set(CMAKE_SYSTEM_NAME WASI)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(TRM_ZIG "" CACHE FILEPATH "The program zig of PyPI's package ziglang")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TRM_ZIG)
get_filename_component(zig_library "${TRM_ZIG}" DIRECTORY)
string(APPEND zig_library /lib)

set(CMAKE_C_COMPILER "${TRM_ZIG}" cc)
set(CMAKE_CXX_COMPILER "${TRM_ZIG}" c++)
set(CMAKE_AR "${TRM_ZIG}")
foreach(language C CXX)
  set(CMAKE_${language}_ARCHIVE_CREATE "<CMAKE_AR> ar qc <TARGET> <OBJECTS>")
  set(CMAKE_${language}_ARCHIVE_APPEND "<CMAKE_AR> ar q <TARGET> <OBJECTS>")
  set(CMAKE_${language}_ARCHIVE_FINISH "")
endforeach()

# What every browser has since 2022. Exceptions are those of the first proposal, which all of them understand. There is
# no simd128 here: the kernel sets that use it say so (runtime/CMakeLists.txt), and the portable one stays scalar.
set(TRM_WASM_FEATURES "generic+bulk_memory+exception_handling+multivalue+mutable_globals+nontrapping_fptoint+sign_ext")
set(CMAKE_C_FLAGS_INIT "-target wasm32-wasi -mcpu=${TRM_WASM_FEATURES} -fwasm-exceptions -mllvm -wasm-use-legacy-eh=true")
string(JOIN " " CMAKE_CXX_FLAGS_INIT
  "${CMAKE_C_FLAGS_INIT}"
  "-nostdinc++ -nostdlib++ -I${zig_library}/libcxx/include -I${zig_library}/libcxxabi/include"
  "-include ${CMAKE_CURRENT_LIST_DIR}/wasm/libcxx_config.hpp")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-z,stack-size=1048576")

# Packages of headers alone are taken from the system that compiles, without its C library's headers beside them.
set(CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR}/wasm)
set(CMAKE_FIND_PACKAGE_PREFER_CONFIG OFF)
