// Formats rules and their errors, as text and as JSON.
#pragma once

#include <cstddef>
#include <string>

#include "config/rule_text.h"
#include "config/tool/command/json.h"
#include "config/tool/rules/given.h"

namespace clusterbind::tool {

/// All recorded errors in the form of a compiler's: place, message, line, caret, hint; then the
/// number of further errors. Coloured for standard error.
std::string error_report(const RuleText& rules);

/// The same errors as the member "errors" (an array), and "error_count".
void add_errors(Json& json, const RuleText& rules);

/// Prints the whole JSON answer of a command whose rules are wrong, refused or, if `rules` is null,
/// not available.
void print_wrong_json(const Given& given, const RuleText* rules);

/// A rule in the rule language; lists are cut after `most` elements.
std::string rule_text(const RuleText& rules, uint32_t rule, size_t most = 8);

/// Adds members to an open object: "line", "action", "text" and the parts of the rule.
void add_rule(Json& json, const RuleText& rules, uint32_t rule);

/// "FILE:LINE", or "FILE (rule 2 of line 1)".
std::string rule_place(const RuleText& rules, uint32_t rule);

std::string address_text(const Address& address);
std::string endpoint_text(const Address& address, uint16_t port);
std::string ports_text(std::span<const PortRange> ports, size_t most);

}  // namespace clusterbind::tool
