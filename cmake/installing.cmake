# What is installed, and how others find it.  Everything can be moved as a whole
# afterwards.  Components: lib (shared libraries), dev (what programs are built
# with), tool (the program).
#
#   moor_installed(TARGET PC)   a library, with cmake/PC.pc.in
#   moor_install_package()      the CMake package, when all targets are known
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Only the calls of the headers can be seen from outside of a shared library.
function(moor_hide target)
    set(script ${PROJECT_SOURCE_DIR}/cmake/${target}.map)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "SHARED_LIBRARY")
        target_link_options(${target} PRIVATE LINKER:--version-script=${script})
        set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${script})
    endif()
endfunction()

function(moor_installed target pc)
    if(NOT PROJECT_IS_TOP_LEVEL)
        return()
    endif()
    moor_hide(${target})
    install(TARGETS ${target} EXPORT moorageTargets
        LIBRARY COMPONENT lib NAMELINK_COMPONENT dev
        ARCHIVE COMPONENT dev
        FILE_SET HEADERS COMPONENT dev)
    set(folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
    file(RELATIVE_PATH up /${folder} /)
    string(REGEX REPLACE "/$" "" up ${up})
    configure_file(${PROJECT_SOURCE_DIR}/cmake/${pc}.pc.in
                   ${PROJECT_BINARY_DIR}/${pc}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/${pc}.pc DESTINATION ${folder}
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
    install(EXPORT moorageTargets NAMESPACE moorage:: DESTINATION ${folder}
            COMPONENT dev)
    install(FILES ${PROJECT_BINARY_DIR}/moorageConfig.cmake
                  ${PROJECT_BINARY_DIR}/moorageConfigVersion.cmake
                  ${PROJECT_SOURCE_DIR}/cmake/FindCK.cmake
            DESTINATION ${folder} COMPONENT dev)
endfunction()
