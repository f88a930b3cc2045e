// What `clusterbind attach` does once the rules and the group are known. clusterbind-attach, which
// units start, does the same.
#pragma once

#include <exception>
#include <string>

#include "config/tool/command/options.h"
#include "config/tool/rules/given.h"

namespace clusterbind::tool {

/// Attaches the rules, and prints the result or the error. Returns the exit code. Of the options,
/// only `json` and `verbose` matter.
int attach_given(const Given& given, const std::string& group, const Options& options);

/// Prints what could not be done; returns exit_unknown.
int tell_trouble(const std::exception& trouble, const Options& options);

}  // namespace clusterbind::tool
