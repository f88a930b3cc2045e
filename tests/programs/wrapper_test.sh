#!/bin/sh
# clusterbind-run, row by row. Usage: wrapper_test.sh BUILD-FOLDER
set -u
build=$1
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
copy_build
run=$build/clusterbind-run
cd "$work" || exit 1

# Wrong usage.
row 64 'missing PROGRAM' "$run"
row 64 'missing PROGRAM' "$run" -r direct --
row 64 'unknown option --nonsense' "$run" --nonsense -r direct true
row 64 'try: clusterbind-run --help' "$run" -x
row 64 'unknown option --confg: did you mean --config FILE\?$' "$run" --confg rules true
row 64 'unknown option --rule: did you mean --rules RULES\?$' "$run" --rule direct true
row 64 'unknown option -cfile: write -c FILE, with a blank$' "$run" -cfile true
row 64 'unknown option --log: did you mean -l LEVEL\?$' "$run" --log debug true
row 64 'unknown option --no-folow: did you mean --no-follow\?$' "$run" --no-folow true
row 64 'unknown option -h: did you mean --help\?$' "$run" -h
row 64 'unknown option -V: did you mean --version\?$' "$run" -V
row 64 '-l loud: LEVEL is off, error, info or debug$' "$run" -l loud -r direct true
row 64 '-c needs a value: FILE$' "$run" -c
row 64 '-r needs a value' "$run" -r '' true
row 64 '--config needs a value' "$run" --config
row 64 '--rules needs a value' "$run" --rules= true
row 64 'not both' "$run" -c "$work/rules" -r direct true
row 0 '^clusterbind-run [0-9]+\.[0-9]+\.[0-9]+$' "$run" --version
row 0 '^Usage: clusterbind-run' "$run" --help

# Where the rules come from.
printf '# ours\nbind 127.0.0.25 to 127.0.0.0/8\n' > rules
printf 'bind 192.0.2.25 to any\nbnid 192.0.2.25\nbind 192.0.2.256\n' > wrong
row 78 '^-r:1:1: error: ' "$run" -r 'bnid 192.0.2.25' true
row 78 'nothing was started' "$run" -r 'bnid 192.0.2.25' true
row 78 '^wrong:2:1: error: |/wrong:2:1: error: ' "$run" -c wrong true
row 78 '/wrong:3:6: error: ' "$run" -c wrong true
row 78 '/absent' "$run" -c absent true
row 78 'CLUSTERBIND_RULES:1:1: error' env CLUSTERBIND_RULES=nonsense "$run" true
row 78 '/wrong:3:6: error: ' env CLUSTERBIND_CONFIG="$work/wrong" "$run" true
row 78 '^relative: error: ' env CLUSTERBIND_CONFIG=relative "$run" true
row 78 '.' "$run" --force -r 'bnid 192.0.2.25' true
if [ ! -e /etc/clusterbind.conf ]; then
  row 78 'no rules: write /etc/clusterbind.conf, or use -c FILE or -r RULES' "$run" true
fi
# A tool that cannot run has not found the rules wrong.
mkdir broken
cp "$build/libclusterbind.so" "$run" broken
printf '#!/nonexistent\n' > broken/clusterbind
chmod +x broken/clusterbind
row 126 '!rules are wrong' broken/clusterbind-run -r direct true
row 126 'cannot run .*/broken/clusterbind: nothing was started' broken/clusterbind-run -r direct true
if [ "$(id -u)" -eq 0 ]; then
  cp rules loose && chmod 0666 loose
  row 78 '/loose: .*writable by group or others' "$run" -c loose true
  cp rules foreign && chown nobody foreign
  row 78 '/foreign: .*not owned by root' "$run" -c foreign true
  row 78 '/foreign: .*not owned by root' env CLUSTERBIND_CONFIG="$work/foreign" "$run" true
fi

# Findings of check are shown, without the rules. If there are none, nothing is printed.
row 0 '^-r:1: warning: ' "$run" -r 'bind 192.0.2.25 to 198.51.100.7' true
row 0 '!: OK, |^settings' "$run" -r 'bind 192.0.2.25 to 198.51.100.7' true
row 0 '!.' "$run" -r 'bind 127.0.0.25 to 127.0.0.0/8' true

# The environment of the program.
row 0 "^LD_PRELOAD=$build/libclusterbind.so\$" "$run" -r direct env
row 0 "^LD_PRELOAD=$build/libclusterbind.so:libutil.so.1\$" \
  env LD_PRELOAD=libutil.so.1 "$run" -r direct env
row 0 "^LD_PRELOAD=$build/libclusterbind.so\$" "$run" -r direct "$run" -r direct env
# If our entry is already there, the order stays; a sanitizer's runtime stays first.
row 0 "^LD_PRELOAD=libutil.so.1:$build/libclusterbind.so\$" \
  env LD_PRELOAD="libutil.so.1:$build/libclusterbind.so" "$run" -r direct env
