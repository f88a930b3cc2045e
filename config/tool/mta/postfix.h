// Where Postfix's configuration makes it bind its connections itself.
#pragma once

#include <string>
#include <vector>

namespace clusterbind::tool {

/// One note for each place in main.cf and master.cf, of the folder that MAIL_CONFIG names or of
/// /etc/postfix: inet_interfaces with one address of a family, smtp_bind_address and its kin.
std::vector<std::string> postfix_notes();

}  // namespace clusterbind::tool
