# The warnings that our own code is compiled with. The presets make each of them an error.
set(anypage_warnings
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wcast-align -Wcast-qual
    -Wformat=2 -Wundef -Wvla
    $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
    $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>)

# Instrumentation hides from g++ that a variable has been set.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND ANYPAGE_SANITIZE)
    list(APPEND anypage_warnings -Wno-maybe-uninitialized)
endif()
