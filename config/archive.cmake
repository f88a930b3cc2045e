# CPack runs this script after it has installed into a folder of its own, and before it packs that
# folder: archives get the licence and the documentation.
cmake_policy(VERSION 3.25)
if(CPACK_GENERATOR STREQUAL "DEB")
  if(CPACK_CLUSTERBIND_PORTABLE)
    message(FATAL_ERROR "cpack -G DEB: Debian's packages have Debian's own folders and libraries: "
      "configure another build folder, without CLUSTERBIND_PORTABLE")
  endif()
  return()
endif()
if(CPACK_GENERATOR STREQUAL "RPM" AND NOT CPACK_CLUSTERBIND_PORTABLE)
  message(FATAL_ERROR "cpack -G RPM: these tools need the libraries of the machine that built them: "
    "configure another build folder, with -D CLUSTERBIND_PORTABLE=ON")
endif()
set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}/share)
file(COPY ${CPACK_CLUSTERBIND_SOURCE}/LICENSE DESTINATION ${share}/licenses/libclusterbind)
file(COPY ${CPACK_CLUSTERBIND_SOURCE}/README.md ${CPACK_CLUSTERBIND_SOURCE}/CHANGELOG.md
  DESTINATION ${share}/doc/libclusterbind)
