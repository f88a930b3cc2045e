// Names of interfaces.
#pragma once

#include <string_view>

namespace clusterbind::hints {

/// Whether a word is the usual name of a network interface: eth0, ens3, lo.
bool is_interface(std::string_view word);

}  // namespace clusterbind::hints
