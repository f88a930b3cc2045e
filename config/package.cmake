# `cpack -G DEB', `cpack -G RPM' and `cpack -G TGZ', in the build folder. The DEB packages contain
# tools that are linked to Debian's libraries. The RPM and the TGZ serve every distribution if the
# build is a portable one.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each component has its own
set(CPACK_PACKAGE_VENDOR "libclusterbind")
set(CPACK_PACKAGE_CONTACT "libclusterbind developers <maintainers@libclusterbind.example>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR})
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PRE_BUILD_SCRIPTS
  ${CMAKE_CURRENT_LIST_DIR}/debian/finish.cmake ${CMAKE_CURRENT_LIST_DIR}/archive.cmake)
set(CPACK_CLUSTERBIND_SOURCE ${PROJECT_SOURCE_DIR})
set(CPACK_CLUSTERBIND_PORTABLE ${CLUSTERBIND_PORTABLE})
if(CLUSTERBIND_PORTABLE)
  set(CPACK_PACKAGE_FILE_NAME ${PROJECT_NAME}-${PROJECT_VERSION}-${CMAKE_SYSTEM_PROCESSOR})
endif()
set(CPACK_COMPONENTS_ALL library)
if(NOT CLUSTERBIND_LIBRARY_ONLY)
  list(APPEND CPACK_COMPONENTS_ALL tools)
endif()

include(${CMAKE_CURRENT_LIST_DIR}/debian/package.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/rpm/package.cmake)
include(CPack)
