# Cross-compiling with zig's clang (PyPI: ziglang), which brings the headers and stubs of every glibc and of musl, and
# libc++ to link statically. scripts/wheel makes the folder TRM_ZIG with the commands cc, c++, ar and ranlib for one target.
set(TRM_ZIG_SYSTEM Linux CACHE STRING "The system to compile for, as CMake calls it")
set(CMAKE_SYSTEM_NAME ${TRM_ZIG_SYSTEM})
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TRM_ZIG TRM_ZIG_SYSTEM TRM_ZIG_PROCESSOR)
set(CMAKE_SYSTEM_PROCESSOR ${TRM_ZIG_PROCESSOR})
set(CMAKE_C_COMPILER ${TRM_ZIG}/cc)
set(CMAKE_CXX_COMPILER ${TRM_ZIG}/c++)
set(CMAKE_AR ${TRM_ZIG}/ar)
set(CMAKE_RANLIB ${TRM_ZIG}/ranlib)
set(CMAKE_FIND_ROOT_PATH ${TRM_ZIG}/prefix)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
