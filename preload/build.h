// Makes the rules in force from a text.
#pragma once

#include "preload/load.h"

namespace clusterbind {

/// Learns what there is to know of the process, and reads the rules from where the variables and
/// section "Where the rules come from" of libclusterbind(8) say. Null where there is no memory.
const Rules* build_rules(Process& process);

/// Reads the rules from a file. Null where there is no memory.
const Rules* build_rules_from(const Process& process, const char* path, bool optional);

}  // namespace clusterbind
