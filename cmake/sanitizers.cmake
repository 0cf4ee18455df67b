# MOOR_SANITIZE for everything below the including folder.  A finding is always
# an end: no suppression file, nothing is muted in the source.
if(MOOR_SANITIZE STREQUAL "none")
    return()
elseif(MOOR_SANITIZE STREQUAL "address")
    # Leak detection is a part of the address sanitizer on Linux.
    set(moor_sanitize -fsanitize=address,undefined
        -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
elseif(MOOR_SANITIZE STREQUAL "thread")
    set(moor_sanitize -fsanitize=thread -fno-omit-frame-pointer)
else()
    message(FATAL_ERROR
            "MOOR_SANITIZE is '${MOOR_SANITIZE}': none, address or thread")
endif()
add_compile_options(${moor_sanitize})
add_link_options(${moor_sanitize})
