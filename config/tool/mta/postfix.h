// Finds where Postfix's configuration makes it bind its connections by itself.
#pragma once

#include <string>
#include <vector>

namespace clusterbind::tool {

/// One note for each place in main.cf and master.cf, in the folder that MAIL_CONFIG names or in
/// /etc/postfix: inet_interfaces with one address of a family, smtp_bind_address and related
/// parameters.
std::vector<std::string> postfix_notes();

}  // namespace clusterbind::tool
