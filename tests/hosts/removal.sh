# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# removal.sh - on a booted Debian 12, neither the packages nor what `cmake --install' has installed
# can be removed while a unit is enabled.

# shellcheck source=host.sh
. "$jobs/host.sh"

# packages_are_kept UNIT: their removal is refused.
packages_are_kept() {
  local unit=$1
  check 'packages are made' cpack --config "$build/CPackConfig.cmake" -G DEB -B "$tmp/packages"
  cp "$tmp"/packages/*.deb "$(file node-a /srv)"
  check 'the packages are installed' inside node-a sh -c 'dpkg -i /srv/*.deb'
  says 0 'verdict: all covered' sh -c "clusterbind enable --now $unit && clusterbind status $unit"
  says 100 "The unit $unit is under the rules" apt-get -q -y -o Dpkg::Use-Pty=0 remove clusterbind libclusterbind
  says 100 "^    clusterbind disable --now $unit\$" apt-get -q -y -o Dpkg::Use-Pty=0 purge libclusterbind
  takes_mail
  says 0 'verdict: all covered' clusterbind status "$unit"
  check 'an upgrade goes on' inside node-a sh -c 'dpkg -i /srv/*.deb'
  says 0 'verdict: all covered' clusterbind status "$unit"
  # Runs the command that was printed.
  says 100 '^    clusterbind disable' apt-get -q -y -o Dpkg::Use-Pty=0 remove clusterbind
  says 0 'removed' sh -c "$(sed -n 's/^    clusterbind/clusterbind/p' "$tmp/said")"
  says 0 'Removing libclusterbind' apt-get -q -y -o Dpkg::Use-Pty=0 remove clusterbind libclusterbind
  check 'the unit runs without' takes_mail
  check 'from the node' [ "$(source_of 4)" = "${node4[node-a]}" ]
}

# uninstall_is_refused UNIT: by the build's own target. The host gets cmake and make from this
# machine, with their libraries, but no compiler; and a build folder with the files to be installed.
uninstall_is_refused() {
  local unit=$1 folder=$tmp/uninstalled source undo
  source=$(cd "$here/../.." && pwd)
  check 'a build folder is made' cmake -S "$source" -B "$folder" -D BUILD_TESTING=OFF \
    -D CMAKE_BUILD_TYPE=Release -D CMAKE_INSTALL_PREFIX=/usr -D CMAKE_SUPPRESS_REGENERATION=ON
  cp "$build"/libclusterbind.so "$build"/clusterbind "$build"/clusterbind-attach "$build"/clusterbind-bench "$folder"
  {
    command -v cmake make gmake && readlink -f "$(command -v gmake)"
    dpkg -L cmake-data | grep ^/usr/share/cmake
    ldd "$(command -v cmake)" "$(command -v make)" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | xargs realpath -s |
      while read -r library; do echo "$library" && readlink -f "$library"; done
    find "$folder" "$source"/CMakeLists.txt "$source"/LICENSE "$source"/CHANGELOG.md "$source"/{config,preload,bench}
  } | sort -u | tar -c --no-recursion -P -T - | tar -x -P --transform "s|^/||" -C "$(file node-a /)" --skip-old-files
  check 'it is installed' inside node-a sh -c "cmake --install $folder && ldconfig"
  says 0 'verdict: all covered' sh -c "clusterbind enable --now $unit && clusterbind status $unit"
  says 2 "^    clusterbind disable --now $unit\$" cmake --build "$folder" --target uninstall
  undo=$(sed -n 's/^    clusterbind/clusterbind/p' "$tmp/said")
  takes_mail
  says 0 'verdict: all covered' clusterbind status "$unit"
  says 0 'removed' sh -c "$undo"
  says 0 'removing /usr/bin/clusterbind' cmake --build "$folder" --target uninstall
  check 'nothing of it is left' inside node-a sh -c '! ls /usr/bin/clusterbind* /usr/lib/*/libclusterbind.so'
  check 'the unit runs without' takes_mail
}

run_removal() {
  topology_up && take node-a && start_site && host_up postfix postfix || return
  firewall open
  inside node-a systemctl start postfix
  check 'Postfix takes mail' takes_mail || return
  packages_are_kept postfix@-.service
  uninstall_is_refused postfix@-.service
}
