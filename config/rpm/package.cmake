# `cpack -G RPM', of a portable build (see ../package.cmake). One package has everything; that of a
# second architecture has only the library.
set(CPACK_RPM_PACKAGE_NAME clusterbind)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(rpm_architecture ${CMAKE_SYSTEM_PROCESSOR})
if(CMAKE_SIZEOF_VOID_P EQUAL 4 AND rpm_architecture STREQUAL "x86_64")
  set(rpm_architecture i686)  # g++ -m32
endif()
set(CPACK_RPM_PACKAGE_ARCHITECTURE ${rpm_architecture})
set(rpm_libdir /usr/lib)
if(CMAKE_SIZEOF_VOID_P EQUAL 8)
  set(rpm_libdir /usr/lib64)
endif()
set(rpm_tools 1)
if(CLUSTERBIND_LIBRARY_ONLY)
  set(rpm_tools 0)
endif()

# The date of the version, from the last line of the entry in Debian's changelog: " -- Name
# <address>  Sat, 28 Nov 2026 ...".
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/../debian/changelog rpm_date LIMIT_COUNT 1 REGEX "^ -- ")
string(REGEX REPLACE ".*  ([A-Z][a-z]+), ([0-9]+) ([A-Z][a-z]+) ([0-9]+) .*" "\\1 \\3 \\2 \\4"
  rpm_date "${rpm_date}")

# A removal is refused in the same cases as on Debian. `%' begins a macro of rpm.
file(READ ${CMAKE_CURRENT_LIST_DIR}/../debian/prerm rpm_prerm)
string(REPLACE "#!/bin/sh\n" "" rpm_prerm "${rpm_prerm}")
string(REPLACE "%" "%%" rpm_prerm "${rpm_prerm}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/../debian/prerm)
configure_file(${CMAKE_CURRENT_LIST_DIR}/clusterbind.spec.in
  ${PROJECT_BINARY_DIR}/clusterbind.spec @ONLY)
set(CPACK_RPM_USER_BINARY_SPECFILE ${PROJECT_BINARY_DIR}/clusterbind.spec)
