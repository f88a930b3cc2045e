// What `clusterbind attach` does once it knows the rules and the group. The program that units
// start does the same.
#pragma once

#include <exception>
#include <string>

#include "config/tool/command/options.h"
#include "config/tool/rules/given.h"

namespace clusterbind::tool {

/// Attaches the rules, and tells the result or what is wrong. Returns the exit code. Of the
/// options, `json` and `verbose` count.
int attach_given(const Given& given, const std::string& group, const Options& options);

/// Tells what could not be done; returns exit_unknown.
int tell_trouble(const std::exception& trouble, const Options& options);

}  // namespace clusterbind::tool
