// What `status` shows of rules in the kernel.
#pragma once

#include <string>
#include <vector>

#include "config/tool/command/json.h"
#include "config/tool/kernel/attach.h"

namespace clusterbind::tool {

/// The groups that have rules, of those that are seen here.
std::vector<std::string> groups_with_rules();

/// How the rule file is now, compared with the rules that were attached from it.
enum class FileState : uint8_t { none, same, changed, unreadable };
FileState file_state(const Attachment& attachment);

/// Lines for people, with a line end; and the members of an object that is open.
std::string attachment_text(const Attachment& attachment);
void add_attachment(Json& json, const Attachment& attachment);

/// Prints the state of some groups; returns the exit code: 0 where each has rules for both
/// families, 1 where one has none, or there is none at all.
int show_groups(const std::vector<std::string>& groups, bool as_json);

}  // namespace clusterbind::tool
