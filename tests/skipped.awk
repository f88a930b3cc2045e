# Prints what could not be tested here, with the reasons, from a results file of CTest: the tests that
# were skipped, and the parts that other tests left out.
BEGIN { FS = "\"" }
/<testcase / { name = $2; skips = 0 }
/<skipped message="SKIP_/ { skips = 1 }
skips && sub(/.*cannot run: /, "") {
  print name " skipped: " text($0)
  skips = 0
}
sub(/.*not tested: /, "") { print name " without " text($0) }

# text LINE: its text, without tags and entities.
function text(line) {
  sub(/<\/system-out>.*/, "", line)
  gsub(/&lt;/, "<", line)
  gsub(/&gt;/, ">", line)
  gsub(/&quot;/, "\"", line)
  gsub(/&apos;/, "'", line)
  gsub(/&amp;/, "\\&", line)
  return line
}
