# Warnings for everything below the including folder; all are errors when
# moorage itself is what is built.
set(moor_warnings -Wall -Wextra -Wpedantic -Wshadow -Wundef -Wvla
    -Wpointer-arith -Wwrite-strings)
set(moor_warnings_c -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition)
if(PROJECT_IS_TOP_LEVEL)
    list(APPEND moor_warnings -Werror)
endif()
add_compile_options(${moor_warnings}
                    "$<$<COMPILE_LANGUAGE:C>:${moor_warnings_c}>")
