# Writes the commit of the source tree into the header OUTPUT, if it is another one than there. SOURCE is no repository:
# the commit is empty. Run at each build: cmake -D SOURCE=... -D OUTPUT=... -P commit.cmake
execute_process(COMMAND git describe --always --dirty --abbrev=12 --exclude=* WORKING_DIRECTORY ${SOURCE}
                OUTPUT_VARIABLE commit RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND git rev-parse --show-toplevel WORKING_DIRECTORY ${SOURCE}
                OUTPUT_VARIABLE top ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
if(failed OR NOT top STREQUAL SOURCE)  # not the repository of a project that this one lies in
  set(commit "")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define TRM_COMMIT \"${commit}\"\n")
