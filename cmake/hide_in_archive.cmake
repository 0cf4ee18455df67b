# Leaves nothing to be seen of a static library but the calls of its headers:
# its objects become one, in which all other names are local.  A program may
# then have a function `queue_init` of its own.
#
#   cmake -D archive=FILE -D ar=... -D linker=... -D objcopy=... -P THIS
get_filename_component(archive ${archive} ABSOLUTE)
set(work ${archive}.objects)
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})

function(run)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${work}
                    COMMAND_ERROR_IS_FATAL ANY)
endfunction()

get_filename_component(name ${archive} NAME_WE)
run(${ar} x ${archive})
file(GLOB objects ${work}/*)

# What a compiler left for the linker to optimise has no names to hide.
set(plain TRUE)
foreach(object IN LISTS objects)
    file(READ ${object} magic LIMIT 4 HEX)
    file(STRINGS ${object} for_linker REGEX "[.]gnu[.]lto_" LIMIT_COUNT 1)
    if(NOT magic STREQUAL "7f454c46" OR for_linker)
        set(plain FALSE)
    endif()
endforeach()

if(plain)
    run(${linker} -r -o ${name}.o ${objects})
    run(${objcopy} --wildcard --keep-global-symbol=moor_* ${name}.o)
    file(REMOVE ${archive})
    run(${ar} Dcrs ${archive} ${name}.o)
endif()
file(REMOVE_RECURSE ${work})
