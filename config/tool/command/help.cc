#include "config/tool/command/help.h"

namespace clusterbind::tool {
namespace {

constexpr std::string_view general =
    R"(Usage: clusterbind COMMAND [OPTION]... [OPERAND]...

check    check a rule file, and show what it means
explain  show which rule decides a connection, and its source address
doctor   tell whether the library can reach a program, or is in a running one
audit    list TCP connections of this host that have the wrong source address
enable   put systemd units under the rules
disable  take them out again
status   tell whether each process of the enabled units is covered
attach   put the rules into the kernel, for a group of processes
detach   take them out again

In every command:
  -c FILE, --config FILE    take the rules from FILE
  -r RULES, --rules RULES   take the rules from this text (not for units)
  --json                    answer in JSON
  --help                    (after a command: help on that command)
  --version

Without -c and -r, the rules come from CLUSTERBIND_RULES, CLUSTERBIND_CONFIG or
/etc/clusterbind.conf, as in the library; for units, from what they will see.
Exit status: 0 good, 1 bad, 2 could not find out, 64 wrong usage.
)";

constexpr std::string_view of_check =
    R"(Usage: clusterbind check [--strict] [--quiet] [--json] [FILE | -c FILE | -r RULES]
Checks rules, shows what they mean, and warns of what is probably a mistake.

  --strict                  fail if there are warnings
  -q, --quiet               print only what makes the check fail
  --start                   for systemd units: say in one line why a program
                            that is started here would not be under the rules
  -c FILE, --config FILE    take the rules from FILE
  -r RULES, --rules RULES   take the rules from this text
  --json                    answer in JSON

Exit status: 0 right; 1 wrong, unreadable, or a file that the library refuses;
2 could not find out; 64 wrong usage.
)";

constexpr std::string_view of_explain =
    R"(Usage: clusterbind explain [OPTION]... DEST PORT
       clusterbind explain [OPTION]... DEST:PORT | [DEST]:PORT
Shows which rule decides a connection, and its source address.

  --proto tcp|udp           the protocol (default: tcp)
  --program NAME|PATH       the program (default: one that no rule names)
  --connect                 also open the connection, and measure its time
  -c FILE, --config FILE    take the rules from FILE
  -r RULES, --rules RULES   take the rules from this text
  --json                    answer in JSON

Exit status: 0 the connection would be, or was, made; 1 it would be refused, or
failed; 2 could not find out; 64 wrong usage.
)";

constexpr std::string_view of_doctor =
    R"(Usage: clusterbind doctor [OPTION]... PROGRAM
       clusterbind doctor [OPTION]... UNIT
       clusterbind doctor [OPTION]... --pid PID
Tells whether the library can reach a program, or what a systemd unit starts
(postfix@-.service), or is in a running process.

  --pid PID                 look at a running process and its descendants
  -c FILE, --config FILE    take the rules from FILE; is PROGRAM in its `only`?
  -r RULES, --rules RULES   take the rules from this text
  --json                    answer in JSON

Exit status: 0 reachable, or reached; 1 not; 2 could not find out; 64 wrong usage.
)";

constexpr std::string_view of_audit =
    R"(Usage: clusterbind audit [OPTION]...
Lists the TCP connections of this host that have the wrong source address.

  --watch                   look again every second, until interrupted
  --summary                 only the sums by program and rule
  --netns NAME              look at another network namespace
  -c FILE, --config FILE    take the rules from FILE
  -r RULES, --rules RULES   take the rules from this text
  --json                    answer in JSON

Exit status: 0 none; 1 there are some; 2 could not find out; 64 wrong usage.
)";

constexpr std::string_view of_attach =
    R"(Usage: clusterbind attach [OPTION]... --self | --unit UNIT | --cgroup PATH
Puts the rules into the kernel, for every program in a control group
(cgroups(7), version 2) and in the groups within it. They replace rules that
the group has. Wrong rules change nothing.

  --self                    the group of this process
  --unit UNIT               the group of a systemd unit
  --cgroup PATH             the group with this folder
  --verbose                 if the kernel refuses, show its verifier's messages
  -c FILE, --config FILE    take the rules from FILE
  -r RULES, --rules RULES   take the rules from this text
  --json                    answer in JSON

Exit status: 0 in force; 1 wrong rules; 2 could not be done; 64 wrong usage.
)";

constexpr std::string_view of_detach =
    R"(Usage: clusterbind detach [OPTION]... --self | --unit UNIT | --cgroup PATH
Takes the rules of a control group out of the kernel.

  --self                    the group of this process
  --unit UNIT               the group of a systemd unit
  --cgroup PATH             the group with this folder
  --json                    answer in JSON

Exit status: 0 taken away; 1 there were none; 2 could not be done; 64 wrong usage.
)";

constexpr std::string_view of_enable =
    R"(Usage: clusterbind enable [--library | --kernel] [--now] [-c FILE] UNIT...
Puts systemd units under the rules, with one drop-in for each. What counts is
what the unit will see, not the variables of this shell.

  --library                 only by the library
  --kernel                  only by rules in the kernel (default: if the
                            library does not reach the unit's program)
  --now                     also take effect in units that are running
  -c FILE, --config FILE    these units take their rules from FILE
  --json                    answer in JSON

Exit status: 0 they are under the rules; 1 not, and nothing was changed, or a
restart failed; 2 could not find out; 64 wrong usage.
)";

constexpr std::string_view of_disable =
    R"(Usage: clusterbind disable [--now] UNIT...
Takes systemd units out of the rules. What is running stays covered until it is
restarted.

  --now                     restart units that are running
  --json                    answer in JSON

Exit status: 0 they are out; 1 not; 2 could not find out; 64 wrong usage.
)";

constexpr std::string_view of_status =
    R"(Usage: clusterbind status [UNIT... | --cgroup PATH]
Shows whether units (default: all that are enabled) are under the rules, by
library or kernel, and whether each of their processes is covered. With
--cgroup: the rules that attach has put into a control group, and what each has
decided.

  --cgroup PATH             the group with this folder
  --json                    answer in JSON

Exit status: 0 all covered; 1 not, or nothing runs; 2 could not find out;
64 wrong usage.
)";

}  // namespace

std::string_view general_help() {
  return general;
}

std::string_view help_of(Command command) {
  switch (command) {
    case Command::check:
      return of_check;
    case Command::explain:
      return of_explain;
    case Command::doctor:
      return of_doctor;
    case Command::audit:
      return of_audit;
    case Command::enable:
      return of_enable;
    case Command::disable:
      return of_disable;
    case Command::attach:
      return of_attach;
    case Command::detach:
      return of_detach;
    case Command::status:
      return of_status;
  }
  return general;
}

}  // namespace clusterbind::tool
