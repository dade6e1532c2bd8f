# How risetime's own code is compiled, tested and fuzzed; a plugin of somebody else needs none of this.

# Warnings, sanitizers and numerical rules of our own code.
function(risetime_own_code target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
    -ffp-contract=off)  # the same bytes on every machine: no fused multiply-add that the source does not ask for
  if(RISETIME_SANITIZE STREQUAL "address")
    target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
      $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)  # GCC 12 sees it in its own <functional> under sanitizers
    target_link_options(${target} PRIVATE -fsanitize=address,undefined)
  elseif(RISETIME_SANITIZE STREQUAL "thread")
    target_compile_options(${target} PRIVATE -fsanitize=thread -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=thread)
  endif()
endfunction()

# Sources of tests are built without optimization: what they test is optimized, they themselves need not be.
function(risetime_test_sources target)
  risetime_own_code(${target})
  if(NOT RISETIME_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# One ctest entry per GoogleTest case; the list is read when the tests run, not when they are built.
function(risetime_discover target)
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" PROPERTIES TIMEOUT 600)
endfunction()

# risetime_add_fuzzer(NAME SOURCES FILE... [LIBRARIES TARGET...]): a libFuzzer program in build/fuzz, of the
# target `fuzzers`, with -DRISETIME_FUZZ=ON and clang. Does nothing otherwise.
function(risetime_add_fuzzer name)
  if(NOT RISETIME_FUZZ)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 fuzzer "" "" "SOURCES;LIBRARIES")
  add_executable(${name} ${fuzzer_SOURCES})
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${name})
  set_target_properties(${name} PROPERTIES CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
  target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE risetime::sdk ${fuzzer_LIBRARIES})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
endfunction()
