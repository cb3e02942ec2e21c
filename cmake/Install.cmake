# Installation: headers, library, command, man pages, and what find_package and pkg-config read.
include(CMakePackageConfigHelpers)

install(TARGETS anypage anypage-core EXPORT anypage-targets)
if(TARGET anypage-check)
    install(TARGETS anypage-check EXPORT anypage-targets)
    install(DIRECTORY check/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/anypage/checker
        FILES_MATCHING PATTERN "*.hpp")
else()
    set(no_checker PATTERN "check*.hpp" EXCLUDE)
endif()
if(TARGET anypage-command)
    install(TARGETS anypage-command)
endif()
if(EXISTS ${PROJECT_SOURCE_DIR}/include/anypage)
    install(DIRECTORY include/anypage DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h" ${no_checker})
endif()
install(DIRECTORY src/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/anypage/core
    FILES_MATCHING PATTERN "*.hpp")

file(GLOB man_pages CONFIGURE_DEPENDS docs/man/*.1)
install(FILES ${man_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)

# find_package(anypage CONFIG) gives anypage::anypage and anypage::check.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/anypage)
configure_package_config_file(cmake/anypage-config.cmake.in anypage-config.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(anypage-config-version.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT anypage-targets NAMESPACE anypage:: DESTINATION ${package_dir})
install(FILES
    ${PROJECT_BINARY_DIR}/anypage-config.cmake
    ${PROJECT_BINARY_DIR}/anypage-config-version.cmake
    DESTINATION ${package_dir})

# pkg-config: the file finds its prefix from its own place, so a tree may be moved. Who links the
# archive links what it needs too: hwloc, and for a C program the C++ library.
set(pc_libs "-lanypage")
set(pc_requires "Requires.private: hwloc")
if(NOT BUILD_SHARED_LIBS)
    set(pc_libs "-lanypage -lstdc++ -pthread")
    set(pc_requires "Requires: hwloc")
endif()
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
string(REGEX REPLACE "[^/]+" ".." pc_prefix ${pc_dir})
configure_file(cmake/anypage.pc.in anypage.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/anypage.pc DESTINATION ${pc_dir})
if(TARGET anypage-check)
    set(pc_check_libs "-lanypage-check")
    if(NOT BUILD_SHARED_LIBS)
        set(pc_check_libs "-lanypage-check -lboost_context -lstdc++")
    endif()
    configure_file(cmake/anypage-check.pc.in anypage-check.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/anypage-check.pc DESTINATION ${pc_dir})
endif()
