// The file name of the interposer. LD_PRELOAD has it as it is: the loader looks for it in the
// folders of each architecture, and secure execution takes no path (ld.so(8)).
#pragma once

namespace clusterbind {

constexpr char library_name[] = "libclusterbind.so";

}  // namespace clusterbind
