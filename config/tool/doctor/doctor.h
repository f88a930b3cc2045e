// The two halves of `clusterbind doctor`.
#pragma once

#include <string>
#include <string_view>

#include "config/tool/command/json.h"
#include "config/tool/command/options.h"
#include "config/tool/program/judge.h"

namespace clusterbind::tool {

/// About a program's file.
int examine_program(const Options& options, const std::string& name);

/// About a running process and its descendants.
int examine_process(const Options& options, const std::string& pid);

/// One line of the answer, "label  text".
void print_fact(std::string_view label, std::string_view text);

/// The last line of the answer, or the last members of the open object, which is closed and
/// printed. Returns the exit code.
int finish_verdict(const Verdict& verdict, Json* json);

}  // namespace clusterbind::tool
