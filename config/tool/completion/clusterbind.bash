# bash completion for clusterbind, clusterbind-run and clusterbind-bench. The options are taken from
# the output of --help, so they are listed in one place only.

_clusterbind_options() {
  "$@" --help 2>/dev/null | grep -oE -e '(^|[][ ,|])--?[a-z][a-z-]*' | grep -oE -e '--?[a-z].*' | sort -u
}

# _clusterbind_words WORDS: offers those that begin with the word under the cursor. compgen expands the
# variable itself: names of units have backslashes, which it would take away from the words.
# shellcheck disable=SC2034,SC2016
_clusterbind_words() {
  local words=$1
  mapfile -t COMPREPLY < <(compgen -W '$words' -- "$word")
}
_clusterbind_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$word")
}
_clusterbind_units() {
  compopt -o filenames 2>/dev/null # quotes them
  _clusterbind_words "$(systemctl list-unit-files --type=service --plain --no-legend 2>/dev/null | cut -d ' ' -f 1)"
}

_clusterbind() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _clusterbind_words "$("$1" --help 2>/dev/null | sed -n 's/^\([a-z]*\)  .*/\1/p') --help --version"
    return
  fi
  case $before in
    -c | --config) _clusterbind_files && return ;;
    -r | --rules | --pid | --netns) return ;;
    --proto) _clusterbind_words 'tcp udp' && return ;;
    --unit) _clusterbind_units && return ;;
  esac
  case $word in
    -*) _clusterbind_words "$(_clusterbind_options "$1" "$command")" && return ;;
  esac
  case $command in
    check) _clusterbind_files ;;
    doctor)
      _clusterbind_units
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -c -- "$word")
      ;;
    enable) _clusterbind_units ;;
    disable | status)
      compopt -o filenames 2>/dev/null
      _clusterbind_words "$(for file in /etc/systemd/system/*.d/zz-clusterbind.conf; do
        [ -e "$file" ] || continue
        file=${file%.d/*}
        echo "${file##*/}"
      done)"
      ;;
  esac
}

_clusterbind_run() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  case $before in
    -c | --config) _clusterbind_files && return ;;
    -r | --rules) return ;;
    -l) _clusterbind_words 'off error info debug' && return ;;
  esac
  case $word in
    -*) _clusterbind_words "$(_clusterbind_options "$1")" ;;
    *) mapfile -t COMPREPLY < <(compgen -c -- "$word") ;;
  esac
}

_clusterbind_bench() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} part=${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    _clusterbind_words "$("$1" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p') --help --version"
    return
  fi
  case $before in
    --json | --svg | --library | --other-library | --results) _clusterbind_files && return ;;
    --batches | --seconds | --delay | --source) return ;;
  esac
  case $word in
    -*) _clusterbind_words "$(_clusterbind_options "$1" "$part")" ;;
  esac
}

complete -F _clusterbind clusterbind
complete -F _clusterbind_run clusterbind-run
complete -F _clusterbind_bench clusterbind-bench
