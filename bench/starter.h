// Starts a program again and again, with the same environment.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace clusterbind::bench {

/// A folder for rule files, removed by the destructor.
class RuleFolder {
 public:
  RuleFolder();
  ~RuleFolder();
  RuleFolder(const RuleFolder&) = delete;
  RuleFolder& operator=(const RuleFolder&) = delete;

  /// Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

/// The variables LD_PRELOAD and CLUSTERBIND_CONFIG.
std::vector<std::string> preload_with_file(const std::string& library, const std::string& file);

class Starter {
 public:
  /// `group` is the folder of the control group to start it in; if empty, ours.
  Starter(const std::string& program, std::vector<std::string> variables, std::string group = {});

  struct Used {
    double processor_us = 0;  // that the new process used, in user space and in the kernel
    double elapsed_us = 0;    // until it was seen to end
  };

  /// Starts the program and waits until it ends. Throws Failure.
  Used start() const;

 private:
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  std::vector<char*> argument_pointers_;
  std::vector<char*> environment_pointers_;
  std::string group_;
};

}  // namespace clusterbind::bench
