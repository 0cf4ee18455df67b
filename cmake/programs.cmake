# One function for each kind of program that ctest runs:
#
#   moor_test(NAME source...)     Criterion suite; may see lib/src
#   moor_model(NAME source...)    the explorer on the step build of the library
#   moor_stress(NAME source...)   real threads for MOOR_STRESS_SECONDS
#   moor_check(NAME LABEL TIMEOUT PROCESSORS command...)
#                                 any other command
#
# The labels of ctest are unit, model, stress and linear; moor_check says its
# own: scenario, mcp, plant, spin, fuzz, bench, and lint for what looks at the
# source only.  tests/layers.txt says what each is for.  Timeouts are in seconds.
#
# A sanitizer's verdict counts even when the program ends with 0: Criterion, for
# one, has reported a test as passed before its worker's leaks are found.
set(MOOR_FAILED
    "(Address|Leak|Thread|UndefinedBehavior)Sanitizer"
    "runtime error:"
    "ERROR SUMMARY: [1-9]"
    "Tested: 0 ") # Criterion, when no test has that name

# Sanitized programs, and those that count, are several times slower.
set(moor_slower 1)
if(NOT MOOR_SANITIZE STREQUAL "none" OR MOOR_COVERAGE)
    set(moor_slower 5)
endif()

function(moor_check name label timeout processors)
    add_test(NAME ${name} COMMAND ${ARGN})
    math(EXPR timeout "${timeout} * ${moor_slower}")
    set_tests_properties(${name} PROPERTIES
        LABELS ${label} TIMEOUT ${timeout} PROCESSORS ${processors}
        FAIL_REGULAR_EXPRESSION "${MOOR_FAILED}")
endfunction()

# ctest shows each Criterion test by itself, as program/suite/test.
function(moor_test name)
    find_package(Criterion REQUIRED)
    add_executable(${name} ${ARGN})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/lib/src)
    set(library moorage::moorage)
    if(name MATCHES "^test_small_") # the library with small constants
        set(library moorage_small)
    endif()
    if(name MATCHES "^test_linear")
        list(PREPEND library moor_linear)
    endif()
    target_link_libraries(${name} PRIVATE ${library} CK::ck
                          Criterion::criterion)
    if(MOOR_SANITIZE STREQUAL "thread")
        target_sources(${name} PRIVATE
                       ${PROJECT_SOURCE_DIR}/tests/tsan_boxfort.c)
    endif()

    set(listed ${CMAKE_CURRENT_BINARY_DIR}/${name}_tests.cmake)
    math(EXPR timeout "20 * ${moor_slower}")
    add_custom_command(TARGET ${name} POST_BUILD
        COMMAND ${CMAKE_COMMAND} -D program=$<TARGET_FILE:${name}>
                -D name=${name} -D output=${listed} -D timeout=${timeout}
                -D "failed=${MOOR_FAILED}"
                -P ${PROJECT_SOURCE_DIR}/cmake/list_tests.cmake
        BYPRODUCTS ${listed}
        VERBATIM)
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${listed})
endfunction()

function(moor_model name)
    add_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE moorage_step moor_explorer)
    set(bound)
    if(MOOR_COVERAGE) # that every schedule is met is for the other builds
        set(bound --max-seconds 2 --allow-partial)
    endif()
    moor_check(${name} model 120 1 ${name} ${bound})
endfunction()

function(moor_stress name)
    add_executable(${name} ${ARGN})
    set(label stress)
    if(name MATCHES "^stress_linear_") # judges histories
        set(label linear)
        target_link_libraries(${name} PRIVATE moor_linear)
    endif()
    target_link_libraries(${name} PRIVATE moor_load moorage::moorage)
    set(seconds ${MOOR_STRESS_SECONDS})
    if(name STREQUAL "stress_queue") # shares need some time to even out
        math(EXPR seconds "4 * ${seconds}")
    endif()
    math(EXPR timeout "120 + 2 * ${seconds}")
    moor_check(${name} ${label} ${timeout} 2 ${name} --seconds ${seconds})
endfunction()
