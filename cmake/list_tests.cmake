# Run after a Criterion program was built: asks it for its tests and writes the
# file by which ctest knows each of them.
#
#   program, name, output, timeout, failed: as moor_test() gives them
set(ENV{LC_ALL} C) # plain characters in the list
execute_process(COMMAND ${program} --list
                OUTPUT_VARIABLE listing RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "${name} --list: ${result}\n${listing}")
endif()

set(written "")
set(suite "")
string(REPLACE "\n" ";" lines "${listing}")
foreach(line IN LISTS lines)
    if(line MATCHES "^([A-Za-z0-9_]+): [0-9]+ tests?")
        set(suite ${CMAKE_MATCH_1})
    elseif(line MATCHES "^[|`]-- ([A-Za-z0-9_]+)")
        set(test ${suite}/${CMAKE_MATCH_1})
        string(APPEND written
            "add_test([=[${name}/${test}]=] [=[${program}]=] "
            "--filter [=[${test}]=])\n"
            "set_tests_properties([=[${name}/${test}]=] PROPERTIES "
            "LABELS unit TIMEOUT ${timeout} "
            "FAIL_REGULAR_EXPRESSION [=[${failed}]=])\n")
    endif()
endforeach()
if(written STREQUAL "")
    message(FATAL_ERROR "${name} has no test:\n${listing}")
endif()
file(WRITE ${output} "${written}")
