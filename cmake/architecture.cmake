# trm_find_architecture(RESULT): sets RESULT to x86_64, aarch64 or wasm32 if the targets are compiled for that architecture, and
# to another name, the system's own, if they are compiled for any other or for several at once.
#
# Systems disagree about the names: x86_64 (Linux, macOS), amd64 (BSD), AMD64 (Windows), x64 (Visual Studio); aarch64
# (Linux), arm64 (macOS, BSD), ARM64 (Windows).
function(trm_find_architecture result)
  if(CMAKE_OSX_ARCHITECTURES)  # macOS: chosen by the user, several for a universal binary
    set(names ${CMAKE_OSX_ARCHITECTURES})
  elseif(CMAKE_GENERATOR_PLATFORM)  # Visual Studio: chosen by the user
    set(names ${CMAKE_GENERATOR_PLATFORM})
  else()
    set(names ${CMAKE_SYSTEM_PROCESSOR})
  endif()
  list(TRANSFORM names TOLOWER)
  list(TRANSFORM names REPLACE "^(x86_64h|x86-64|amd64|x64)$" "x86_64")
  list(TRANSFORM names REPLACE "^(arm64|arm64e)$" "aarch64")
  list(REMOVE_DUPLICATES names)
  list(JOIN names " and " name)
  if(CMAKE_SIZEOF_VOID_P AND NOT CMAKE_SIZEOF_VOID_P EQUAL 8 AND NOT name STREQUAL "wasm32")  # -m32, x32: the compiler decides, not the processor
    string(APPEND name " with 32-bit pointers")
  endif()
  set(${result} "${name}" PARENT_SCOPE)
endfunction()
