// The commands of `clusterbind`. Each prints its answer on standard output and errors on standard
// error, and returns the exit code.
#pragma once

#include "config/tool/command/options.h"

namespace clusterbind::tool {

int run_check(const Options& options);
int run_explain(const Options& options);
int run_doctor(const Options& options);
int run_audit(const Options& options);
int run_enable(const Options& options);
int run_disable(const Options& options);
int run_status(const Options& options);
int run_group_status(const Options& options);
int run_attach(const Options& options);
int run_detach(const Options& options);

}  // namespace clusterbind::tool
