#!/bin/sh
# Installs the Debian packages that a job needs and this machine lacks: need.sh SET... A set is
# `build', or the label of the tests that need it.
# shellcheck disable=SC2086,SC2116 # lists of packages are lists of words
set -eu

# set_of NAME: one line per package: its name, and a command or path that exists if it is installed.
set_of() {
  case $1 in
    build)
      cat << 'END'
g++ g++
make make
cmake cmake
libfmt-dev /usr/include/fmt/core.h
END
      # Debian 12 has Catch2 2, later ones have 3.
      [ -e /usr/include/catch2/catch_all.hpp ] || echo catch2 /usr/include/catch2/catch.hpp
      ;;
    clang)
      echo clang clang++
      # For the fuzzers. If clang++ is not installed yet, its folder is unknown.
      runtime=$(clang++ -print-runtime-dir 2> /dev/null) || runtime=
      echo "libclang-rt-dev $runtime/libclang_rt.fuzzer-$(uname -m).a"
      ;;
    demo) echo msmtp msmtp ;;
    style)
      cat << 'END'
clang clang++
clang-format clang-format
clang-tidy clang-tidy
shellcheck shellcheck
cppcheck cppcheck
END
      ;;
    package)
      cat << 'END'
binutils readelf
lintian lintian
END
      set_of demo
      ;;
    preload)
      cat << 'END'
strace strace
binutils objcopy
python3 python3
curl curl
perl perl
bash bash
nodejs node
default-jdk-headless javac
libcap2-bin setcap
iproute2 ip
END
      ;;
    tool)
      cat << 'END'
mandoc mandoc
python3 python3
libcap2-bin setcap
iproute2 ip
END
      ;;
    bench)
      cat << 'END'
valgrind valgrind
python3 python3
iproute2 ip
nftables nft
END
      # Needed for smtp-source. It would replace another mail server.
      [ -e /usr/sbin/sendmail ] || echo postfix /usr/sbin/smtp-source
      ;;
    conformance)
      cat << 'END'
python3 python3
iproute2 ip
END
      # Libraries, for which there is no command to look for.
      for library in libjemalloc2/libjemalloc.so.2 proxychains4/libproxychains.so.4 \
        libsocket-wrapper/libsocket_wrapper.so; do
        echo "${library%/*} /usr/lib/$(gcc -print-multiarch 2> /dev/null)/${library#*/}"
      done
      ;;
    reach)
      cat << 'END'
musl-tools musl-gcc
debootstrap debootstrap
iproute2 ip
rpm rpmbuild
rpmlint rpmlint
ccache ccache
END
      ;;
    kernel)
      echo iproute2 ip
      set_of reach
      ;;
    32)
      # The file needed for linking: the runtime library may be there without it.
      folder=$(dirname "$(g++ -print-libgcc-file-name 2> /dev/null)")
      echo "g++-multilib $folder/32/libstdc++.a"
      echo qemu-user-static qemu-i386-static
      ;;
    root)
      cat << 'END'
debootstrap debootstrap
iproute2 ip
END
      set_of 32
      ;;
    cross)
      cat << 'END'
debootstrap debootstrap
iproute2 ip
qemu-user-static qemu-aarch64-static
END
      ;;
    sites)
      cat << 'END'
debootstrap debootstrap
iproute2 ip
nftables nft
python3 python3
END
      ;;
    hosts)
      set_of sites
      cat << 'END'
dpkg-dev dpkg-shlibdeps
file file
END
      ;;
  esac
}

# missing_of SET...: prints the packages that are not installed. If a set fails, the script ends,
# because it would install less than is needed.
missing_of() {
  for set; do
    needs=$(set_of "$set")
    [ -n "$needs" ] || continue
    while read -r package probe; do
      # The folders of administrators' tools, which an ordinary user's PATH lacks.
      case $probe in
        /*) [ -e "$probe" ] || echo "$package" ;;
        *) PATH=$PATH:/usr/sbin:/sbin command -v "$probe" > /dev/null || echo "$package" ;;
      esac
    done << END
$needs
END
  done
}

missing=$(missing_of "$@")
[ -n "$missing" ] || exit 0
missing=$(printf '%s\n' $missing | sort -u)
if ! command -v apt-get > /dev/null; then
  echo "missing, and there is no apt-get to install it:" $missing >&2
  exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || {
    echo "missing: $(echo $missing); install it as root, or install sudo" >&2
    exit 1
  }
  as_root=sudo
fi
said=
apt() {
  said=$said$($as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 \
    -o DPkg::Lock::Timeout=120 "$@" 2>&1)
}
echo "installing, which takes a minute or two:" $missing
case " $(echo $missing) " in
  *' postfix '*) # without a configuration it is not started
    echo 'postfix postfix/main_mailer_type select No configuration' | $as_root debconf-set-selections
    ;;
esac
apt update || : # the archive that fails may be one that is not needed
apt install -y --no-install-recommends $missing || {
  printf '%s\n' "$said" >&2
  exit 1
}

missing=$(missing_of "$@")
if [ -n "$missing" ]; then
  echo "installed, but what is looked for is not there:" $missing >&2
  exit 1
fi