row 0 "^LD_PRELOAD=libutil.so.1 $build/../build/libclusterbind.so libdl.so.2\$" \
  env LD_PRELOAD="libutil.so.1 $build/../build/libclusterbind.so libdl.so.2" "$run" -r direct env
row 0 "^LD_PRELOAD=$build/libclusterbind.so:libutil.so.1:libdl.so.2\$" \
  env LD_PRELOAD='libutil.so.1 libdl.so.2' "$run" -r direct env
asan=$(readlink -f "$(gcc -print-file-name=libasan.so)")
ubsan=$(readlink -f "$(gcc -print-file-name=libubsan.so)")
for runtime in "$asan" "$ubsan"; do
  row 0 "^LD_PRELOAD=$runtime:$build/libclusterbind.so:libdl.so.2\$" \
    env ASAN_OPTIONS=detect_leaks=0 LD_PRELOAD="$runtime:libdl.so.2" "$run" -r direct /bin/sh -c \
    'echo "LD_PRELOAD=$LD_PRELOAD"'
done
# A program that is linked to the sanitizer's runtime can be started, with its children, and still
# reports errors; its own ASAN_OPTIONS are kept.
cat > asan.cc << 'END'
#include <cstdlib>
int main(int count, char**) {
  char text[4] = {};
  return count == 1 ? std::system("perl -e 1") : text[count + 2];
}
END
g++ -fsanitize=address -o asan asan.cc || wrong 'asan.cc'
row 0 '!.' "$run" -r direct ./asan
row 23 'AddressSanitizer' env ASAN_OPTIONS=exitcode=23 "$run" -r direct ./asan more
row 0 '!^ASAN_OPTIONS' "$run" -r direct env
printf '#!/bin/sh\n# libasan.so\nexec env\n' > linked && chmod 755 linked
row 0 '^ASAN_OPTIONS=a=1:verify_asan_link_order=0$' env ASAN_OPTIONS=a=1 "$run" -r direct ./linked
row 0 '^CLUSTERBIND_RULES=direct; direct$' "$run" -r 'direct; direct' env
row 0 '!^CLUSTERBIND_CONFIG=' env CLUSTERBIND_CONFIG=/nonsense "$run" -r direct env
row 0 "^CLUSTERBIND_CONFIG=$work/rules\$" "$run" -c rules env
row 0 "^CLUSTERBIND_CONFIG=$work/rules\$" "$run" --config rules env
row 0 "^CLUSTERBIND_CONFIG=$work/rules\$" "$run" --config=rules env
row 0 '^CLUSTERBIND_RULES=direct$' "$run" --rules direct env
row 0 '^CLUSTERBIND_RULES=direct$' "$run" --rules=direct env
row 0 '!^CLUSTERBIND_RULES=' env CLUSTERBIND_RULES=nonsense "$run" -c rules env
row 0 '^CLUSTERBIND_RULES=direct$' env CLUSTERBIND_RULES=direct "$run" env
row 0 '^CLUSTERBIND_FOLLOW=1$' "$run" -r direct env
row 0 '!^CLUSTERBIND_FOLLOW=' env CLUSTERBIND_FOLLOW=1 "$run" --no-follow -r direct env
row 0 '^CLUSTERBIND_LOG=debug$' "$run" -l debug -r direct env
row 0 '^CLUSTERBIND_LOG_TO=stderr$' "$run" -e -r direct env
row 0 '!^CLUSTERBIND_LOG' "$run" -r direct env
row 0 '^<a b><><\*><-c>$' "$run" -r direct printf '<%s>' 'a b' '' '*' -c
row 0 '^clusterbind-run$' "$run" -r direct -- sh -c 'echo clusterbind-run'
row 7 '!.' "$run" -r direct sh -c 'exit 7'
row 143 '' "$run" -r direct sh -c 'kill -TERM $$'
row 0 '/libclusterbind.so$' "$run" -r direct cat /proc/self/maps

# Which program is started.
row 127 'nonsense: no such program' "$run" -r direct nonsense
row 127 './nonsense: no such program' "$run" -r direct ./nonsense
row 126 '/rules: not an executable file' "$run" -r direct ./rules
row 126 'not an executable file' "$run" -r direct "$work"
mkdir first second
printf '#!/bin/sh\necho second\n' > second/tool && chmod 0755 second/tool
: > first/tool
row 0 '^second$' env PATH="$work/first:$work/second:$PATH" "$run" -r direct tool
printf '#!/usr/bin/env -S sh -e\necho by env\n' > by-env && chmod 0755 by-env
row 0 '^by env$' "$run" -r direct ./by-env
printf 'echo no interpreter\n' > bare && chmod 0755 bare
row 0 '^no interpreter$' "$run" -r direct ./bare

