// Finds what is correct but hardly intended: source addresses and destinations that have no effect.
#pragma once

#include <vector>

#include "config/rule_text.h"
#include "config/tool/check/findings.h"

namespace clusterbind::tool {

/// Adds findings about loopback addresses as the source of connections that leave the host, about
/// source addresses that the kernel chooses without a rule, and about the destinations 0.0.0.0 and
/// ::, which no connection matches.
void find_doubtful(const RuleText& rules, std::vector<Finding>& out);

/// Whether a public address can stand for this host behind a router that translates addresses (RFC
/// 3022). That is possible unless the address that the kernel itself uses as source is public.
bool may_be_translated(const Address& source);

}  // namespace clusterbind::tool
