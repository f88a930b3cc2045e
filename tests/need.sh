#!/bin/sh
# Installs the Debian packages that a job needs and this machine lacks: need.sh SET...
# A set is `build', or the label of the tests that need it.
set -eu

# set_of NAME: one line for each need: the package, and a command or path that shows it is there.
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
      # For the fuzzers.
      runtime=$(clang++ -print-runtime-dir 2> /dev/null)
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
libcap2-bin setcap
iproute2 ip
END
      ;;
    bench)
      cat << 'END'
valgrind valgrind
iproute2 ip
nftables nft
END
      # For its smtp-source. It would remove another mail server.
      [ -e /usr/sbin/sendmail ] || echo postfix /usr/sbin/smtp-source
      ;;
    conformance)
      cat << 'END'
python3 python3
iproute2 ip
END
      # Libraries: there is no command to look for.
      for library in libjemalloc2/libjemalloc.so.2 proxychains4/libproxychains.so.4 \
        libsocket-wrapper/libsocket_wrapper.so; do
        echo "${library%/*} /usr/lib/$(gcc -print-multiarch 2> /dev/null)/${library#*/}"
      done
      ;;
    32)
      # Its library to link with: the one to run with may be there without it.
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
    sites)
      cat << 'END'
debootstrap debootstrap
iproute2 ip
nftables nft
python3 python3
END
      ;;
  esac
}

missing=
for name; do
  # The folders of administrators' tools, which an ordinary user's PATH lacks.
  wanted=$(set_of "$name" | while read -r package probe; do
    case $probe in
      /*) [ -e "$probe" ] || echo "$package" ;;
      *) PATH=$PATH:/usr/sbin:/sbin command -v "$probe" > /dev/null || echo "$package" ;;
    esac
  done)
  missing="$missing $wanted"
done
# shellcheck disable=SC2086 # one word for each package
set -- $missing
[ $# -gt 0 ] || exit 0

if ! command -v apt-get > /dev/null; then
  echo "missing, and there is no apt-get to install it: $*" >&2
  exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo > /dev/null || {
    echo "missing: $*; install it as root, or install sudo" >&2
    exit 1
  }
  as_root=sudo
fi
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 "$@"; }
echo "installing: $*"
case " $* " in
  *' postfix '*) # unconfigured, it is not started
    echo 'postfix postfix/main_mailer_type select No configuration' | $as_root debconf-set-selections
    ;;
esac
apt update > /dev/null
apt install -y --no-install-recommends "$@" > /dev/null
