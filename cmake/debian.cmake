# Three Debian packages by CPack, of a build with shared libraries:
# libmoorage0, libmoorage-dev and moorage.  cmake/package.sh adds the static
# libraries to them.  Not by a folder debian/: that would need debhelper, and
# says the same again that the install rules say.
if(NOT PROJECT_IS_TOP_LEVEL OR NOT BUILD_SHARED_LIBS)
    return()
endif()
set(MOOR_MAINTAINER "the moorage authors <moorage@packages.invalid>"
    CACHE STRING "Who is responsible for the Debian packages")
set(debian ${PROJECT_SOURCE_DIR}/cmake/debian)
set(lib libmoorage${PROJECT_VERSION_MAJOR}) # as the SOVERSION
set(own "${lib} (= ${PROJECT_VERSION})")
file(STRINGS ${debian}/changelog latest LIMIT_COUNT 1)
if(NOT latest MATCHES "^moorage [(]${PROJECT_VERSION}[)] ")
    message(FATAL_ERROR "${debian}/changelog says nothing of this version")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME moorage)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_CONTACT ${MOOR_MAINTAINER})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL lib dev tool)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# Copyright, changelog, what is compressed, and lib's triggers and symbols.
set(CPACK_PRE_BUILD_SCRIPTS ${debian}/finish.cmake)
set(CPACK_MOOR_DEBIAN ${debian})
set(CPACK_MOOR_CONTROL ${PROJECT_BINARY_DIR}/control)

set(CPACK_DEBIAN_LIB_PACKAGE_NAME ${lib})
set(CPACK_DEBIAN_LIB_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIB_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_LIB_PACKAGE_CONTROL_EXTRA
    ${debian}/triggers ${CPACK_MOOR_CONTROL}/shlibs
    ${CPACK_MOOR_CONTROL}/symbols)
set(CPACK_DEBIAN_LIB_DESCRIPTION
"books of an agent runtime, lock-free
Who runs, who waits and who holds a slot: moorage keeps the books of a runtime
of agents that spawn each other, under limits, for any number of threads.

This package has the shared libraries, the registry and its store.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libmoorage-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "${own}, libck-dev")
if(TARGET moorage_store)
    string(APPEND CPACK_DEBIAN_DEV_PACKAGE_DEPENDS ", libsqlite3-dev")
endif()
set(CPACK_DEBIAN_DEV_DESCRIPTION
"books of an agent runtime, to develop with
Who runs, who waits and who holds a slot: moorage keeps the books of a runtime
of agents that spawn each other, under limits, for any number of threads.

This package has headers for C and C++, static libraries, manual pages, and
what CMake and pkg-config look for.")

set(CPACK_DEBIAN_TOOL_PACKAGE_NAME moorage)
set(CPACK_DEBIAN_TOOL_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_TOOL_PACKAGE_DEPENDS ${own})
set(CPACK_DEBIAN_TOOL_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS
    ${PROJECT_BINARY_DIR}/lib ${PROJECT_BINARY_DIR}/lib/store)
set(CPACK_DEBIAN_TOOL_DESCRIPTION
"books of an agent runtime, as a program
Who runs, who waits and who holds a slot: moorage keeps the books of a runtime
of agents that spawn each other, under limits.

This package has the program: a shell, an MCP server, a server of JSON lines,
a live view, and a doctor for stores.")

include(CPack)
