// LLVM's libunwind for WebAssembly, and the tag of C++ exceptions, which it expects the linker to make.
#include "Unwind-wasm.c"

__asm__(
    ".globl __cpp_exception\n"
    ".tagtype __cpp_exception i32\n"
    "__cpp_exception:\n");
