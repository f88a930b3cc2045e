// The two halves of `clusterbind doctor`.
#pragma once

#include <string>
#include <string_view>

#include "config/tool/command/json.h"
#include "config/tool/command/options.h"
#include "config/tool/program/judge.h"

namespace clusterbind::tool {

/// Examines a program's file.
int examine_program(const Options& options, const std::string& name);

/// Examines a running process and its descendants.
int examine_process(const Options& options, const std::string& pid);

/// Prints one line of the answer, "label  text".
void print_fact(std::string_view label, std::string_view text);

/// Prints the verdict: as the last line of the answer, or as the last members of the open JSON
/// object, which it closes and prints. Returns the exit code.
int finish_verdict(const Verdict& verdict, Json* json);

}  // namespace clusterbind::tool
