// Gives any bytes, of any length, to the functions that read socket addresses and message headers
// for the hooks. The buffer ends with the address, so a sanitizer notices each byte read beyond it.
// The result must equal what the system's own structures say.
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "preload/target.h"
#include "tests/fuzz/finding.h"

namespace clusterbind::test {
namespace {

bool same(const Target& a, const Target& b) {
  return a.address == b.address && a.port == b.port && a.spelled == b.spelled;
}

/// Checks lengths and families against what the manual pages say about connect(2).
void check_read(const sockaddr* name, size_t length, size_t most, bool read, const Target& target) {
  sa_family_t family = AF_UNSPEC;
  if (length >= sizeof family) std::memcpy(&family, name, sizeof family);
  const size_t least = family == AF_INET ? sizeof(sockaddr_in) : 24;
  const bool right = (family == AF_INET || family == AF_INET6) && length >= least && length <= most;
  expect(read == right, "another length or family than the kernel's");
  if (!read) return;
  expect((target.spelled == Family::ipv4) == (family == AF_INET), "another family");
  if (family == AF_INET) {
    sockaddr_in ipv4;
    std::memcpy(&ipv4, name, sizeof ipv4);
    expect(target.port == ntohs(ipv4.sin_port), "another port");
    expect(target.address.low == ntohl(ipv4.sin_addr.s_addr), "another address");
  } else {
    sockaddr_in6 ipv6 = {};
    std::memcpy(&ipv6, name, 24);
    const auto bytes = ipv6_bytes(target.address);
    expect(target.port == ntohs(ipv6.sin6_port), "another port");
    expect(std::memcmp(&ipv6.sin6_addr, bytes.data(), bytes.size()) == 0, "another address");
  }
}

/// The first byte chooses among invalid pointers; the next two are a false length.
void check(const uint8_t* data, size_t size) {
  if (size < 3) return;
  const uint8_t choice = data[0];
  const auto claimed = static_cast<uint32_t>(data[1] | data[2] << 8);
  const size_t length = size - 3;
  const auto bytes = std::make_unique<uint8_t[]>(length);
  std::memcpy(bytes.get(), data + 3, length);
  const auto* name = reinterpret_cast<const sockaddr*>(bytes.get());

  Target target;
  check_read(name, length, address_most, read_target(name, length, address_most, target), target);

  // The kernel refuses a longer address before it reads the family.
  sa_family_t family = AF_INET;
  if (length >= sizeof family && length <= address_most) std::memcpy(&family, name, sizeof family);
  expect(is_unspecified(name, length) == (family == AF_UNSPEC), "AF_UNSPEC, or not");

  msghdr header = {};
  header.msg_name = const_cast<sockaddr*>(name);
  header.msg_namelen = static_cast<socklen_t>(length);
  Target by_message;
  const bool read = read_target(&header, by_message);
  check_read(name, length, SIZE_MAX, read, by_message);
  expect(!read || length > address_most || same(target, by_message), "another target by message");

  // Nothing may be read if the kernel would answer EFAULT or EINVAL.
  constexpr uintptr_t nowhere[] = {0, 1, 4095, UINTPTR_MAX, UINTPTR_MAX - 4094};
  const uintptr_t pointer = nowhere[choice % 5];
  const auto* lost =
      reinterpret_cast<const sockaddr*>(pointer);  // NOLINT(performance-no-int-to-ptr)
  expect(!read_target(lost, claimed, address_most, target), "an address from nowhere");
  expect(!is_unspecified(lost, claimed), "AF_UNSPEC from nowhere");
  expect(!read_target(reinterpret_cast<const msghdr*>(lost), target), "a header from nowhere");
  header.msg_name = const_cast<sockaddr*>(lost);
  header.msg_namelen = claimed;
  expect(!read_target(&header, target), "a message to nowhere");
  header.msg_name = const_cast<sockaddr*>(name);
  header.msg_namelen = 0x80000000U | claimed;
  expect(!read_target(&header, target), "a negative length");
}

}  // namespace
}  // namespace clusterbind::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  clusterbind::test::check(data, size);
  return 0;
}
