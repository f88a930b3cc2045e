# Prints the tests that could not run here, with the reasons, from a results file of CTest.
BEGIN { FS = "\"" }
/<testcase / { name = $2; skips = 0 }
/<skipped message="SKIP_/ { skips = 1 }
skips && sub(/.*cannot run: /, "") {
  sub(/<\/system-out>.*/, "")
  gsub(/&lt;/, "<")
  gsub(/&gt;/, ">")
  gsub(/&quot;/, "\"")
  gsub(/&apos;/, "'")
  gsub(/&amp;/, "\\&")
  print name " skipped: " $0
  skips = 0
}
