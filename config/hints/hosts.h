// Names of interfaces and networks.
#pragma once

#include <string_view>

namespace clusterbind::hints {

/// Whether a word is the usual name of a network interface: eth0, ens3, lo.
bool is_interface(std::string_view word);

/// Whether a word stands for the networks that are near, which only the user knows: `local`.
bool is_local_networks(std::string_view word);
constexpr std::string_view name_local_networks =
    "name the networks, for example to 10.0.0.0/8, 192.168.0.0/16; loopback is left alone anyway";

}  // namespace clusterbind::hints
