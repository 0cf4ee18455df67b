# CPack calls this between installing into its folders, one for each component,
# and packing them.
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(component IN ITEMS lib dev tool)
    string(TOUPPER ${component} name)
    set(usr ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr)
    set(doc ${usr}/share/doc/${CPACK_DEBIAN_${name}_PACKAGE_NAME})
    file(COPY ${CPACK_MOOR_DEBIAN}/copyright ${CPACK_MOOR_DEBIAN}/changelog
         DESTINATION ${doc})
    file(GLOB pages ${usr}/share/man/man*/*)
    run(gzip -9nf ${doc}/changelog ${pages})
    file(GLOB_RECURSE archives ${usr}/lib/*.a)
    if(archives)
        run(strip --strip-debug --enable-deterministic-archives ${archives})
    endif()
endforeach()

# shlibs: from which version of the package a program may use the library;
# symbols: the same for each call.
set(shlibs "")
set(symbols "")
set(usr ${CPACK_TEMPORARY_DIRECTORY}/lib/usr)
file(GLOB_RECURSE libraries ${usr}/lib/*.so.${CPACK_PACKAGE_VERSION})
list(SORT libraries)
foreach(library IN LISTS libraries)
    get_filename_component(name ${library} NAME)
    string(REGEX REPLACE "[.]so[.]([0-9]+).*" ";\\1" parts ${name})
    list(GET parts 0 stem)
    list(GET parts 1 major)
    string(APPEND shlibs "${stem} ${major} ${CPACK_DEBIAN_LIB_PACKAGE_NAME}"
           " (>= ${CPACK_PACKAGE_VERSION})\n")
    string(APPEND symbols
           "${stem}.so.${major} ${CPACK_DEBIAN_LIB_PACKAGE_NAME} #MINVER#\n")
    execute_process(COMMAND nm -D --defined-only ${library}
        OUTPUT_VARIABLE shown COMMAND_ERROR_IS_FATAL ANY)
    # "0000 T call@@VERSION", and the version itself as "0000 A VERSION".
    string(REGEX REPLACE "[0-9a-f]+ A ([^@\n]+)\n" "0 A \\1@@\\1\n" shown
           "${shown}")
    string(REGEX REPLACE "[0-9a-f]+ [A-Z] ([^@]+)@@([^\n]+)\n"
           " \\1@\\2 ${CPACK_PACKAGE_VERSION}\n" shown "${shown}")
    string(APPEND symbols "${shown}")
endforeach()
file(WRITE ${CPACK_MOOR_CONTROL}/shlibs "${shlibs}")
file(WRITE ${CPACK_MOOR_CONTROL}/symbols "${symbols}")
