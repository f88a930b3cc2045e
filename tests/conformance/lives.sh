#!/bin/sh
# Runs each case of lives plain and under the library: lives.sh BUILD
# The listener must see the same, except for the source address.
set -u
reason=$(unshare -n true 2>&1) || {
  echo "cannot run: no network namespace: ${reason#unshare: }"
  exit 77
}
build=$(cd "$1" && pwd)
library=$build/libclusterbind.so lives=$build/conformance-lives
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
rules='bind 127.0.0.25 to 127.0.0.0/8'
failed=0 count=0

# expect WHAT PLAIN-LINE LINE: LINE must equal PLAIN-LINE, with the source address of the rules.
expect() {
  count=$((count + 1))
  [ "$(echo "$2" | sed 's/from 127\.0\.0\.1$/from 127.0.0.25/')" = "$3" ] && return
  failed=$((failed + 1))
  echo "FAIL: $1: plain: $2; with the library: $3"
}

# life CASE PRELOAD [VARIABLE=VALUE...]: runs a case and prints its line.
life() {
  case=$1 preload=$2
  shift 2
  timeout 60 env "LD_PRELOAD=$preload" "CLUSTERBIND_RULES=$rules" CLUSTERBIND_FOLLOW=1 \
    CLUSTERBIND_LOG=off "$@" "$lives" "$case" 2>&1
}

for case in $("$lives" --list); do
  plain=$(timeout 60 "$lives" "$case" 2>&1)
  if [ "$case" = under_seccomp ]; then
    # No rule matches, so the library must have no visible effect.
    count=$((count + 1))
    bound=$(rules='bind 127.0.0.25 to 198.51.100.0/24' life "$case" "$library")
    [ "$plain" = "$bound" ] || { failed=$((failed + 1)); echo "FAIL: $plain; $bound"; }
    continue
  fi
  expect "$case" "$plain" "$(life "$case" "$library")"
  # With all log lines. By then descriptor 2 may be somebody's mail session.
  expect "$case, logging" "$plain" \
    "$(life "$case" "$library" CLUSTERBIND_LOG=debug CLUSTERBIND_LOG_TO=stderr 2>&1 |
      grep -v '^clusterbind\[')"
done

# The library loaded twice, and among other preloads.
cp "$library" "$work/again.so"
plain=$(timeout 60 "$lives" once 2>&1)
expect 'loaded twice' "$plain" "$(life once "$library $work/again.so")"
early=$build/libclusterbind-early.so
expect 'another before' "$plain" "$(life once "$early $library")"
expect 'another after it' "$plain" "$(life once "$library $early")"

# Preloads of others. socket_wrapper comes after ours: it calls libc directly, and so skips the
# preloads after itself.
libraries=/usr/lib/$(gcc -print-multiarch)
printf 'strict_chain\nlocalnet 127.0.0.0/255.0.0.0\n[ProxyList]\nsocks4 127.0.0.1 9\n' > "$work/chains"
for other in libjemalloc.so.2 libproxychains.so.4 libsocket_wrapper_noop.so; do
  for preload in "$libraries/$other $library" "$library $libraries/$other"; do
    expect "$preload" "$plain" \
      "$(life once "$preload" PROXYCHAINS_QUIET_MODE=1 "PROXYCHAINS_CONF_FILE=$work/chains")"
  done
done
emulated='
import socket
listener = socket.socket()
listener.bind(("127.0.0.10", 2525))
listener.listen(1)
socket.socket().connect(("127.0.0.10", 2525))
print("emulated from", listener.accept()[1][0])'
python=$(python3 -c 'import sys; print(sys.executable)')
# The library makes its own system calls, which bypass the emulation, and finds no IP socket.
expect 'after it an emulated network' 'emulated from 127.0.0.10' \
  "$(env LD_PRELOAD="$library $libraries/libsocket_wrapper.so" SOCKET_WRAPPER_DIR="$work" \
    SOCKET_WRAPPER_DEFAULT_IFACE=10 CLUSTERBIND_RULES="$rules" "$python" -c "$emulated" 2>&1)"

# In the constructor of another library, in the new program that this case starts.
plain=$(LD_PRELOAD=$early timeout 60 "$lives" early 2>&1)
for preload in "$early $library" "$library $early"; do
  expect "constructor, $preload" "$plain" "$(life early "$preload")"
done

echo "lives: $count, failed: $failed"
[ "$failed" -eq 0 ]
