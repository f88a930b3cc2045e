// The parts of the benchmark. Each prints its figures and returns the exit status.
#pragma once

#include "bench/options.h"

namespace clusterbind::bench {

int run_latency(const Options& options);
int run_instructions(const Options& options);
int run_start(const Options& options);
int run_capacity(const Options& options);
int run_rules(const Options& options);
int run_mail(const Options& options);
int run_threads(const Options& options);
int run_processes(const Options& options);

}  // namespace clusterbind::bench
