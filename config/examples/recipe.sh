# recipe.sh - the functions that the recipes beside it share. A recipe can be run again: it
# changes only what is not yet as it should be. It asks before it replaces a file of yours;
# --replace answers yes. The old file is kept beside the new one, as FILE.bak.
# shellcheck shell=sh
set -e

replace=
for word; do
  case $word in
    --replace) replace=1 ;;
    *) echo "$0: unknown word: $word; there is --replace alone" >&2 && exit 64 ;;
  esac
done

stop() { echo "$0: $1" >&2 && exit 1; }
command -v clusterbind >/dev/null || stop 'clusterbind is not installed'

# may_replace FILE OTHER: ends the script unless FILE may be replaced with OTHER.
may_replace() {
  [ -z "$replace" ] || return 0
  [ -t 0 ] ||
    stop "$1 is there and differs from $2: nothing was changed; copy it to $2 to keep it, or use --replace"
  printf '%s is there and differs from %s. Replace it? [y/N] ' "$1" "$2"
  read -r answer || answer=
  case $answer in
    [Yy]*) ;;
    *) stop 'nothing was changed' ;;
  esac
}

# keep FILE: copies FILE to FILE.bak, or FILE.bak2 and so on if there are copies already.
keep() {
  copy=$1.bak
  number=1
  while [ -e "$copy" ]; do
    number=$((number + 1))
    copy=$1.bak$number
  done
  cp -p "$1" "$copy"
  echo "$1: what was there is in $copy"
}

# put FILE PLACE: makes PLACE, or what that is a link to, the same as FILE. It is put in place by rename,
# so whoever reads it sees the old file or the new one, never a part.
put() {
  place=$(readlink -f "$2")
  if [ -e "$place" ]; then
    [ -f "$place" ] || stop "$2 is $place, which is not a regular file: nothing was changed"
    if cmp -s "$1" "$place"; then return 0; fi
    may_replace "$place" "$1"
    keep "$place"
  fi
  install -m 644 "$1" "$place.new"
  mv "$place.new" "$place"
}

# use_rules FILE: makes FILE the rule file.
use_rules() { put "$1" /etc/clusterbind.conf; }

# use_unit FILE: makes FILE a unit of systemd's.
use_unit() {
  put "$1" "/etc/systemd/system/$1"
  systemctl daemon-reload
}

# add_line FILE LINE: adds LINE at the end of FILE.
add_line() {
  if [ -e "$1" ]; then
    keep "$1"
    # The last line may have no newline.
    [ -z "$(tail -c 1 "$1")" ] || echo >>"$1"
  fi
  echo "$2" >>"$1"
}

# booted: whether systemd runs here. Its units do not get this script's environment, so the recipe
# enables them instead of starting the program.
booted() { [ -d /run/systemd/system ]; }

# libraries: prints the libraries that the loader finds, one for each architecture.
libraries() {
  ldconfig -p | awk '$1 == "libclusterbind.so" { print $NF; found = 1 } END { exit !found }' ||
    stop 'the loader finds no libclusterbind.so: install it, and run ldconfig'
}

# preload_everywhere: adds the library to /etc/ld.so.preload, unless it is there.
preload_everywhere() {
  library=$(libraries | head -n 1)
  [ -n "$library" ] || exit 1
  entries=$(sed 's/#.*//; s/:/ /g' /etc/ld.so.preload 2>/dev/null) || entries=
  for entry in $entries; do
    if [ "${entry##*/}" = libclusterbind.so ]; then return 0; fi
  done
  add_line /etc/ld.so.preload "$library"
}

# allow_secure: gives the library mode 4755, which it needs in secure execution. If dpkg
# installed the library, dpkg is told the mode, because the next upgrade would undo a chmod.
allow_secure() {
  found=$(libraries)
  for library in $found; do
    library=$(readlink -f "$library")
    if dpkg -S "$library" >/dev/null 2>&1; then
      mode=$(dpkg-statoverride --list "$library") ||
        dpkg-statoverride --update --add root root 4755 "$library"
      case ${mode:- 4755 } in
        *' 4755 '*) ;;
        *) stop "dpkg-statoverride has another mode: $mode" ;;
      esac
    fi
    chmod 4755 "$library"
  done
}

# exim_preload: puts the library into Exim's environment, unless it is there. Exim does not
# accept a macro that is defined twice.
exim_preload() {
  macros=/etc/exim4/exim4.conf.localmacros
  if grep -qs "^dc_use_split_config='true'" /etc/exim4/update-exim4.conf.conf; then
    macros=/etc/exim4/conf.d/main/000_localmacros
  fi
  if defined=$(grep -s '^[[:space:]]*MAIN_ADD_ENVIRONMENT[[:space:]]*=' "$macros"); then
    case $defined in
      *LD_PRELOAD=libclusterbind.so*) return 0 ;;
    esac
    stop "$macros defines MAIN_ADD_ENVIRONMENT already: add ' : LD_PRELOAD=libclusterbind.so' to it"
  fi
  add_line "$macros" 'MAIN_ADD_ENVIRONMENT = LD_PRELOAD=libclusterbind.so'
}
