#!/bin/sh
# Checks the format and style of the source: style.sh BUILD-FOLDER
# format|tidy|tidy-changed|shell|cppcheck|types
set -u
build=$1 check=$2
cd "$(dirname "$0")/../.." || exit 1

cannot() {
  echo "cannot run: there is no $1"
  [ "${CI:-}" = true ] && exit 1
  exit 77
}
sources() { find config preload bench tests -name '*.cc' -o -name '*.h' | sort; }

case $check in
  format)
    command -v clang-format > /dev/null || cannot clang-format
    sources | xargs clang-format --dry-run -Werror
    ;;
  shell)
    command -v shellcheck > /dev/null || cannot shellcheck
    find config preload bench tests .ci -name '*.sh' -o -name clusterbind-run.in -o -path .ci/run \
      -o -name prerm -o -name postinst -o -name postrm | sort | xargs shellcheck -x -P SCRIPTDIR -e SC2016 # single quotes hold other languages' text
    ;;
  types)
    # Each type is defined once in its namespace. If two headers define types of the same name, the
    # linker keeps the destructor of one, for example, and uses it for both.
    for headers in 'config/*.h preload/*.h' 'config/tool/*.h config/tool/*/*.h' 'config/hints/*.h' 'bench/*.h'; do
      # shellcheck disable=SC2086 # patterns of files
      twice=$(sed -nE 's/^(struct|class|union|enum( class)?) ([A-Za-z0-9]+)[^;(]*\{.*/\3/p' $headers | sort | uniq -d)
      if [ -n "$twice" ]; then
        echo "defined twice in $headers: $twice"
        exit 1
      fi
    done
    ;;
  cppcheck)
    command -v cppcheck > /dev/null || cannot cppcheck
    cppcheck --enable=warning,performance,portability --inline-suppr --error-exitcode=1 --quiet \
      --std=c++20 --language=c++ -j 2 -I . --suppress=missingIncludeSystem \
      --suppressions-list=tests/style/cppcheck.txt config preload bench
    ;;
  tidy)
    command -v clang-tidy > /dev/null || cannot clang-tidy
    # Only one run at a time: the next one skips what this one has found to be correct.
    exec 9> "$build/tidy.lock"
    flock 9
    # Checking all files takes minutes. A file that was correct stays so until it, a header or the
    # checks change.
    done=$build/tidy
    mkdir -p "$done"
    if [ ! -e "$done/all" ] || [ -n "$(find .clang-tidy config preload bench tests \
      '(' -name '*.h' -o -name .clang-tidy ')' -newer "$done/all")" ]; then
      rm -f "$done"/*
    fi
    : > "$done/all"
    # Prints each file as it is done, with its position in the list.
    sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$build/compile_commands.json" | sort -u > "$done/files"
    awk -v all="$(wc -l < "$done/files")" '{ print NR "/" all, $0 }' "$done/files" |
      xargs -n 2 -P "$(nproc)" sh tests/style/style.sh "$build" tidy-one
    ;;
  tidy-changed) # since the last commit
    git diff --name-only --diff-filter=d HEAD -- '*.cc' | sed "s|^|$(pwd)/|" > "$build/changed"
    mkdir -p "$build/tidy"
    awk -v all="$(wc -l < "$build/changed")" '{ print NR "/" all, $0 }' "$build/changed" |
      xargs -r -n 2 -P "$(nproc)" sh tests/style/style.sh "$build" tidy-one
    ;;
  tidy-one)
    place=$3 file=$4
    stamp=$build/tidy/$(printf %s "$file" | tr / -)
    if [ -e "$stamp" ] && [ -z "$(find "$file" -newer "$stamp")" ]; then exit 0; fi
    : > "$stamp.new"
    echo "clang-tidy $place ${file#"$(pwd)/"}"
    clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option "$file" 2> "$stamp.log" || {
      grep -E 'error:|Error' "$stamp.log"
      exit 1
    }
    mv "$stamp.new" "$stamp"
    ;;
esac
