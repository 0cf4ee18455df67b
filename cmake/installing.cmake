# What is installed, and how others find it.  Everything can be moved as a whole
# afterwards.  Components: lib (shared libraries), dev (what programs are built
# with), tool (the program).
#
#   moor_installed(TARGET PC)   a library, with cmake/PC.pc.in
#   moor_install_package()      the CMake package, when all targets are known
#
# A build has shared libraries or static ones.  Both kinds can be installed into
# one prefix, one after the other: each has its own file of targets.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Below the prefix, however they were given.
foreach(folder IN ITEMS LIBDIR INCLUDEDIR MANDIR DATADIR)
    if(IS_ABSOLUTE ${CMAKE_INSTALL_${folder}})
        file(RELATIVE_PATH CMAKE_INSTALL_${folder}
             ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_${folder}})
    endif()
endforeach()

set(moor_kind static)
if(BUILD_SHARED_LIBS)
    set(moor_kind shared)
endif()

# Only the calls of the headers can be seen from outside of a library.  Archives
# that the tests look into stay as they are, and are treated when installed.
function(moor_hide target)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "SHARED_LIBRARY")
        set(script ${PROJECT_SOURCE_DIR}/cmake/${target}.map)
        target_link_options(${target} PRIVATE LINKER:--version-script=${script})
        set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${script})
        return()
    endif()
    if(NOT type STREQUAL "STATIC_LIBRARY" OR NOT CMAKE_OBJCOPY)
        return()
    endif()

    set(hide ${CMAKE_COMMAND} -D ar=${CMAKE_AR} -D linker=${CMAKE_LINKER}
        -D objcopy=${CMAKE_OBJCOPY})
    set(script -P ${PROJECT_SOURCE_DIR}/cmake/hide_in_archive.cmake)
    if(PROJECT_IS_TOP_LEVEL)
        list(JOIN hide "\" \"" hide)
        list(JOIN script "\" \"" script)
        set(archive \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX})
        string(APPEND archive /${CMAKE_INSTALL_LIBDIR}/lib${target}.a)
        install(CODE "execute_process(
            COMMAND \"${hide}\" -D \"archive=${archive}\" \"${script}\"
            COMMAND_ERROR_IS_FATAL ANY)" COMPONENT dev)
    elseif(NOT MOOR_TESTS AND NOT MOOR_STRESS AND NOT MOOR_BENCH)
        add_custom_command(TARGET ${target} POST_BUILD
            COMMAND ${hide} -D archive=$<TARGET_FILE:${target}> ${script}
            VERBATIM)
    endif()
endfunction()

function(moor_installed target pc)
    if(NOT PROJECT_IS_TOP_LEVEL)
        moor_hide(${target})
        return()
    endif()
    install(TARGETS ${target} EXPORT moorage-${moor_kind}
        LIBRARY COMPONENT lib NAMELINK_COMPONENT dev
        ARCHIVE COMPONENT dev
        FILE_SET HEADERS COMPONENT dev)
    moor_hide(${target}) # once it is installed
    set(folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
    file(RELATIVE_PATH up /${folder} /)
    string(REGEX REPLACE "/$" "" up ${up})
    configure_file(${PROJECT_SOURCE_DIR}/cmake/${pc}.pc.in
                   ${PROJECT_BINARY_DIR}/${pc}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${pc}.pc DESTINATION ${folder}
            COMPONENT dev)
endfunction()

# moorage.1 is written by hand, those of section 3 are made by the build.
function(moor_install_man)
    file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/lib/man/*.1)
    install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
            COMPONENT tool)
    install(DIRECTORY ${PROJECT_BINARY_DIR}/lib/man/man3
            DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT dev OPTIONAL
            FILES_MATCHING PATTERN "*.3")
endfunction()

# For Python: a file that loads the shared library.
function(moor_install_python)
    file(GLOB modules CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/lib/python/*.py)
    install(FILES ${modules} DESTINATION ${CMAKE_INSTALL_DATADIR}/moorage
            COMPONENT dev)
endfunction()

function(moor_install_package)
    if(NOT PROJECT_IS_TOP_LEVEL)
        return()
    endif()
    set(folder ${CMAKE_INSTALL_LIBDIR}/cmake/moorage)
    set(has_store FALSE)
    if(TARGET moorage_store)
        set(has_store TRUE)
    endif()
    configure_package_config_file(
        ${PROJECT_SOURCE_DIR}/cmake/moorageConfig.cmake.in
        ${PROJECT_BINARY_DIR}/moorageConfig.cmake INSTALL_DESTINATION ${folder})
    write_basic_package_version_file(
        ${PROJECT_BINARY_DIR}/moorageConfigVersion.cmake
        COMPATIBILITY SameMinorVersion)
    install(EXPORT moorage-${moor_kind} NAMESPACE moorage::
            DESTINATION ${folder} COMPONENT dev)
    install(FILES ${PROJECT_BINARY_DIR}/moorageConfig.cmake
                  ${PROJECT_BINARY_DIR}/moorageConfigVersion.cmake
                  ${PROJECT_SOURCE_DIR}/cmake/FindCK.cmake
            DESTINATION ${folder} COMPONENT dev)
    moor_install_man()
    moor_install_python()
endfunction()
