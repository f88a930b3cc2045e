# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# units.sh - what enable does with units of every kind, what overrides a drop-in, and what stays
# unchanged.

# shellcheck source=host.sh
. "$jobs/host.sh"
# shellcheck source=several.sh
. "$jobs/several.sh"

# unit NAME LINE...: makes a service that sleeps, with these lines in it.
unit() {
  local name=$1
  shift
  printf '%s\n' '[Service]' 'ExecStart=/bin/sleep 1000' "$@" >"$(file node-a "/etc/systemd/system/$name")"
  inside node-a systemctl daemon-reload
}

# beside NAME FILE LINE...: adds another drop-in to a unit.
beside() {
  local folder
  folder=$(file node-a "/etc/systemd/system/$1.d")
  mkdir -p "$folder"
  printf '%s\n' "${@:3}" >"$folder/$2"
  inside node-a systemctl daemon-reload
}

# refuses UNIT PATTERN [OPTION...]: enable refuses the unit and changes nothing.
refuses() {
  local unit=$1 pattern=$2
  shift 2
  says 1 "$pattern" clusterbind enable "$@" "$unit"
  check "$unit has no drop-in" [ ! -e "$(file node-a "/etc/systemd/system/$unit.d/zz-clusterbind.conf")" ]
}

kinds() {
  local name
  refuses nosuch.service 'there is no such unit'
  inside node-a systemctl mask --quiet cron.service >/dev/null 2>&1
  refuses cron.service 'it is masked, .* systemctl unmask cron.service'
  refuses systemd-journald-dev-log.socket 'not a service, .* systemd-journald.service'
  unit root.service 'RootDirectory=/srv'
  refuses root.service 'RootDirectory=/srv: it starts in another root'
  unit image.service 'RootImage=/srv/root.img'
  refuses image.service 'RootImage=/srv/root.img: it starts in another root'
  unit tmp.service 'TemporaryFileSystem=/etc'
  refuses tmp.service 'TemporaryFileSystem=/etc hides /etc/clusterbind.conf'
  # A file that is bound there is not hidden; below what is inaccessible it cannot be.
  unit tmp.service 'TemporaryFileSystem=/etc' 'BindReadOnlyPaths=/etc/clusterbind.conf'
  says 0 'by library' clusterbind enable tmp.service
  unit shut.service 'InaccessiblePaths=/etc' 'BindReadOnlyPaths=/etc/clusterbind.conf'
  refuses shut.service 'InaccessiblePaths=/etc hides /etc/clusterbind.conf; keep that elsewhere'
  # The first word of a command line need not be the program.
  unit other.service Type=oneshot
  sed -i 's|^ExecStart=.*|ExecStart=@/sbin/ldconfig sleep -p|' "$(file node-a /etc/systemd/system/other.service)"
  inside node-a systemctl daemon-reload
  refuses other.service '/sbin/ldconfig: .*static' --library
  # Root reads the file: for a unit of root, by name or by number, and by kernel for every unit.
  inside node-a install -m 666 /etc/clusterbind.conf /etc/loose.conf
  unit loose.service User=0
  refuses loose.service '/etc/loose.conf: writable by group or others' -c /etc/loose.conf
  unit loose.service User=nobody
  refuses loose.service '/etc/loose.conf: writable by group or others' --kernel -c /etc/loose.conf
  says 0 'by library' clusterbind enable -c /etc/loose.conf loose
  unit filter.service 'SystemCallFilter=~bind'
  refuses filter.service 'SystemCallFilter= forbids bind.*add to the unit: SystemCallFilter=bind' --library
  unit allow.service 'SystemCallFilter=@basic-io @process @file-system'
  refuses allow.service 'SystemCallFilter= forbids bind' --library
  unit deny.service 'SocketBindDeny=any'
  refuses deny.service 'SocketBindDeny= forbids bind' --library
  unit fixed.service 'SocketBindDeny=ipv4:tcp:25'
  says 0 'by library' clusterbind enable --library fixed
  unit families.service 'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6'
  says 0 'all covered' sh -c 'clusterbind enable families && systemctl start families && clusterbind status families'
  for name in AppArmorProfile=-nosuch SELinuxContext=-nosuch; do
    unit armour.service "$name"
    says 0 "note +${name%=*}=.*the loader drops the library.*clusterbind enable --kernel armour" \
      clusterbind enable --library armour
  done
  # A unit with several programs, one of which is static.
  unit several.service Type=oneshot 'ExecStart=/sbin/ldconfig -p'
  refuses several.service '/sbin/ldconfig: .*static' --library
  says 0 'by kernel: /sbin/ldconfig: ' clusterbind enable several
  unit script.service 'ExecStartPre=/bin/true'
  sed -i 's|^ExecStart=.*|ExecStart=/etc/init.d/postfix start|' "$(file node-a /etc/systemd/system/script.service)"
  inside node-a systemctl daemon-reload
  says 0 'init.d/postfix is a script: .*clusterbind status script.service' clusterbind enable --library script
  says 0 'note +ExecStartPre=/bin/true runs before' clusterbind enable --library script
  says 64 'cannot be used together' clusterbind enable --library --kernel script
  says 64 'takes the names of units' clusterbind enable
  # If one unit is wrong, nothing is written.
  unit good.service
  says 0 '^verdict: reachable: clusterbind enable --now good.service$' clusterbind doctor good.service
  says 2 'could not find out: there is no such unit' clusterbind doctor nosuch.service
  says 1 'nothing was changed' clusterbind enable good nosuch
  check 'good.service has no drop-in' [ ! -e "$(file node-a /etc/systemd/system/good.service.d)" ]
}

