"""The figures in the README, made from bench/results and the list of promises in the manual page.

readme.py           prints them
readme.py --write   puts them into the README
readme.py --check   fails if the README has others
"""

import json
import math
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
begin = "<!-- made by bench/readme.py from bench/results -->\n"
end = "<!-- end of what bench/readme.py made -->\n"

# Facts that are not measured: privilege, reach, and what happens if the address is absent. The
# first word is the name of a row of `latency --against` or of `latency`.
ways = [
    ("hit", "the library", "none", "by program, destination and port; no static, Go or setuid program",
     "the connection fails, or goes on (`else direct`)"),
    ("attach, match", "`clusterbind attach`", "root, Linux 5.10",
     "every program of a group, by program, destination and port",
     "the connection fails, or goes on (`else direct`)"),
    ("app-bind", "the program's own setting", "none", "this program, often one address for all",
     "as the program does it"),
    ("route-src", "`ip route ... src`", "root", "the whole node, by prefix",
     "leaves from the node's address"),
    ("ip rule", "`ip rule` by port", "root", "the whole node, by port and prefix",
     "leaves from the node's address"),
    ("snat", "source NAT by nftables", "root", "the whole node, by destination and port",
     "leaves from an address whose answers go elsewhere"),
]


def results():
    files = sorted((root / "bench/results").glob("*.json"))
    return {file.stem: json.loads(file.read_text()) for file in files}


def promises():
    page = (root / "config/man/clusterbind-bench.1").read_text()
    return page.split(".It Cm bounds\n")[1].split(".Bd -literal\n")[1].split(".Ed\n")[0].splitlines()


def numbers(low, high):
    """An interval with as many digits as its width deserves."""
    if low is None or high is None:
        return "anything"
    half = (high - low) / 2
    digits = min(3, max(0, math.ceil(-math.log10(half)))) if half > 0 else 0
    if low == high:
        return f"{low:.4g}"
    return f"{low:.{digits}f} to {high:.{digits}f}"


def verdict_row(line, run):
    part, text = line.split(maxsplit=1)
    for bound in run.get(part, {}).get("bounds", []):
        limit = f"at most {bound['at_most']:.6g}" if "at_most" in bound else f"at least {bound['at_least']:.6g}"
        if text == f"{bound['what']}: {limit} {bound['unit']}":
            measured = numbers(bound["figure"]["low"], bound["figure"]["high"])
            verdict = bound["verdict"] + (", time up" if bound["cut_off_by_time"] else "")
            return f"| {part} | {text} | {measured} | {verdict} |"
    return f"| {part} | {text} | not measured | |"


def row_of(name, *tables):
    for table in tables:
        for row in table.get("connections", {}).get("rows", []):
            if row["name"] == name and "over_baseline" in row:
                return row["over_baseline"]
    return None


def way_row(way, run):
    name, title, privilege, reach, absent = way
    over = row_of(name, run.get("against", {}), run.get("latency", {}))
    cost = numbers(over["low"], over["high"]) + " µs" if over else "not measured"
    start = "0"
    if name in ("hit", "attach, match"):
        wanted = "10 rules" if name == "hit" else "attach, 1,000 rules"
        rows = [row for row in run.get("start", {}).get("rows", []) if row["name"] == wanted]
        start = numbers(rows[0]["over_baseline"]["low"], rows[0]["over_baseline"]["high"]) + " µs" if rows else "not measured"
    return f"| {title} | {cost} | {start} | {privilege} | {reach} | {absent} |"


def block():
    run = results()
    first = run["latency"]
    machine = first["machine"]
    plain = [row for row in first["connections"]["rows"] if row["name"] == "plain"][0]
    lines = [
        f"Measured {first['date']} on {machine['processor']}, {machine['processors']} processors, "
        f"Linux {machine['kernel']}, glibc {machine['libc']}"
        + (", by a quick run" if first["quick"] else "")
        + f"; a connection to {first['where']} took {plain['time']:.1f} µs. {first['conditions']}",
        "",
        "| how the source is set | added to a connection | to a process start | needs | reaches | address absent |",
        "| --- | --- | --- | --- | --- | --- |",
        *(way_row(way, run) for way in ways),
        "",
        "What is promised, and what was measured (all verdicts of a run together are 95 % sure):",
        "",
        "| | promise | measured | |",
        "| --- | --- | --- | --- |",
        *(verdict_row(line, run) for line in promises()),
    ]
    return "\n".join(lines) + "\n"


def main():
    readme = root / "README.md"
    old = readme.read_text()
    new = re.sub(re.escape(begin) + ".*?" + re.escape(end), lambda _: begin + block() + end, old, flags=re.S)
    if "--write" in sys.argv:
        readme.write_text(new)
    elif "--check" in sys.argv:
        if begin not in old or new != old:
            sys.exit("README.md has other figures than bench/results: python3 bench/readme.py --write")
    else:
        print(block(), end="")


main()
