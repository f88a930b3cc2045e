// Makes the rules in force from a text.
#pragma once

#include "preload/load.h"

namespace clusterbind {

/// Learns what there is to know of the process, and reads the rules from where the variables and
/// section "Where the rules come from" of libclusterbind(8) say. Null where there is no memory.
const Rules* build_rules(Process& process);

/// Reads the rules from a file. `awaited`: the file that is to take the place of rules that were
/// read before; null for the first. Null where there is no memory, or another file than the awaited
/// one is there now.
const Rules* build_rules_from(const Process& process, const char* path,
                              const FileIdentity* awaited);

}  // namespace clusterbind
