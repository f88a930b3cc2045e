#!/bin/bash
# The packages in a Debian root: installed, upgraded, removed and purged; then the steps of the
# README up to a bound connection; and the library of a second architecture beside the first. Usage:
# root_test.sh SOURCE-FOLDER BUILD-FOLDER
set -u
source=$1 build=$2
# shellcheck source-path=SCRIPTDIR source=../support/own_root.sh
. "$source/tests/support/own_root.sh"
# shellcheck source-path=SCRIPTDIR source=../support/emulated.sh
. "$source/tests/support/emulated.sh"

make_own_root() {
  needs debootstrap
  make_roots package
}
own_namespaces "$@"

# Packages of this build and of an older version, and the library for i386, by the README's
# commands.
cd "$work" || exit 1
row 0 '' cpack --config "$build/CPackConfig.cmake" -G DEB -B new
row 0 '' cpack --config "$build/CPackConfig.cmake" -G DEB -B old -R 0.0.1
row 0 '' cmake -S "$source" -B 32 -D CMAKE_CXX_FLAGS=-m32 -D CLUSTERBIND_LIBRARY_ONLY=ON -D BUILD_TESTING=OFF
rows=$((rows + 1))
cmake --build 32 -j "$(nproc)" > output 2>&1 || wrong 'the library for i386'
row 0 '' cpack --config 32/CPackConfig.cmake -G DEB -B new
row 0 '' cpack --config 32/CPackConfig.cmake -G DEB -B old -R 0.0.1

over_root "$cache/package"
mkdir "$root/dev/pts"
mount -t devpts none "$root/dev/pts"
mv old new "$root/srv"
# mode WANTED FOLDER: the mode of the library's file.
mode() { row 0 "^$1\$" stat -c %a "$root/usr/lib/$2/libclusterbind.so"; }

# After the installation: nothing new in /etc, and the loader knows the library.
find "$root/etc" | sort > etc.before
shell 0 '' 'apt-get -q -y install /srv/old/*_amd64.deb'
find "$root/etc" | sort > etc.after
row 0 '!^[<>] .*clusterbind' diff etc.before etc.after
shell 0 'libclusterbind.so' 'ldconfig -p'
shell 0 '' 'zcat /usr/share/man/man8/libclusterbind.8.gz'
shell 78 'no rules' 'clusterbind-run true'

# Rules and the file's mode are the operator's, and are kept.
rules='bind 127.0.0.25 to 127.0.0.0/8\nlog info\n'
shell 0 '' "printf '$rules' > /etc/clusterbind.conf"
shell 0 '' 'dpkg-statoverride --update --add root root 4755 /usr/lib/x86_64-linux-gnu/libclusterbind.so'
mode 4755 x86_64-linux-gnu
shell 0 '' 'apt-get -q -y install /srv/new/*.deb'
shell 0 'ii +libclusterbind:amd64 +[^0]|ii +libclusterbind:amd64 +0\.[^0]' 'dpkg -l libclusterbind'
shell 0 'ii +libclusterbind:i386' 'dpkg -l libclusterbind:i386'
mode 4755 x86_64-linux-gnu
mode 644 i386-linux-gnu
shell 0 '^log info$' 'cat /etc/clusterbind.conf'

# From the package to the log line, checked by what the far end sees.
start_listener "$build" "$work/listener" || exit 1
"${inside[@]}" busybox syslogd -n -O /var/log/syslog &
for _ in {1..50}; do [ -S "$root/dev/log" ] || sleep 0.2; done
mail="printf 'Subject: x\n\nx\n' | clusterbind-run msmtp --file=/dev/null --host=127.0.0.1 --port=$port \
  --auth=off --tls=off --from=a@example.org b@example.org"
shell 0 'OK, 1 rule' 'clusterbind check'
shell 0 '^source: +127.0.0.25' 'clusterbind explain 127.0.0.1 25'
sees 127.0.0.25 "$mail"
for _ in {1..50}; do grep -q bound "$root/var/log/syslog" || sleep 0.2; done
row 0 "clusterbind\[[0-9]+\]: msmtp: bound 127.0.0.25 -> 127.0.0.1:$port \(/etc/clusterbind.conf:1\)" \
  cat "$root/var/log/syslog"

# One name serves both architectures. If the kernel cannot run 32-bit programs, an emulator does.
emulated=()
if ! "$root/usr/lib/i386-linux-gnu/ld-linux.so.2" --version > /dev/null 2>&1; then
  echo 'this kernel runs no 32-bit programs: qemu does'
  emulate i386 "$(command -v qemu-i386-static)"
fi
row 0 'ELF32' readelf -h "$root/bin/nc.traditional"
row 0 'ELF64' readelf -h "$root/bin/busybox"
both="nc.traditional -q 1 127.0.0.1 $port < /dev/null; busybox nc 127.0.0.1 $port < /dev/null"
native=("${inside[@]}")
inside=("${emulated[@]}" "${native[@]}")
sees '127.0.0.1 127.0.0.1' "$both"
sees '127.0.0.25 127.0.0.25' "export LD_PRELOAD=libclusterbind.so; $both"
inside=("${native[@]}")

# The recipes, twice. Files of the operator are kept, and replaced only after a question.
examples='cd /usr/share/doc/libclusterbind/examples &&'
mine=/etc/clusterbind.conf
shell 1 'clusterbind.conf is there and differs from only.conf: nothing was changed' "$examples sh only.sh"
shell 0 '^log info$' "cat $mine"
row 1 'Replace it\? \[y/N\]' sh -c 'echo n | script -qec "$0" /dev/null' \
  "chroot $root sh -c '$examples sh only.sh'"
