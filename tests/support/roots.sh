# shellcheck shell=bash
# Sourced: makes the Debian roots that tests run in. Each MTA has one, because the MTAs conflict as
# packages; others are for our own packages, for compilers, and for other releases of Debian.
#
# Roots are made once and kept in $cache. The tests mount them under an overlay and never write to
# them. A root is complete if its mark says what is in it.

release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
cache=${CLUSTERBIND_SITES_CACHE:-${TMPDIR:-/var/tmp}/clusterbind-sites}

# The packages of each root in addition to the base, which is the same for all: busybox is the
# syslog daemon, and clusterbind needs libfmt9.
base_packages=busybox,iproute2,libfmt9,procps,systemd
declare -A root_packages=(
  [postfix]='postfix keepalived'
  [exim]='exim4-daemon-light'
  [sendmail]='sendmail-bin sendmail-cf sendmail-base sensible-mda procmail m4 make'
  [opensmtpd]='opensmtpd'
  [courier]='courier-mta'
  [pacemaker]='pacemaker pacemaker-cli-utils corosync resource-agents postfix'
  [package]='msmtp libc6:i386 netcat-traditional:i386'
  [cross]='cmake make catch2 g++-aarch64-linux-gnu libc6-dev-arm64-cross libc6:arm64 musl-dev:arm64 g++-s390x-linux-gnu libc6-dev-s390x-cross'
  [build]='g++ make cmake ccache libfmt-dev catch2 dpkg-dev file'
)

# Answers to the packages' questions.
debconf_answers() {
  cat <<'ANSWERS'
postfix postfix/main_mailer_type select Internet Site
postfix postfix/mailname string cluster.example
exim4-config exim4/dc_eximconfig_configtype select internet site; mail is sent and received directly using SMTP
exim4-config exim4/dc_local_interfaces string
exim4-config exim4/dc_other_hostnames string cluster.example
exim4-config exim4/mailname string cluster.example
opensmtpd opensmtpd/mailname string cluster.example
opensmtpd opensmtpd/root_address string
ANSWERS
}

# The Debian archives of this host, one "URI RELEASE COMPONENT" per line.
host_archives() {
  # $(ORIGIN) and the rest are apt's placeholders.
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
    sed -n 's/^Debian //p' | sort -u
}

host_release=$release

# The same archive serves all releases.
host_archive() {
  host_archives | awk -v release="$host_release" '$2 == release && $3 == "main" { print $1; exit }'
}

# Runs a command in a root, with its own processes and mounts, so that nothing that a package's
# script starts is left running.
in_root() {
  local root=$1
  shift
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child -- sh -c '
    mount -t proc proc "$1/proc" && root=$1 && shift && exec chroot "$root" "$@"' sh "$root" "$@"
}

make_base() {
  local root=$cache/base.new archive
  archive=$(host_archive)
  [ -n "$archive" ] || { echo "apt knows no archive of Debian $release" >&2; return 1; }
  rm -rf "$root"
  debootstrap --variant=minbase --include="$base_packages" "$release" "$root" "$archive" || return
  host_archives | sed "s/^/deb /; s/ $host_release/ $release/" >"$root/etc/apt/sources.list"
  apt-config dump | grep '^Acquire::' >"$root/etc/apt/apt.conf.d/00host"
  # No file in a root needs to be synced, and no package may start a daemon.
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  printf '127.0.0.1 localhost build.cluster.example build\n::1 localhost\n' >"$root/etc/hosts"
  echo build >"$root/etc/hostname"
  in_root "$root" apt-get -q update || return
  finish_root base
}

make_root() {
  local root=$cache/$1.new
  rm -rf "$root"
  cp -a --reflink=auto "$cache/base" "$root" || return
  debconf_answers | in_root "$root" debconf-set-selections || return
  local foreign
  foreign=$(grep -o ':[a-z0-9]*' <<<"${root_packages[$1]}" | sort -u | tr -d :)
  if [ -n "$foreign" ]; then
    # If an index is not available, it may not be needed; otherwise the installation fails.
    # shellcheck disable=SC2016,SC2086 # a list of words
    in_root "$root" sh -c 'for one; do dpkg --add-architecture "$one"; done; apt-get -q update' sh $foreign
  fi
  # root_packages is a list of words.
  # shellcheck disable=SC2086
  in_root "$root" env DEBIAN_FRONTEND=noninteractive \
    unshare --uts sh -c 'hostname build.cluster.example; exec "$@"' sh \
    apt-get -q -y --no-install-recommends install ${root_packages[$1]} || return
  finish_root "$1"
}

finish_root() {
  rm -rf "${cache:?}/$1" "$cache/$1.mark"
  mv "$cache/$1.new" "$cache/$1" && mark "$1" >"$cache/$1.mark"
}

# mark ROOT: describes the contents of a root. Increase the number when a function here changes.
mark() { echo "1 $release: $base_packages ${root_packages[$1]:-} $(debconf_answers | cksum)"; }

root_is_made() { [ "$(cat "$cache/$1.mark" 2>/dev/null)" = "$(mark "$1")" ]; }

# make_roots NAME...: makes the roots that are missing. Only one run at a time makes roots.
make_roots() {
  local name
  mkdir -p "$cache" || return
  exec {roots_lock}>"$cache/lock"
  flock -w 600 "$roots_lock" || return
  root_is_made base || make_base >"$cache/base.log" 2>&1 || { tail -n 20 "$cache/base.log" >&2; return 1; }
  for name; do
    root_is_made "$name" && continue
    make_root "$name" >"$cache/$name.log" 2>&1 || { tail -n 20 "$cache/$name.log" >&2; return 1; }
  done
  exec {roots_lock}>&-
}

# make_roots_of RELEASE NAME...: the same for another release of Debian, in $cache/RELEASE/NAME.
# There, libfmt9, which these tools are linked with, is not a package.
make_roots_of() {
  local release=$1 cache=$cache/$1 base_packages=${base_packages/libfmt9,/}
  shift
  make_roots "$@"
}