# For an alias, the drop-in is written for the unit itself.
aliases() {
  unit named.service
  inside node-a sh -c 'ln -s named.service /etc/systemd/system/alias.service; systemctl daemon-reload'
  says 0 '^named.service$' clusterbind enable alias
  check 'alias.service has no drop-in' [ ! -e "$(file node-a /etc/systemd/system/alias.service.d)" ]
  says 0 'removed .*/named.service.d' clusterbind disable alias
}

# A service that a socket activates: by kernel, the socket is not reached. If the service does not
# start, the socket fails in the end.
sockets() {
  unit sock.service
  printf '[Socket]\nListenStream=127.0.0.1:9999\n' >"$(file node-a /etc/systemd/system/sock.socket)"
  inside node-a sh -c 'systemctl daemon-reload && systemctl start sock.socket'
  says 0 'note +sockets that sock.socket makes for it are not reached' clusterbind enable --kernel sock
  says 0 'by library' clusterbind enable --library sock
  echo 'bind nonsense' >>"$(file node-a /etc/clusterbind.conf)"
  await 20 socket_fails
  says 1 'sock.socket has failed; do: systemctl reset-failed sock.socket && systemctl start sock.socket' \
    clusterbind status sock
  cp "$examples/postfix.conf" "$(file node-a /etc/clusterbind.conf)"
  says 0 . sh -c 'systemctl reset-failed sock.service sock.socket && systemctl start sock.socket && echo done'
}
socket_fails() {
  inside node-a timeout 2 busybox nc 127.0.0.1 9999 </dev/null >/dev/null 2>&1
  inside node-a systemctl -q is-failed sock.socket
}

# By kernel, a unit can be reloaded only if it could be before; reloading then takes over new rules.
reloads() {
  unit cannot.service
  says 0 '^CanReload=no$' sh -c 'clusterbind enable --kernel cannot && systemctl show -p CanReload cannot'
  unit can.service ExecReload=/bin/true
  inside node-a systemctl start can
  says 0 'attached to the running group of can.service' clusterbind enable --kernel --now can
  echo '# newer' >>"$(file node-a /etc/clusterbind.conf)"
  says 1 'the kernel has older rules' clusterbind status can
  says 0 'verdict: all covered' sh -c 'systemctl reload can && clusterbind status can'
}

