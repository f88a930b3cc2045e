// What is right but can hardly be meant: source addresses and destinations that do nothing.
#pragma once

#include <vector>

#include "config/rule_text.h"
#include "config/tool/check/findings.h"

namespace clusterbind::tool {

/// Adds findings: loopback addresses as the source of connections that leave the host, source
/// addresses that the kernel takes without a rule, and the destinations 0.0.0.0 and ::, which match
/// nothing.
void find_doubtful(const RuleText& rules, std::vector<Finding>& out);

/// Whether an address of public networks can be another name for this host behind a router that
/// translates addresses (RFC 3022): what the kernel itself takes is no public address.
bool may_be_translated(const Address& source);

}  // namespace clusterbind::tool
