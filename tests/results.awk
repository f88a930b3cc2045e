# Reads a results file of CTest. Prints what could not be tested here, with the reasons: the tests
# that were skipped, and the parts that other tests left out. With -v list=failed it prints the tests
# that failed instead, each with the lines that say what was wrong, or else with its last lines.
BEGIN { FS = "\"" }
/<testcase / {
  name = $2
  skips = 0
  fails = list == "failed" && /status="fail"/
  said = context = lines = 0
}
fails && /<failure / {
  print name " failed, see " FILENAME
  next
}
fails {
  line = text($0)
  wrong = line ~ /WRONG|FAIL|error:|cannot run/
  if (wrong) context = 4 # and what a test shows below such a line, indented
  else context = line ~ /^ / && context > 0 ? context - 1 : 0
  if ((wrong || context > 0) && ++said <= 20) print "  " line
  if (line != "") last[++lines] = line
}
fails && /<\/system-out>/ && said == 0 {
  for (n = lines > 5 ? lines - 4 : 1; n <= lines; n++) print "  " last[n]
}
list == "failed" { next }
/<skipped message="SKIP_/ { skips = 1 }
skips && sub(/.*cannot run: /, "") {
  print name " skipped: " text($0)
  skips = 0
}
sub(/.*not tested: /, "") { print name " without " text($0) }

# text LINE: its text, without tags and entities.
function text(line) {
  sub(/.*<system-out>/, "", line)
  sub(/<\/system-out>.*/, "", line)
  gsub(/&lt;/, "<", line)
  gsub(/&gt;/, ">", line)
  gsub(/&quot;/, "\"", line)
  gsub(/&apos;/, "'", line)
  gsub(/&amp;/, "\\&", line)
  return line
}
