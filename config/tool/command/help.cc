#include "config/tool/command/help.h"

namespace clusterbind::tool {
namespace {

constexpr std::string_view general =
    R"(Usage: clusterbind COMMAND [OPTION]... [OPERAND]...

check    whether a rule file is right, what it means, and what is odd about it
explain  the rule that decides a connection, and its source address
doctor   whether the library can reach a program, or is in a running one
audit    this host's TCP connections that should have another source address
enable   put units of systemd under the rules
disable  take them out again
status   whether units are under the rules, in each of their processes
attach   the rules in the kernel, for all programs of a group of processes
detach   takes them away again

In every command:
  -c FILE, --config FILE    take the rules from FILE
  -r RULES, --rules RULES   take the rules from this text (not for units)
  --json                    answer in JSON
  --help                    (behind a command: about that command)
  --version

Without -c and -r: CLUSTERBIND_RULES, CLUSTERBIND_CONFIG or
/etc/clusterbind.conf, as the library does; for units, what they will see.
Exit status: 0 good, 1 bad, 2 could not find out, 64 wrong usage.
)";

constexpr std::string_view of_check =
    R"(Usage: clusterbind check [--strict] [--quiet] [--json] [FILE | -c FILE | -r RULES]
Whether rules are right, what they mean, and what is odd about them.

  --strict                  let warnings fail the check
  -q, --quiet               print only what makes the check fail
  --start                   for units of systemd: say in one line why a program
                            that is started here would not be under the rules
  -c FILE, --config FILE    take the rules from FILE
  -r RULES, --rules RULES   take the rules from this text
  --json                    answer in JSON

Exit status: 0 right; 1 wrong, unreadable, or a file that the library refuses;
2 something could not be found out; 64 wrong usage.
)";

constexpr std::string_view of_explain =
    R"(Usage: clusterbind explain [OPTION]... DEST PORT
       clusterbind explain [OPTION]... DEST:PORT | [DEST]:PORT
The rule that decides a connection, and its source address.

  --proto tcp|udp           of which protocol (default: tcp)
  --program NAME|PATH       of this program (default: one that no rule names)
  --connect                 open the connection too, and take its time
  -c FILE, --config FILE    take the rules from FILE
  -r RULES, --rules RULES   take the rules from this text
  --json                    answer in JSON

Exit status: 0 the connection would be, or was, made; 1 it would be refused, or
failed; 2 could not find out; 64 wrong usage.
)";

constexpr std::string_view of_doctor =
    R"(Usage: clusterbind doctor [OPTION]... PROGRAM
       clusterbind doctor [OPTION]... --pid PID
Whether the library can reach a program, or is in a running one.

  --pid PID                 look at a running process and its descendants
  -c FILE, --config FILE    take the rules from FILE: do they spare PROGRAM?
  -r RULES, --rules RULES   take the rules from this text
  --json                    answer in JSON

Exit status: 0 reachable, or reached; 1 not; 2 could not find out; 64 wrong usage.
)";

constexpr std::string_view of_audit =
    R"(Usage: clusterbind audit [OPTION]...
This host's TCP connections that should have another source address.

  --watch                   look again every second, until interrupted
  --netns NAME              look at another network namespace
  -c FILE, --config FILE    take the rules from FILE
  -r RULES, --rules RULES   take the rules from this text
  --json                    answer in JSON

Exit status: 0 none; 1 there are some; 2 could not find out; 64 wrong usage.
)";

constexpr std::string_view of_attach =
    R"(Usage: clusterbind attach [OPTION]... --self | --unit UNIT | --cgroup PATH
Puts the rules in force in the kernel, for every program of a group of processes
(cgroups(7), version 2) and of the groups within it, in the place of those that
are. Wrong rules change nothing.

  --self                    the group of this process
  --unit UNIT               that of a unit of systemd
  --cgroup PATH             the group with this folder
  --verbose                 show what the kernel's verifier says where it refuses
  -c FILE, --config FILE    take the rules from FILE
  -r RULES, --rules RULES   take the rules from this text
  --json                    answer in JSON

Exit status: 0 in force; 1 wrong rules; 2 could not be done; 64 wrong usage.
)";

constexpr std::string_view of_detach =
    R"(Usage: clusterbind detach [OPTION]... --self | --unit UNIT | --cgroup PATH
Takes the rules of a group of processes out of the kernel.

  --self                    the group of this process
  --unit UNIT               that of a unit of systemd
  --cgroup PATH             the group with this folder
  --json                    answer in JSON

Exit status: 0 taken away; 1 there were none; 2 could not be done; 64 wrong usage.
)";

constexpr std::string_view of_enable =
    R"(Usage: clusterbind enable [--library | --kernel] [--now] [-c FILE] UNIT...
Puts units of systemd under the rules, by one drop-in each. A unit is judged by
what it will see itself: the variables of this shell count for nothing.

  --library                 by the library alone
  --kernel                  by the kernel alone (default: where the library
                            does not reach)
  --now                     let it take effect in what runs
  -c FILE, --config FILE    these units take their rules from FILE
  --json                    answer in JSON

Exit status: 0 they are under the rules; 1 not, and nothing was changed, or a
restart failed; 2 could not find out; 64 wrong usage.
)";

constexpr std::string_view of_disable =
    R"(Usage: clusterbind disable [--now] UNIT...
Takes units of systemd out of the rules. What runs stays covered until its
restart.

  --now                     restart what runs
  --json                    answer in JSON

Exit status: 0 they are out; 1 not; 2 could not find out; 64 wrong usage.
)";

constexpr std::string_view of_status =
    R"(Usage: clusterbind status [UNIT... | --cgroup PATH]
Which units are under the rules (default: all that are enabled), by library or
kernel, and whether each of their processes is covered. Or the rules that attach
has given to a group of processes, and what each has decided.

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
