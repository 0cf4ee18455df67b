# ConcurrencyKit: target CK::ck.
find_path(CK_INCLUDE_DIR ck_epoch.h)
find_library(CK_LIBRARY ck)
mark_as_advanced(CK_INCLUDE_DIR CK_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CK
    REQUIRED_VARS CK_LIBRARY CK_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "Debian and Ubuntu: package libck-dev")

if(CK_FOUND AND NOT TARGET CK::ck)
    add_library(CK::ck UNKNOWN IMPORTED)
    set_target_properties(CK::ck PROPERTIES
        IMPORTED_LOCATION ${CK_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${CK_INCLUDE_DIR})
endif()
