# shellcheck shell=bash disable=SC2154,SC2034 # job.sh puts the parts together
# cells.sh - compares results with what is expected, and makes tables of them.
#
# Every job writes rows of tab-separated cells to $results/JOB.rows. A cell that is not as expected
# says so in the table, and its job fails.

wrong=0

# cell WANTED SEEN: appends a cell to the row. WANTED + stands for any number but 0.
row=
cell() {
  local seen=$2
  case $1 in
    "$2") ;;
    +) [ "$2" -gt 0 ] 2>/dev/null || { seen="$2 WRONG, wanted more"; wrong=1; } ;;
    *) seen="$2 WRONG, wanted $1"; wrong=1 ;;
  esac
  row=${row:+$row$'\t'}$seen
}

# name TEXT...: appends cells without a comparison.
name() {
  local text
  for text; do row=${row:+$row$'\t'}$text; done
}

end_row() {
  printf '%s\n' "$row" >>"$results/$1.rows"
  row=
}

# check TEXT COMMAND...: checks something that is not in the table.
check() {
  local text=$1
  shift
  if "$@" >/dev/null 2>&1; then
    echo "ok     $job: $text"
  else
    echo "WRONG  $job: $text"
    wrong=1
    return 1
  fi
}

# print_table HEADING... <ROWS: prints columns that are as wide as necessary.
print_table() {
  {
    (IFS=$'\t'; echo "$*")
    cat
  } | awk -F '\t' '
    { for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } fields[NR] = NF }
    END {
      for (r = 1; r <= NR; r++) {
        line = ""
        for (i = 1; i <= fields[r]; i++) line = line sprintf("%-" width[i] "s  ", cell[r, i])
        sub(/ +$/, "", line)
        print line
        if (r == 1) { gsub(/./, "-", line); print line }
      }
    }'
}
