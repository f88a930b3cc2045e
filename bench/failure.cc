#include "bench/failure.h"

#include <cerrno>
#include <system_error>

namespace clusterbind::bench {

Failure system_failure(const std::string& what) {
  return Failure(what + ": " + std::generic_category().message(errno));
}

}  // namespace clusterbind::bench
