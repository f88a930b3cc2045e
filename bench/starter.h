// Starts a program again and again, under one environment.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace clusterbind::bench {

/// A folder for rule files, removed at the end.
class RuleFolder {
 public:
  RuleFolder();
  ~RuleFolder();
  RuleFolder(const RuleFolder&) = delete;
  RuleFolder& operator=(const RuleFolder&) = delete;

  /// Writes a file; its path.
  std::string file(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

/// LD_PRELOAD and CLUSTERBIND_CONFIG.
std::vector<std::string> preload_with_file(const std::string& library, const std::string& file);

class Starter {
 public:
  /// `group`: the folder of the control group to start it in; empty: ours.
  Starter(const std::string& program, std::vector<std::string> variables, std::string group = {});

  struct Used {
    double processor_us = 0;  // of the new process, in user space and in the kernel
    double elapsed_us = 0;    // until its end was seen
  };

  /// Starts the program and waits for its end. Throws Failure.
  Used start() const;

 private:
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  std::vector<char*> argument_pointers_;
  std::vector<char*> environment_pointers_;
  std::string group_;
};

}  // namespace clusterbind::bench
