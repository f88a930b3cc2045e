#include "config/tool/units/chroot.h"

#include <sys/stat.h>

#include "config/tool/host/files.h"

namespace clusterbind::tool {
namespace {

/// The value of a setting, from postconf(1); empty if that fails.
std::string postconf(const std::string& folder, const std::string& setting) {
  const CommandResult ran = run_command({"postconf", "-c", folder, "-h", setting});
  return ran.good() ? ran.output.substr(0, ran.output.find('\n')) : std::string();
}

}  // namespace

std::vector<std::string> postfix_logs(const Unit& unit) {
  std::vector<std::string> folders;
  const std::string own = unit.variable("MAIL_CONFIG");
  if (!own.empty() && !unit.is_template()) {
    folders.push_back(own);
  } else {
    folders.emplace_back("/etc/postfix");
    const std::string others = postconf("/etc/postfix", "multi_instance_directories");
    for (const std::string_view folder : split(others, " ,\t")) {
      folders.emplace_back(folder);
    }
  }
  std::vector<std::string> logs;
  for (const std::string& folder : folders) {
    const std::string queue = postconf(folder, "queue_directory");
    const std::string log = queue + "/dev/log";
    struct stat facts = {};
    const bool is_socket = stat(log.c_str(), &facts) == 0 && S_ISSOCK(facts.st_mode);
    if (!queue.empty() && !is_socket) {
      logs.push_back(log);
    }
  }
  return logs;
}

}  // namespace clusterbind::tool
