# Asks the program for its manual pages and completions, and lays them out as they are installed.
#   cmake -D PROGRAM=build/release/trm -D OUTPUT=FOLDER -P texts.cmake
function(output_of file)  # ARGN: the program's arguments
  file(MAKE_DIRECTORY ${OUTPUT}/share)
  get_filename_component(folder ${OUTPUT}/share/${file} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND ${PROGRAM} ${ARGN} OUTPUT_FILE ${OUTPUT}/share/${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${OUTPUT}/share)
output_of(bash-completion/completions/trm completion bash)
output_of(zsh/site-functions/_trm completion zsh)
output_of(fish/vendor_completions.d/trm.fish completion fish)

# A page names the pages of its commands: ".BR trm\-arc (1)".
set(pages trm)
while(pages)
  list(POP_FRONT pages page)
  string(REPLACE "-" ";" words ${page})
  list(POP_FRONT words)
  output_of(man/man1/${page}.1 manual ${words})
  file(STRINGS ${OUTPUT}/share/man/man1/${page}.1 named REGEX "^\\.BR trm.* \\(1\\)$")
  string(REGEX REPLACE "\\.BR ([^ ;]+) \\(1\\)" "\\1" named "${named}")
  string(REPLACE "\\-" "-" named "${named}")
  list(APPEND pages ${named})
endwhile()
file(TOUCH ${OUTPUT}/written)