# Everything that can override a drop-in, each of which is named.
culprits() {
  unit culprit.service
  beside culprit.service zzz.conf '[Service]' 'Environment='
  refuses culprit.service 'culprit.service.d/zzz.conf sets Environment= after it'
  beside culprit.service zzz.conf '[Service]' 'Environment=LD_PRELOAD=/other.so'
  refuses culprit.service 'culprit.service.d/zzz.conf sets Environment= after it'
  beside culprit.service zzz.conf '[Service]' 'ExecStartPre='
  refuses culprit.service 'culprit.service.d/zzz.conf takes its ExecStartPre= line away'
  beside culprit.service zzz.conf '[Service]' 'UnsetEnvironment=LD_PRELOAD'
  refuses culprit.service 'culprit.service.d/zzz.conf has UnsetEnvironment=LD_PRELOAD'
  echo 'LD_PRELOAD="/other.so"' >"$(file node-a /etc/default/culprit)"
  beside culprit.service zzz.conf '[Service]' 'EnvironmentFile=-/etc/default/culprit'
  refuses culprit.service '/etc/default/culprit, an EnvironmentFile= .*: write there LD_PRELOAD="libclusterbind.so /other.so"'
  echo 'LD_PRELOAD="libclusterbind.so /other.so"' >"$(file node-a /etc/default/culprit)"
  says 0 'by library' clusterbind enable culprit
  # Overrides that are added later are found by status.
  beside culprit.service zzz.conf '[Service]' 'Environment='
  inside node-a systemctl start culprit
  says 1 'not in effect: .*zzz.conf' clusterbind status culprit
}

# The unit's own LD_PRELOAD is kept, a second run changes nothing, and -c is written into the
# drop-in.
kept() {
  local rules='/etc/rules of 100% "ours".conf'
  unit kept.service 'Environment=A=1 "LD_PRELOAD=libutil.so.1 libm.so.6"'
  cp "$examples/postfix.conf" "$(file node-a "$rules")"
  says 0 'written' clusterbind enable -c "$rules" kept
  changes_nothing clusterbind enable -c "$rules" kept
  says 0 'rules +/etc/clusterbind.conf, 1 rule' clusterbind enable kept
  says 0 'rules +/etc/rules of 100% "ours".conf, 1 rule' clusterbind enable -c "$rules" kept
  says 0 'rules +/etc/link.conf, 1 rule' sh -c 'cd /etc && ln -s clusterbind.conf link.conf &&
    clusterbind enable -c link.conf kept'
  says 0 'written' clusterbind enable -c "$rules" kept
  inside node-a systemctl start kept
  check 'it starts' inside node-a systemctl is-active kept
  says 0 'all covered' clusterbind status kept
  says 0 'rules +/etc/rules of 100% "ours".conf, 1 rule' clusterbind status kept
  says 0 'LD_PRELOAD=libclusterbind.so:libutil.so.1:libm.so.6' sh -c \
    'tr "\0" "\n" </proc/$(systemctl show -P MainPID kept)/environ'
  sleep 1
  inside node-a touch "$rules"
  says 0 'newer than 1 of 1 processes' clusterbind status kept
  # A process that has overwritten its environment does not show which file it has its rules from.
  unit titled.service
  sed -i 's|^ExecStart=.*|ExecStart=/usr/bin/perl -e "$$0 = q(title ) x 9999; sleep 1000"|' \
    "$(file node-a /etc/systemd/system/titled.service)"
  inside node-a systemctl daemon-reload
  inside node-a sh -c 'clusterbind enable -c "$1" titled && systemctl start titled' sh "$rules"
  check 'its title is set' await 20 titled
  says 2 'could not find out: titled.service: some processes have overwritten their environment' \
    clusterbind status titled
  inside node-a systemctl stop kept
  echo nonsense >"$(file node-a "$rules")"
  says 1 'failed' systemctl start kept
  check 'its log says why' await 10 logged kept 'error: unknown statement'
}
titled() { inside node-a sh -c 'grep -aq "^title" "/proc/$(systemctl show -P MainPID titled)/cmdline"'; }

# logged UNIT PATTERN: the log of the unit has it, which comes there a moment after the unit failed.
logged() { inside node-a journalctl --no-pager -u "$1" | grep -q "$2"; }

