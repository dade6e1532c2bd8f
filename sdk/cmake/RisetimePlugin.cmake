# risetime_add_plugin(NAME SOURCES FILE... [LIBRARIES TARGET...] [TESTS FILE...] [STANDARD 17|20])
#
# Builds NAME.so as risetime wants it: one exported symbol, hidden visibility, nothing undefined, bound at load time,
# unloadable symbols kept apart. With TESTS, and where GoogleTest is found, also NAME_test, known to ctest: the same
# objects with the tests and the test kit.

set(RISETIME_VERSION_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/risetime_plugin.map" CACHE INTERNAL "")

function(risetime_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 plugin "" "STANDARD" "SOURCES;LIBRARIES;TESTS")
  if(NOT plugin_SOURCES)
    message(FATAL_ERROR "risetime_add_plugin(${name}): say which SOURCES it is made of")
  endif()
  if(NOT plugin_STANDARD)
    set(plugin_STANDARD 17)
  endif()
  # Compiled once, for the plugin and for its tests.
  add_library(${name}_objects OBJECT ${plugin_SOURCES})
  set_target_properties(${name}_objects PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    CXX_STANDARD ${plugin_STANDARD} CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  target_link_libraries(${name}_objects PRIVATE risetime::sdk ${plugin_LIBRARIES})
  target_compile_options(${name}_objects PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)

  add_library(${name}_plugin MODULE $<TARGET_OBJECTS:${name}_objects>)
  set_target_properties(${name}_plugin PROPERTIES
    OUTPUT_NAME ${name} PREFIX "" SUFFIX ".so" DEFINE_SYMBOL "" LINKER_LANGUAGE CXX
    LINK_DEPENDS "${RISETIME_VERSION_SCRIPT}")
  if(RISETIME_PLUGIN_OUTPUT)
    set_target_properties(${name}_plugin PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${RISETIME_PLUGIN_OUTPUT}")
  endif()
  target_link_libraries(${name}_plugin PRIVATE ${plugin_LIBRARIES})
  target_link_options(${name}_plugin PRIVATE "LINKER:--version-script=${RISETIME_VERSION_SCRIPT}" "LINKER:-z,now"
    "LINKER:--as-needed")
  if(NOT RISETIME_SANITIZE)  # a sanitizer's runtime is in the program, not in the plugin
    target_link_options(${name}_plugin PRIVATE "LINKER:-z,defs")
  endif()
  if(COMMAND risetime_own_code)
    risetime_own_code(${name}_objects)
    risetime_own_code(${name}_plugin)
  endif()
  if(plugin_TESTS AND TARGET risetime::testkit)
    risetime_add_plugin_test(${name})
  endif()
endfunction()

# Of risetime_add_plugin, whose arguments it sees.
function(risetime_add_plugin_test name)
  add_executable(${name}_test $<TARGET_OBJECTS:${name}_objects> ${plugin_TESTS})
  set_target_properties(${name}_test PROPERTIES
    CXX_STANDARD ${plugin_STANDARD} CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  target_include_directories(${name}_test PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${name}_test PRIVATE risetime::testkit ${plugin_LIBRARIES})
  if(COMMAND risetime_own_code)  # inside risetime's own tree
    risetime_test_sources(${name}_test)
    risetime_discover(${name}_test)
  else()
    add_test(NAME ${name}_test COMMAND ${name}_test)
  endif()
endfunction()
