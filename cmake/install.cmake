# cmake --install: the program with its manual pages and completions, the headers, the libraries, and how CMake and
# pkg-config find them. All of it may be moved to another prefix.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(share ${CMAKE_INSTALL_DATAROOTDIR})

# ---- libraries and headers
install(FILES include/trm.h include/trm.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set_target_properties(trm_shared PROPERTIES EXPORT_NAME trm)
set_target_properties(trm_static PROPERTIES EXPORT_NAME static)
install(TARGETS trm_shared trm_static EXPORT trm-targets)
set(pkg_config_names trm)
if(TARGET trm_convert_shared)
  set_target_properties(trm_convert_shared PROPERTIES EXPORT_NAME convert)
  install(TARGETS trm_convert_shared EXPORT trm-targets)
  # In a file of its own: who has not zlib and yaml-cpp to link can use everything else.
  set_target_properties(trm_convert_static PROPERTIES EXPORT_NAME convert_static)
  install(TARGETS trm_convert_static EXPORT trm-convert-static-targets)
  list(APPEND pkg_config_names trm_convert)
endif()

# What a program that links the archive with a C compiler must link besides: the C++ runtime that it was built with.
set(runtime_libraries)
foreach(library stdc++ c++ m)
  if(library IN_LIST CMAKE_CXX_IMPLICIT_LINK_LIBRARIES)
    list(APPEND runtime_libraries ${library})
  endif()
endforeach()
foreach(library trm_static trm_shared trm_convert_shared trm_convert_static)
  if(NOT TARGET ${library})
    continue()
  endif()
  target_include_directories(${library} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
if(WIN32)
  list(APPEND runtime_libraries synchronization)
endif()
target_link_libraries(trm_static INTERFACE $<INSTALL_INTERFACE:${runtime_libraries}>)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/trm)
install(EXPORT trm-targets NAMESPACE trm:: DESTINATION ${package})
if(TARGET trm_convert_static)
  set(yaml_cpp $<IF:$<TARGET_EXISTS:yaml-cpp::yaml-cpp>,yaml-cpp::yaml-cpp,yaml-cpp>)  # its name from 0.8 on, and before
  target_link_libraries(trm_convert_static INTERFACE $<INSTALL_INTERFACE:trm::static> $<INSTALL_INTERFACE:${yaml_cpp}>
                                                     $<INSTALL_INTERFACE:ZLIB::ZLIB> $<INSTALL_INTERFACE:${runtime_libraries}>)
  install(EXPORT trm-convert-static-targets NAMESPACE trm:: DESTINATION ${package})
endif()
configure_package_config_file(cmake/trm-config.cmake.in ${PROJECT_BINARY_DIR}/trm-config.cmake
                              INSTALL_DESTINATION ${package} PATH_VARS share NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/trm-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/trm-config.cmake ${PROJECT_BINARY_DIR}/trm-config-version.cmake
        DESTINATION ${package})

file(RELATIVE_PATH prefix_from_pkg_config /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" prefix_from_pkg_config "${prefix_from_pkg_config}")
list(TRANSFORM runtime_libraries PREPEND -l OUTPUT_VARIABLE libs_private)
list(JOIN libs_private " " libs_private)
if(TRM_WITH_OPENMP)
  string(APPEND libs_private " ${OpenMP_CXX_FLAGS}")
endif()
foreach(name ${pkg_config_names})
  configure_file(cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

# ---- models and texts
file(GLOB bundled_models CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/models/bundled/*.gguf)
install(FILES ${bundled_models} models/bundled/puzzles.txt models/bundled/mazes.txt DESTINATION ${share}/trm/models)
install(FILES LICENSE README.md CHANGELOG.md docs/seccomp.json DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(NOT TARGET trm)
  return()
endif()

# ---- the program, and what it says of itself
install(TARGETS trm)
if(WIN32 OR (CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR))  # Windows has no manual pages
  return()
endif()
set(texts ${PROJECT_BINARY_DIR}/texts)
add_custom_command(OUTPUT ${texts}/written
                   COMMAND ${CMAKE_COMMAND} -D "PROGRAM=${CMAKE_CROSSCOMPILING_EMULATOR};$<TARGET_FILE:trm>" -D OUTPUT=${texts}
                           -P ${PROJECT_SOURCE_DIR}/cmake/texts.cmake
                   DEPENDS trm ${PROJECT_SOURCE_DIR}/cmake/texts.cmake VERBATIM)
add_custom_target(trm_texts ALL DEPENDS ${texts}/written)
add_custom_target(trm_installed DEPENDS trm_texts trm_shared trm_static trm_convert_shared trm_convert_static)  # all of it
install(DIRECTORY ${texts}/share/ DESTINATION ${share})