shell 0 '^log info$' "cat $mine"
row 0 'what was there is in /etc/clusterbind.conf.bak' sh -c 'echo y | script -qec "$0" /dev/null' \
  "chroot $root sh -c '$examples sh only.sh'"
shell 0 '^only smtp' "cat $mine"
shell 0 '^log info$' "cat $mine.bak"
shell 0 '' "$examples sh only.sh"
shell 0 '^1$' 'grep -c libclusterbind /etc/ld.so.preload'
shell 0 '' "echo '# mine' >> $mine && $examples sh only.sh --replace"
shell 0 '^# mine$' "cat $mine.bak2"
shell 0 '^log info$' "cat $mine.bak"
shell 1 'clusterbind is not installed' "$examples PATH=/nowhere /bin/sh only.sh"
shell 64 'unknown word: --replaced' "$examples sh only.sh --replaced"
shell 0 '' "mv $mine.bak $mine && rm $mine.bak2"
# The mode is recorded with dpkg, and stays after an upgrade.
secure='. ./recipe.sh; allow_secure'
shell 1 'another mode: root root 755' "dpkg-statoverride --remove /usr/lib/x86_64-linux-gnu/libclusterbind.so &&
  dpkg-statoverride --add root root 0755 /usr/lib/x86_64-linux-gnu/libclusterbind.so; $examples sh -c '$secure'"
shell 0 '' "dpkg-statoverride --remove /usr/lib/x86_64-linux-gnu/libclusterbind.so; $examples sh -c '$secure'"
shell 0 '' "$examples sh -c '$secure'"
mode 4755 x86_64-linux-gnu
mode 4755 i386-linux-gnu
shell 0 '' 'apt-get -q -y --reinstall install /srv/new/*_amd64.deb /srv/new/*_i386.deb'
mode 4755 x86_64-linux-gnu
mode 4755 i386-linux-gnu
# Exim does not accept a macro that is defined twice.
macros=/etc/exim4/exim4.conf.localmacros
shell 0 '' "mkdir /etc/exim4 && printf 'A = 1' > $macros"
for _ in 1 2; do shell 0 '' "$examples sh -c '. ./recipe.sh; exim_preload'"; done
row 0 '^A = 1,MAIN_ADD_ENVIRONMENT = LD_PRELOAD=libclusterbind.so$' \
  paste -sd , "$root$macros"

# Removal is refused while every program loads the library, but an upgrade is not. Runs the command
# that was printed.
shell 100 'ld.so.preload names .*: without it every program would print an error' \
  'apt-get -q -y remove libclusterbind:amd64'
sed -n 's/^    sed/sed/p' output > undo
row 0 . cat undo
shell 0 'ii +libclusterbind:amd64' 'dpkg -l libclusterbind:amd64'
shell 0 '' "$(cat undo)"
row 0 '!libclusterbind' cat "$root/etc/ld.so.preload"
rm -r "$root/etc/ld.so.preload"* "$root/etc/exim4"
shell 0 '' 'apt-get -q -y install /srv/new/clusterbind_*.deb' # apt had removed the tools first
# Removal is refused, too, while a unit is under the rules and systemd runs. This root counts as
# booted if its first process is in it.
mkdir -p "$root/run/systemd/system" "$root/etc/systemd/system/x@-.service.d"
touch "$root/etc/systemd/system/x@-.service.d/zz-clusterbind.conf"
booted=(unshare --mount --pid --fork --kill-child sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
  "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive)
row 100 'The unit x@-.service is under the rules' "${booted[@]}" apt-get -q -y remove clusterbind
row 100 'The unit x@-.service is under the rules' "${booted[@]}" apt-get -q -y remove libclusterbind:i386
row 100 '^    clusterbind disable --now x@-.service$' "${booted[@]}" apt-get -q -y remove clusterbind
shell 0 'Removing clusterbind' 'apt-get -q -y remove clusterbind' # seen from outside, it is a chroot
# Without the tools, the drop-in is removed by hand.
row 100 "^    rm /etc/systemd/system/x@-.service.d/zz-clusterbind.conf" "${booted[@]}" \
  apt-get -q -y remove libclusterbind:i386
sed -n 's/^    rm/rm/p' output | head -n 1 > undo
shell 0 '' 'apt-get -q -y install /srv/new/clusterbind_*.deb'
row 0 '' "${booted[@]}" sh -c "$(cat undo)"
row 0 'Removing clusterbind' "${booted[@]}" apt-get -q -y remove clusterbind
shell 0 '' 'apt-get -q -y install /srv/new/clusterbind_*.deb'
rm -r "$root/run/systemd/system" "$root/etc/systemd/system/x@-.service.d"
shell 0 '' 'for file in /usr/lib/*/libclusterbind.so; do
  dpkg-statoverride --list "$file" | grep -q i386 && dpkg-statoverride --update --remove "$file"; done; :'

# After removal the rules and the mode are still there. Purging the last architecture's library
# removes them.
shell 0 '' 'apt-get -q -y remove clusterbind libclusterbind:amd64'
row 2 '' ls "$root/usr/bin/clusterbind"
shell 0 '^log info$' 'cat /etc/clusterbind.conf'
shell 0 '' 'apt-get -q -y install /srv/new/*_amd64.deb'
mode 4755 x86_64-linux-gnu
shell 0 '' 'apt-get -q -y purge clusterbind libclusterbind:i386'
shell 0 '^log info$' 'cat /etc/clusterbind.conf'
shell 0 '' 'apt-get -q -y purge libclusterbind'
shell 1 '' 'find / -xdev -name "*clusterbind*" -not -path "/srv/*" -not -path "/proc/*" | grep .'
shell 0 '!libclusterbind' 'ldconfig -p'

finish
