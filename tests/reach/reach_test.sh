#!/bin/sh
# The same file of the library under this host's C library and under musl: reach_test.sh
# BUILD-FOLDER
set -u
build=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$here/../support/table.sh"
# shellcheck source-path=SCRIPTDIR source=ways.sh
. "$here/ways.sh"
command -v musl-gcc > /dev/null || cannot 'there is no musl-gcc'

row 0 '' cc -pthread -o "$work/glibc" "$here/subject.c"
row 0 '' musl-gcc -o "$work/musl" "$here/subject.c"
for program in "$work/glibc" "$work/musl"; do
  all_ways 127.0.0.1 env -i "$program"
  all_ways 127.0.0.25 env -i LD_PRELOAD="$build/libclusterbind.so" CLUSTERBIND_FOLLOW=1 \
    CLUSTERBIND_RULES='bind 127.0.0.25 to 127.0.0.0/8' "$program"
done
finish