# Programs that cannot be reached. Debian's ldconfig is static.
row 126 'static' "$run" -r direct /sbin/ldconfig -p
row 126 "by kernel, as root: systemd-run --scope sh -c 'clusterbind attach --self -r .*' direct /sbin/ldconfig\$" \
  "$run" -r direct /sbin/ldconfig -p
row 126 "by kernel, as root: .* --self -c .*' $work/rules /sbin/ldconfig\$" "$run" -c rules /sbin/ldconfig -p
row 0 'libc.so.6' "$run" --force -r direct /sbin/ldconfig -p
printf '#!/sbin/ldconfig -p\n' > script && chmod 0755 script
row 126 'static' "$run" -r direct ./script
printf '#!/nonsense/interpreter\n' > orphan && chmod 0755 orphan
row 126 'interpreter' "$run" -r direct ./orphan
row 126 '!by kernel' "$run" -r direct ./orphan
cp /usr/bin/env alien
printf '\267\0' | dd of=alien bs=1 seek=18 conv=notrunc 2> /dev/null # EM_AARCH64
[ "$(uname -m)" != aarch64 ] || printf '\076\0' | dd of=alien bs=1 seek=18 conv=notrunc 2> /dev/null
row 126 'architecture' "$run" -r direct ./alien
printf '\377 Go buildinf:\010\002%014d' 0 > note
objcopy --add-section .go.buildinfo=note --set-section-flags .go.buildinfo=alloc,readonly,data \
  --set-section-alignment .go.buildinfo=16 /usr/bin/env gopher 2> /dev/null
row 126 'Go' "$run" -r direct ./gopher
row 126 'by kernel, as root: ' "$run" -r direct ./gopher
row 0 "^LD_PRELOAD=$build/libclusterbind.so" "$run" --force -r direct ./gopher
if [ "$(id -u)" -eq 0 ]; then
  cp /usr/bin/env group && chgrp mail group && chmod 2755 group
  row 126 'setgid' "$run" -r direct ./group
  row 126 'by kernel, as root: ' "$run" -r direct ./group
  row 0 '!^LD_PRELOAD=' "$run" --force -r direct ./group # as secure execution does
  cp /usr/bin/env user && chmod 4755 user
  row 0 '^LD_PRELOAD=' "$run" -r direct ./user # not secure when root starts it
  chown mail user && chmod 4755 user
  row 126 'setuid' "$run" -r direct ./user
fi

# A library that other users cannot reach is not loaded when a daemon of root's has changed to
# another user.
mkdir -p shut/in && cp "$build"/* shut/in
chmod 700 shut
if [ "$(id -u)" -eq 0 ]; then
  row 126 "other users cannot enter $work/shut\$" shut/in/clusterbind-run -r direct true
  row 126 "or do: chmod o\+x $work/shut\$" shut/in/clusterbind-run -r direct true
  row 0 "^LD_PRELOAD=$work/shut/in/libclusterbind.so" shut/in/clusterbind-run --force -r direct env
  mkdir -m 755 open
  cp "$build/clusterbind" "$build/clusterbind-run" open && ln -s ../shut/in/libclusterbind.so open
  row 126 "other users cannot enter $work/shut\$" open/clusterbind-run -r direct true
  chmod 755 shut
  row 0 '!.' open/clusterbind-run -r direct true
  chmod 640 shut/in/libclusterbind.so
  row 126 "do: chmod o\+r $work/shut/in/libclusterbind.so" open/clusterbind-run -r direct true
  chmod 644 shut/in/libclusterbind.so
  # The programs of an ordinary user run as that user.
  chown -R nobody shut && chmod 700 shut
  row 0 '!.' setpriv --reuid nobody --clear-groups shut/in/clusterbind-run -r direct true
  chmod 000 shut/in/libclusterbind.so
  row 126 'you cannot read it' setpriv --reuid nobody --clear-groups shut/in/clusterbind-run -r direct true
else
  row 0 '!.' shut/in/clusterbind-run -r direct true
fi

# Paths of the library.
for folder in 'a b' a:b "a\$b"; do
  mkdir "$folder"
  cp "$build/libclusterbind.so" "$build/clusterbind" "$run" "$folder"
  row 126 'LD_PRELOAD cannot name' "$work/$folder/clusterbind-run" -r direct true
done
mkdir moved
cp "$build/libclusterbind.so" "$build/clusterbind" "$run" moved
row 0 "^LD_PRELOAD=$work/moved/libclusterbind.so" moved/clusterbind-run -r direct env
ln -s moved/clusterbind-run link
row 0 "^LD_PRELOAD=$work/moved/libclusterbind.so" ./link -r direct env

finish
