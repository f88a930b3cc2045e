# CPack runs this script after it has installed into a folder of its own, and before it packs that
# folder: it adds the files that Debian's policy requires, and compresses those that must be
# compressed.
cmake_policy(VERSION 3.25)
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
find_program(gzip gzip REQUIRED)
set(source ${CPACK_CLUSTERBIND_SOURCE})

function(compress)
  execute_process(COMMAND ${gzip} -9nf ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# The text of the licence, as a paragraph of Debian's copyright file.
file(READ ${source}/LICENSE licence)
string(REGEX MATCH "Permission is hereby.*[^\n]" licence "${licence}")
string(REPLACE "\n\n" "\n.\n" licence "${licence}")
string(REPLACE "\n" "\n " licence "${licence}")

# add PACKAGE COMPONENT
function(add package component)
  set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${component}${CPACK_PACKAGING_INSTALL_PREFIX}/share)
  set(doc ${share}/doc/${package})
  configure_file(${source}/config/debian/changelog ${doc}/changelog COPYONLY NO_SOURCE_PERMISSIONS)
  configure_file(${source}/CHANGELOG.md ${doc}/CHANGELOG.md COPYONLY NO_SOURCE_PERMISSIONS)
  configure_file(${source}/config/debian/copyright.in ${doc}/copyright @ONLY NO_SOURCE_PERMISSIONS)
  file(GLOB pages ${share}/man/*/*.[1-9])
  compress(${doc}/changelog ${doc}/CHANGELOG.md ${pages})
  if(EXISTS ${source}/config/debian/${package}.overrides)
    configure_file(${source}/config/debian/${package}.overrides
      ${share}/lintian/overrides/${package} COPYONLY NO_SOURCE_PERMISSIONS)
  endif()
endfunction()

add(libclusterbind library)
if("tools" IN_LIST CPACK_COMPONENTS_ALL)
  add(clusterbind tools)
endif()
