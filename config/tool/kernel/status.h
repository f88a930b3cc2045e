// What `status` shows about rules in the kernel.
#pragma once

#include <string>
#include <vector>

#include "config/tool/command/json.h"
#include "config/tool/kernel/attach.h"

namespace clusterbind::tool {

/// The state of the rule file, compared with the rules that were attached from it.
enum class FileState : uint8_t { none, same, changed, unreadable };
FileState file_state(const Attachment& attachment);

/// The same facts as lines of text, each with a line end, and as members of an open JSON object.
std::string attachment_text(const Attachment& attachment);
void add_attachment(Json& json, const Attachment& attachment);

/// Prints the state of some groups. Returns the exit code: 0 if each has rules for both families, 1
/// if one has none, or if there are no groups.
int show_groups(const std::vector<std::string>& groups, bool as_json);

}  // namespace clusterbind::tool
