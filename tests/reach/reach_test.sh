#!/bin/sh
# One file of the library under each C library: reach_test.sh BUILD-FOLDER
set -u
build=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../programs/table.sh
. "$here/../programs/table.sh"
command -v musl-gcc > /dev/null || cannot 'there is no musl-gcc'

for compiler in cc musl-gcc; do
  row 0 '' "$compiler" -o "$work/subject" "$here/subject.c"
  row 0 '' env -i LD_PRELOAD="$build/libclusterbind.so" CLUSTERBIND_FOLLOW=1 \
    CLUSTERBIND_RULES='bind 127.0.0.25 to 127.0.0.0/8' "$work/subject"
  rows=$((rows + 1))
  [ "$(grep -c ' 127\.0\.0\.25$' "$work/output")" = 12 ] || wrong "$compiler: not all connections are bound"
done
finish
