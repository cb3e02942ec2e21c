# anypage_sources(<variable> <folder>): the C and C++ sources at and below a folder, looked up again
# at each build. A folder without any yields one empty source, so that a library can be made of it.
function(anypage_sources variable folder)
    cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cc ${folder}/*.c)
    if(NOT sources)
        set(sources ${PROJECT_BINARY_DIR}/empty.cc)
        file(TOUCH ${sources})
    endif()
    set(${variable} ${sources} PARENT_SCOPE)
endfunction()
