# cmake -D NM=nm -D "OBJECTS=a.o;b.o" -P: no object of a kernel set may define a weak symbol that is a function: an inline
# function of a header, compiled with that set's instructions. The linker keeps one definition of each such function, and
# a processor without these instructions would run it.
if(NOT OBJECTS)
  message(FATAL_ERROR "no objects to check")
endif()
foreach(object ${OBJECTS})
  execute_process(COMMAND ${NM} --demangle ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]* [Wu] [^\n]*" shared "${symbols}")
  if(shared)
    list(JOIN shared "\n  " shared)
    message(SEND_ERROR "${object} defines functions that other files define as well:\n  ${shared}")
  endif()
endforeach()
