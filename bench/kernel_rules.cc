#include "bench/kernel_rules.h"

#include "bench/failure.h"

namespace clusterbind::bench {

KernelRules::KernelRules(const std::string& /*rules*/) {
  throw Failure("this build has no attach");
}

KernelRules::~KernelRules() = default;

}  // namespace clusterbind::bench
