#!/bin/sh
# bash completion, as bash itself performs it. Usage: completion_test.sh BUILD-FOLDER
set -u
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
source=$(cd "$(dirname "$0")/../.." && pwd) build=$1
command -v bash > /dev/null || cannot 'there is no bash'

# completes LINE...: prints what bash offers for the last of these words.
cat > "$work/completes" << 'END'
. "$1/config/tool/completion/clusterbind.bash"
PATH=$2:$PATH
shift 2
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
function=$(complete -p "$1" | sed 's/.*-F \([^ ]*\) .*/\1/')
"$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
END
completes() { # STATUS-PATTERN WORD...
  pattern=$1
  shift
  row 0 "$pattern" bash "$work/completes" "$source" "$build" "$@"
}

for command in check explain doctor audit enable disable status; do completes "^$command\$" clusterbind ''; done
completes '^enable$' clusterbind en
completes '!^check$' clusterbind en
completes '^--strict$' clusterbind check --
completes '^--start$' clusterbind check --st
completes '^--kernel$' clusterbind enable --k
completes '!^--strict$' clusterbind enable --
completes '^udp$' clusterbind explain --proto ''
touch "$work/a rule file"
completes "^$work/a rule file\$" clusterbind check "$work/a"
completes "^$work/a rule file\$" clusterbind enable -c "$work/a"
# A unit's name may have backslashes.
cat > "$work/systemctl" << 'END'
#!/bin/sh
printf '%s enabled\n' one.service 'a\x2db.service'
END
chmod +x "$work/systemctl"
PATH=$work:$PATH completes '^a\\x2db.service$' clusterbind enable a
set -- /etc/systemd/system/*.d/zz-clusterbind.conf
if [ ! -e "$1" ]; then completes '!.' clusterbind disable ''; fi
completes '^clusterbind-run$' clusterbind doctor clusterbind-r
printf '#!/bin/sh\necho mail.service enabled\n' > "$work/systemctl" && chmod 755 "$work/systemctl"
row 0 '^mail.service$' bash "$work/completes" "$source" "$work:$build" clusterbind doctor mai
completes '^--no-follow$' clusterbind-run --n
completes '^debug$' clusterbind-run -l d
completes '^cat$' clusterbind-run ca
completes '^capacity$' clusterbind-bench cap
for part in latency instructions start capacity rules mail threads processes all bounds; do
  completes "^$part\$" clusterbind-bench ''
done
completes '^--json$' clusterbind-bench latency --j
completes '^--against$' clusterbind-bench latency --
completes '!^--against$' clusterbind-bench rules --
completes '^--results$' clusterbind-bench all --
completes "^$work/a rule file\$" clusterbind-bench rules --json "$work/a"
finish
