// Makes the rules in force from a text.
#pragma once

#include "preload/load.h"

namespace clusterbind {

/// Learns about the process (process.h), then reads the rules from the place that FILES in
/// clusterbind.conf(5) gives. Null if there is no memory.
const Rules* build_rules(Process& process);

/// Reads the rules from a file. `awaited` identifies the file that is to replace rules read before;
/// it is null for the first rules. Returns null if there is no memory, or if the file is no longer
/// the awaited one.
const Rules* build_rules_from(const Process& process, const char* path,
                              const FileIdentity* awaited);

}  // namespace clusterbind