hardened() {
  unit hardened.service DynamicUser=yes ProtectSystem=strict ProtectHome=yes PrivateTmp=yes \
    PrivateDevices=yes ProtectProc=invisible ProcSubset=pid NoNewPrivileges=yes \
    'SystemCallFilter=@system-service' 'RestrictAddressFamilies=AF_INET AF_INET6' CapabilityBoundingSet= \
    MemoryDenyWriteExecute=yes RestrictNamespaces=yes LockPersonality=yes ProtectKernelTunables=yes
  says 0 'RestrictAddressFamilies= lacks AF_UNIX' clusterbind enable --now hardened
  inside node-a systemctl start hardened
  says 0 'verdict: all covered' clusterbind status hardened
  # By kernel, with settings under which the library could not work.
  unit hard.service User=nobody NoNewPrivileges=yes CapabilityBoundingSet= ProtectControlGroups=yes \
    'SystemCallFilter=~bind' RestrictAddressFamilies=AF_UNIX SocketBindDeny=any IPAddressDeny=any Delegate=yes
  says 0 'by kernel: SystemCallFilter= forbids bind' clusterbind enable hard
  inside node-a systemctl start hard
  says 0 'verdict: all covered' clusterbind status hard
}

# Until systemd's child has called execve(2), it still runs systemd's program. Here it waits before
# that call until somebody opens the other end of a FIFO.
starting() {
  inside node-a mkfifo /run/slow
  unit slow.service StandardInput=file:/run/slow
  says 0 'by library' clusterbind enable slow
  inside node-a sh -c ': >/run/slow' & # for what the drop-in starts before it
  inside node-a systemctl start slow
  says 0 'systemd' sh -c 'readlink "/proc/$(systemctl show -P MainPID slow)/exe"'
  says 0 'verdict: all covered' sh -c '(sleep 1; : >/run/slow) & clusterbind status slow'
}

# A template covers its instances; a single instance cannot be taken out.
templates() {
  unit tpl@.service
  inside node-a systemctl start tpl@one tpl@two
  says 0 'restarted tpl@one.service' clusterbind enable --now tpl@.service
  says 0 '^tpl@one.service' clusterbind status tpl@.service
  says 0 'all covered' clusterbind status tpl@.service
  says 1 'its template is enabled, .* clusterbind disable tpl@.service' clusterbind disable tpl@one
  changes_nothing clusterbind disable tpl@one
  says 0 'removed' clusterbind disable --now tpl@.service
  says 1 'not enabled; do: clusterbind enable' clusterbind status tpl@one
  says 0 'was not enabled' clusterbind disable tpl@.service
  # Settings of an instance, which systemd shows only for that instance.
  beside tpl@one.service zzz.conf '[Service]' 'Environment='
  refuses tpl@.service 'would not be in effect in tpl@one.service: .*tpl@one.service.d/zzz.conf'
  rm "$(file node-a /etc/systemd/system/tpl@one.service.d/zzz.conf)"
  beside tpl@one.service override.conf '[Service]' 'Environment=LD_PRELOAD=libutil.so.1'
  refuses tpl@.service 'tpl@one.service has LD_PRELOAD=libutil.so.1 .*first: clusterbind enable tpl@one.service'
  says 0 '^restarted tpl@one.service' clusterbind enable --now tpl@one tpl@.service
  says 0 'all covered' clusterbind status tpl@.service
  says 0 'LD_PRELOAD=libclusterbind.so:libutil.so.1' systemctl show -p Environment tpl@one
}

# Units that Pacemaker controls are not restarted by systemctl.
pacemakers() {
  unit held.service
  inside node-a sh -c 'mkdir -p /run/systemd/system/held.service.d &&
    printf "[Unit]\nDescription=Cluster Controlled held\n" >/run/systemd/system/held.service.d/50-pacemaker.conf &&
    systemctl daemon-reload && systemctl start held'
  refuses held.service 'crm_resource --restart --resource ID' --now
  says 0 'systemctl restart held.service' clusterbind enable held
}

# If the library is missing, the unit does not start, and says why.
lost() {
  unit lost.service
  says 0 written clusterbind enable lost
  inside node-a sh -c 'mv /usr/lib/*/libclusterbind.so /root'
  says 1 'failed' systemctl start lost
  check 'its log says why' await 10 logged lost 'the loader does not load it'
  inside node-a sh -c 'mv /root/libclusterbind.so /usr/lib/*-linux-gnu/'
}

run_units() {
  topology_up && take node-a && host_up postfix postfix || return
  kinds
  aliases
  sockets
  reloads
  middle_fails
  now_in_order
  culprits
  kept
  hardened
  starting
  templates
  pacemakers
  lost
  says 1 'verdict: ' clusterbind status
}
