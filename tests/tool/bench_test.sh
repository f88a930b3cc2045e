#!/bin/sh
# The command line of the benchmark: which words it takes, and what it says of others. It measures
# nothing. Usage: bench_test.sh BUILD-FOLDER
set -u
# shellcheck source-path=SCRIPTDIR source=../support/table.sh
. "$(dirname "$0")/../support/table.sh"
bench=$1/clusterbind-bench
cd "$work" || exit 1

# says WHAT WORD...: wrong usage, and this line.
says() {
  what=$1
  shift
  row 64 "^clusterbind-bench: $what\$" "$bench" "$@"
}

for part in latency instructions start capacity rules mail threads processes all bounds; do
  row 0 "^  $part +[a-z]" "$bench" --help
  row 0 "^Usage: clusterbind-bench $part" "$bench" "$part" --help
  row 0 "^Usage: clusterbind-bench $part" "$bench" help "$part"
  row 0 '!^Usage: clusterbind-bench PART' "$bench" "$part" -h
  row 0 '^clusterbind-bench [0-9.]+$' "$bench" "$part" --version
  says "unknown option '--jsn'.*|unexpected operand: '--jsn': bounds takes none" "$part" --jsn
  row 64 "^try: clusterbind-bench $part --help\$" "$bench" "$part" --jsn
done
# Output that cannot be written.
row 2 'cannot write the output' sh -c '"$1" --help > /dev/full' sh "$bench"
row 64 '!.' sh -c '"$1" nosuch 2> /dev/full' sh "$bench"
row 0 '^Usage: clusterbind-bench latency ' "$bench" --help
row 0 '^  --against ' "$bench" latency --help
row 0 '!^  --against ' "$bench" capacity --help
row 0 '!^  --svg ' "$bench" instructions --help
row 0 '^  --results FOLDER ' "$bench" all --help

says 'PART is missing: latency, for example'
says "there is no part 'latncy': did you mean latency\\?" latncy
says "there is no part 'latncy': did you mean latency\\?" latncy --help
says "there is no part 'latncy': did you mean latency\\?" help latncy
says "there is no part 'frobnicate'" frobnicate
says "there is no part 'rule': did you mean rules\\?" rule --quick
says 'options come after the part, as in .clusterbind-bench latency --quick.' --quick
says 'options come after the part, as in .clusterbind-bench latency --json FILE.' --json=x
says 'options come after the part, as in .clusterbind-bench all --results FOLDER.' --results x all
says "unknown option '--quik': did you mean --quick\\?" --quik
row 64 '^try: clusterbind-bench --help$' "$bench" --quik
says "unknown option '--frobnicate'" rules --frobnicate
says "unknown option '--jsn': did you mean --json\\?" rules --jsn x
says "unknown option '--sec': did you mean --seconds\\?" rules --sec 3
says "unknown option '-j'" rules -j x
says '--against belongs to latency, not to rules' rules --against
says '--results belongs to all: use --json and --svg' rules --results x
says '--json belongs to a single part' all --json x
says 'instructions has no plot: use --json FILE' instructions --svg x

for option in '--json FILE' '--svg FILE' '--library FILE' '--other-library FILE' '--batches N' '--seconds S' \
  '--delay MS' '--source ADDR'; do
  name=${option% *}
  says "$name needs ${option#* }" latency "$name"
  says "$name needs ${option#* }" latency "$name="
  says "$name needs ${option#* }" latency "$name" --quick
done
says '--results needs FOLDER' all --results
says '--quick takes no value' rules --quick=yes
says "--batches: 'x' is not a number from 1 to 1000000" rules --batches x
says "--batches: '0' is not a number from 1 to 1000000" rules --batches=0
says "--seconds: '-1' is not a number from 0.1 to 3600" rules --seconds -1

says 'PORT is missing: write 198.51.100.7 25, for example' latency 198.51.100.7
says 'PORT is missing: write 198.51.100.7 587' latency 198.51.100.7:587
says 'PORT is missing: write 2001:db8::7 587' latency '[2001:db8::7]:587'
says 'PORT is missing: write 2001:db8::7 25, for example' latency 2001:db8::7
says "PORT: '65536' is not a number from 1 to 65535" latency 198.51.100.7 65536
says "PORT: 'smtp' is not a number from 1 to 65535" latency 198.51.100.7 smtp
says "'mx.example.org' is no IP address: names are not looked up" latency mx.example.org 25
says "'eth0' is no IP address: names are not looked up" latency --source eth0 198.51.100.7 25
says "unexpected operand: '26'" latency 198.51.100.7 25 26
says "unexpected operand: '198.51.100.7': rules takes options" rules 198.51.100.7 25
says "unexpected operand: 'extra': bounds takes none" bounds extra
says '--source goes with a destination: write DEST PORT too' latency --source 192.0.2.25
says '--against and --delay bring their own destination: leave out DEST PORT' latency --against 198.51.100.7 25
says '--against and --delay are two different runs: choose one' latency --against --delay 1

row 0 'iteration|nanoseconds|lookup' "$bench" rules --smoke --json=figures.json
row 0 '"part": *"rules"|lookup' cat figures.json
finish
