# Run by CTest with `cmake -P`: every name that CMake has for an architecture is understood.
include(${CMAKE_CURRENT_LIST_DIR}/../cmake/architecture.cmake)

function(expect expected)
  trm_find_architecture(found)
  if(NOT found STREQUAL expected)
    message(SEND_ERROR "found \"${found}\", not \"${expected}\": CMAKE_SYSTEM_PROCESSOR \"${CMAKE_SYSTEM_PROCESSOR}\", "
                       "CMAKE_OSX_ARCHITECTURES \"${CMAKE_OSX_ARCHITECTURES}\", "
                       "CMAKE_GENERATOR_PLATFORM \"${CMAKE_GENERATOR_PLATFORM}\"")
  endif()
endfunction()

foreach(CMAKE_SYSTEM_PROCESSOR x86_64 amd64 AMD64 x64)
  expect(x86_64)
endforeach()
foreach(CMAKE_SYSTEM_PROCESSOR aarch64 arm64 ARM64)
  expect(aarch64)
endforeach()
foreach(CMAKE_SYSTEM_PROCESSOR riscv64 ppc64le i686 armv7l aarch64_be)
  expect(${CMAKE_SYSTEM_PROCESSOR})
endforeach()

set(CMAKE_SYSTEM_PROCESSOR x86_64)  # of the machine that compiles
set(CMAKE_OSX_ARCHITECTURES arm64)
expect(aarch64)
set(CMAKE_OSX_ARCHITECTURES arm64 x86_64)
expect("aarch64 and x86_64")
unset(CMAKE_OSX_ARCHITECTURES)
set(CMAKE_GENERATOR_PLATFORM ARM64)
expect(aarch64)
set(CMAKE_GENERATOR_PLATFORM Win32)
expect(win32)
unset(CMAKE_GENERATOR_PLATFORM)
set(CMAKE_SIZEOF_VOID_P 4)
expect("x86_64 with 32-bit pointers")
set(CMAKE_SYSTEM_PROCESSOR wasm32)  # whose pointers have 32 bits
expect(wasm32)
