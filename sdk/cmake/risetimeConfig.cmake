# find_package(risetime): the target risetime::sdk (headers only), risetime::testkit where GoogleTest is found, and
# the function risetime_add_plugin().
get_filename_component(risetime_root "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)  # in the source tree
if(NOT EXISTS "${risetime_root}/include/risetime/abi.h")
  get_filename_component(risetime_root "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)  # where it was installed
endif()
if(NOT TARGET risetime::sdk)
  add_library(risetime::sdk INTERFACE IMPORTED)
  set_target_properties(risetime::sdk PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${risetime_root}/include"
    INTERFACE_COMPILE_FEATURES cxx_std_17)
endif()
if(NOT TARGET risetime::testkit)
  find_package(GTest QUIET)
  if(GTest_FOUND)
    add_library(risetime::testkit INTERFACE IMPORTED)
    set_target_properties(risetime::testkit PROPERTIES INTERFACE_LINK_LIBRARIES "risetime::sdk;GTest::gtest;GTest::gtest_main")
  endif()
endif()
include("${CMAKE_CURRENT_LIST_DIR}/RisetimePlugin.cmake")
