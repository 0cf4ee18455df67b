# MOOR_COVERAGE: the three builds of the library count which way each branch
# went.  tests/coverage.sh joins what they counted; the workflow `coverage` does
# all of it.
#
# Without optimisation, so that a condition in the source is a branch in the
# count, and one only; counted atomically, because threads count the same;
# without assertions, whose other way no test may take.
option(MOOR_COVERAGE "Count branches taken, for tests/coverage.sh" OFF)

function(moor_counted target)
    if(NOT MOOR_COVERAGE OR NOT TARGET ${target})
        return()
    endif()
    target_compile_options(${target} PRIVATE
                           -O0 --coverage -fprofile-update=atomic)
    target_compile_definitions(${target} PRIVATE NDEBUG MOOR_COUNTED)
    target_link_options(${target} INTERFACE --coverage)
endfunction()

if(MOOR_COVERAGE)
    # With each build the count starts anew.
    add_custom_target(coverage_start ALL
        COMMAND find ${PROJECT_BINARY_DIR}/lib -name *.gcda -delete
        VERBATIM)
    add_custom_target(coverage_report
        COMMAND sh ${PROJECT_SOURCE_DIR}/tests/coverage.sh
                ${PROJECT_BINARY_DIR}
        USES_TERMINAL VERBATIM)
endif()
