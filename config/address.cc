#include "config/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace clusterbind {
namespace {

constexpr uint64_t ones = ~uint64_t{0};

void write_big_endian(uint64_t value, uint8_t* bytes) {
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(value >> (56 - 8 * i));
}

/// The host bits: those of `high` and `low` that a prefix of `length` bits does not fix.
struct HostBits {
  uint64_t high;
  uint64_t low;
};

HostBits host_bits(Family family, unsigned length) {
  if (family == Family::ipv4) return {0, uint64_t{0xffffffff} >> length};
  if (length == 0) return {ones, ones};
  if (length < 64) return {ones >> length, ones};
  if (length == 64) return {0, ones};
  return {0, length == 128 ? 0 : ones >> (length - 64)};
}

/// Text that is put together piece by piece. The caller's buffer is large enough by construction.
struct Writer {
  std::span<char, address_text_size> out;
  size_t size = 0;

  void put(char c) { out[size++] = c; }
  void put_decimal(unsigned value) {
    if (value >= 10) put_decimal(value / 10);
    put(static_cast<char>('0' + value % 10));
  }
  void put_hex(unsigned value) {
    if (value >= 16) put_hex(value / 16);
    put("0123456789abcdef"[value % 16]);
  }
  std::string_view text() const { return {out.data(), size}; }
};

/// Reads four numbers from 0 to 255 without leading zeros, as inet_pton(3) does, but six times as
/// fast. A long rule file consists mostly of such addresses.
std::optional<Address> read_ipv4(std::string_view text) {
  const char* next = text.data();
  const char* const end = next + text.size();
  const auto digit = [&] { return next == end ? 10U : static_cast<unsigned>(*next - '0'); };
  uint32_t address = 0;
  for (unsigned numbers = 0; numbers < 4; ++numbers) {
    if (numbers > 0 && (next == end || *next++ != '.')) return {};
    unsigned number = digit();
    if (number > 9) return {};
    ++next;
    for (unsigned more; number != 0 && (more = digit()) <= 9; ++next) {
      number = number * 10 + more;
      if (number > 255) return {};
    }
    address = address << 8 | number;
  }
  if (next != end) return {};
  return Address{0, address, Family::ipv4};
}

void put_ipv4(Writer& writer, const Address& address) {
  for (unsigned shift = 24;; shift -= 8) {
    writer.put_decimal(static_cast<unsigned>(address.low >> shift & 0xff));
    if (shift == 0) break;
    writer.put('.');
  }
}

uint16_t group(const Address& address, unsigned index) {
  const uint64_t half = index < 4 ? address.high : address.low;
  return static_cast<uint16_t>(half >> (48 - 16 * (index % 4)));
}

/// The longest run of two or more zero groups; the first one if several are as long (RFC
/// 5952, 4.2).
struct ZeroRun {
  unsigned first = 8;
  unsigned count = 1;
};

ZeroRun longest_zero_run(const Address& address) {
  ZeroRun best;
  for (unsigned i = 0; i < 8; ++i) {
    unsigned end = i;
    while (end < 8 && group(address, end) == 0) ++end;
    if (end - i > best.count) best = {i, end - i};
    if (end > i) i = end - 1;
  }
  return best;
}

void put_ipv6(Writer& writer, const Address& address) {
  const ZeroRun zeros = longest_zero_run(address);
  for (unsigned i = 0; i < 8; ++i) {
    if (i == zeros.first) {
      writer.put(':');
      writer.put(':');
      i += zeros.count - 1;
      continue;
    }
    if (i > 0 && i != zeros.first + zeros.count) writer.put(':');
    writer.put_hex(group(address, i));
  }
}

void put_address(Writer& writer, const Address& address) {
  if (address.family == Family::ipv4) {
    put_ipv4(writer, address);
  } else {
    put_ipv6(writer, address);
  }
}

}  // namespace

Address from_ipv4_bytes(std::span<const uint8_t, 4> bytes) {
  uint64_t low = 0;
  for (const uint8_t byte : bytes) low = low << 8 | byte;
  return {0, low, Family::ipv4};
}

std::array<uint8_t, 4> ipv4_bytes(const Address& address) {
  std::array<uint8_t, 4> bytes;
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(address.low >> (24 - 8 * i));
  return bytes;
}

std::array<uint8_t, 16> ipv6_bytes(const Address& address) {
  std::array<uint8_t, 16> bytes;
  const bool mapped = address.family == Family::ipv4;
  write_big_endian(address.high, bytes.data());
  write_big_endian(mapped ? address.low | mapped_low : address.low, bytes.data() + 8);
  return bytes;
}

bool is_multicast(const Address& address) {
  if (address.family == Family::ipv4) return address.low >> 28 == 0xe;
  return address.high >> 56 == 0xff;
}

Address first_address(const Address& address, unsigned length) {
  const HostBits host = host_bits(address.family, length);
  return {address.high & ~host.high, address.low & ~host.low, address.family};
}

Address last_address(const Address& address, unsigned length) {
  const HostBits host = host_bits(address.family, length);
  return {address.high | host.high, address.low | host.low, address.family};
}

std::optional<Address> read_address(std::string_view text) {
  if (const std::optional<Address> ipv4 = read_ipv4(text)) return ipv4;
  char copy[address_text_size];
  if (text.size() >= sizeof copy || text.find(':') == text.npos || text.find('\0') != text.npos) {
    return {};
  }
  *std::copy(text.begin(), text.end(), copy) = '\0';
  uint8_t bytes[16];
  if (inet_pton(AF_INET6, copy, bytes) == 1) return from_ipv6_bytes(bytes);
  return {};
}

bool is_mapped_spelling(std::string_view text) {
  if (text.find(':') == text.npos) return false;
  const std::optional<Address> address = read_address(text);
  return address && address->family == Family::ipv4;
}

std::string_view write_address(const Address& address, std::span<char, address_text_size> out) {
  Writer writer{out};
  put_address(writer, address);
  return writer.text();
}

std::string_view write_endpoint(const Address& address, uint16_t port,
                                std::span<char, address_text_size> out) {
  Writer writer{out};
  const bool brackets = address.family == Family::ipv6;
  if (brackets) writer.put('[');
  put_address(writer, address);
  if (brackets) writer.put(']');
  writer.put(':');
  writer.put_decimal(port);
  return writer.text();
}

}  // namespace clusterbind
