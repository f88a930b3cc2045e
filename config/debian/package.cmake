# `cpack -G DEB'. The library is a separate package, so that it can be installed for several
# architectures at once; the tools are installed once.
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_COMPONENT_TOOLS_DEPENDS library)

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libclusterbind)
# CPack 3.25 has no variable for Multi-Arch, but it writes values unchanged.
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION "libs\nMulti-Arch: same")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_LIST_DIR}/postinst ${CMAKE_CURRENT_LIST_DIR}/prerm ${CMAKE_CURRENT_LIST_DIR}/postrm)
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION
"bind a program's outgoing connections to a cluster address
A mail cluster has a floating address, but the kernel lets outgoing
connections leave from the node's own. This library is loaded into an
unmodified program by LD_PRELOAD=libclusterbind.so and binds them to the
source address that the rules in /etc/clusterbind.conf name, by destination,
port and program.
.
The package may be installed for several architectures at once.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME clusterbind)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION net)
set(CPACK_DEBIAN_TOOLS_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/prerm)
set(CPACK_COMPONENT_TOOLS_DESCRIPTION
"start, check and explain programs under libclusterbind
clusterbind-run starts a program, and all that it starts, so that its
outgoing connections leave from a cluster address.
.
clusterbind checks rules, explains decisions, tells whether a program can be
reached, and audits the connections of the host. clusterbind-bench measures
what a connection costs.")

# The library needs no version of libc, so dpkg-shlibdeps cannot derive its dependency. For the
# tools of another architecture it does not know the libraries.
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS "libc6 (>= 2.17)")
if(CMAKE_LIBRARY_ARCHITECTURE STREQUAL "i386-linux-gnu")
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE i386)
else()
  set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
endif()
