// The parts of `clusterbind doctor`.
#pragma once

#include <string>
#include <string_view>

#include "config/tool/command/json.h"
#include "config/tool/command/options.h"
#include "config/tool/program/judge.h"

namespace clusterbind::tool {

/// Examines a program's file.
int examine_program(const Options& options, const std::string& name);

/// Whether a name is that of a systemd unit, with its suffix: systemd.unit(5).
bool is_unit_name(std::string_view name);

/// Examines the programs of a systemd unit, as the unit starts them.
int examine_unit(const Options& options, const std::string& name);

/// Examines a running process and its descendants.
int examine_process(const Options& options, const std::string& pid);

/// Prints one line of the answer, "label  text".
void print_fact(std::string_view label, std::string_view text);

/// Prints the verdict: as the last line of the answer, or as the last members of the open JSON
/// object, which it closes and prints. Returns the exit code.
int finish_verdict(const Verdict& verdict, Json* json);

}  // namespace clusterbind::tool
