#include "preload/source.h"

namespace clusterbind {

Way way_for(const Rule& rule, const Local& local, bool ours) {
  const bool wildcard = is_wildcard(local.address);
  if (wildcard && local.port == 0) return Way::bind;
  if (wildcard) return Way::release;
  if (ours) return Way::bind;
  if (!rule.override_program) return Way::leave;
  return local.port == 0 ? Way::bind : Way::release;
}

}  // namespace clusterbind
