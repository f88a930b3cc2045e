// Compares our reading and printing of addresses with inet_pton and inet_ntop.
#include "config/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>

#include "tests/catch.h"

namespace clusterbind {
namespace {

using Bytes16 = std::array<uint8_t, 16>;

std::string written(const Address& address) {
  char text[address_text_size];
  return std::string(write_address(address, text));
}

std::string endpoint(const char* address, uint16_t port) {
  char text[address_text_size];
  return std::string(write_endpoint(read_address(address).value(), port, text));
}

Bytes16 system_bytes(const char* text) {
  Bytes16 bytes{};
  uint8_t ipv4[4];
  if (inet_pton(AF_INET6, text, bytes.data()) == 1) return bytes;
  REQUIRE(inet_pton(AF_INET, text, ipv4) == 1);
  bytes[10] = bytes[11] = 0xff;
  std::memcpy(&bytes[12], ipv4, 4);
  return bytes;
}

std::string system_text(const Bytes16& bytes) {
  char text[INET6_ADDRSTRLEN];
  REQUIRE(inet_ntop(AF_INET6, bytes.data(), text, sizeof text) != nullptr);
  return text;
}

TEST_CASE("An address is read as by inet_pton") {
  const char* const texts[] = {"192.0.2.25",
                               "0.0.0.0",
                               "255.255.255.255",
                               "127.0.0.1",
                               "2001:db8::25",
                               "::",
                               "::1",
                               "1::",
                               "2001:DB8:0:0:8:800:200C:417A",
                               "::ffff:192.0.2.25",
                               "::ffff:c000:219",
                               "::192.0.2.25",
                               "64:ff9b::192.0.2.33",
                               "2001:0db8:0000:0000:0000:0000:255.255.255.255",
                               "fe80::1:2:3:4",
                               "ff02::1"};
  for (const char* text : texts) {
    CAPTURE(text);
    const auto address = read_address(text);
    REQUIRE(address);
    CHECK(ipv6_bytes(*address) == system_bytes(text));
  }
}

TEST_CASE("What inet_pton rejects is no address") {
  const std::string texts[] = {"",
                               " ",
                               "1",
                               "192.0.2",
                               "192.0.2.25.1",
                               "192.0.2.256",
                               "192.0.2.025",
                               "192.0.2.25 ",
                               " 192.0.2.25",
                               "0xc0.0.2.25",
                               "192.0.2.",
                               ".192.0.2.25",
                               "192..2.25",
                               "3221226009",
                               "[2001:db8::1]",
                               "fe80::1%lo",
                               "2001:db8:::1",
                               "2001:db8::1::2",
                               ":1:2:3:4:5:6:7",
                               "1:2:3:4:5:6:7:",
                               "1:2:3:4:5:6:7",
                               "1:2:3:4:5:6:7:8:9",
                               "12345::",
                               "2001:db8::g",
                               ":",
                               ":::",
                               "::ffff:192.0.2.025",
                               "::192.0.2.25:1",
                               "smtp.example.com",
                               std::string("192.0.2.25\0", 11),
                               std::string("192.0.2.25\0x", 12),
                               std::string(47, '1'),
                               std::string(48, ':'),
                               std::string(4096, '1')};
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK_FALSE(read_address(text));
    CHECK_FALSE(is_mapped_spelling(text));
  }
}

TEST_CASE("Texts similar to addresses are accepted exactly if inet_pton accepts them") {
  std::mt19937 random(1);
  const char letters[] = "0123459.:fF%/ ";
  size_t right = 0;
  for (int i = 0; i < 400000; ++i) {
    const char* const right_texts[] = {
        "192.0.2.25",          "2001:db8::ffff:1.2.3.4", "::",
        "::ffff:0:1",          "1:2:3:4:5:6:7::",        "1:20:300:4000:5:6:7:8",
        "1:2:3:4:5:6:1.2.3.4", "::2:3:4:5:6:7:8"};
    std::string text = right_texts[static_cast<size_t>(i) % std::size(right_texts)];
    for (auto edits = random() % 3 + 1; edits > 0; --edits) {
      const size_t at = random() % text.size();
      const char letter = letters[random() % (sizeof letters - 1)];
      if (random() % 2 == 0) {
        text[at] = letter;
      } else {
        text.insert(at, 1, letter);
      }
    }
    uint8_t bytes[16];
    const bool known = inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
                       inet_pton(AF_INET6, text.c_str(), bytes) == 1;
    const auto address = read_address(text);
    if (address.has_value() != known ||
        (known && ipv6_bytes(*address) != system_bytes(text.c_str()))) {
      FAIL("read differently: " << text);
    }
    right += known ? 1 : 0;
  }
  CHECK(right > 1000);
}

TEST_CASE("An IPv4-mapped address is the IPv4 address") {
  CHECK(read_address("::ffff:192.0.2.25") == read_address("192.0.2.25"));
  CHECK(read_address("::ffff:c000:219") == read_address("192.0.2.25"));
  CHECK(read_address("::192.0.2.25") != read_address("192.0.2.25"));
  CHECK(is_mapped_spelling("::ffff:192.0.2.25"));
  CHECK(is_mapped_spelling("::FFFF:0:0"));
  CHECK_FALSE(is_mapped_spelling("192.0.2.25"));
  CHECK_FALSE(is_mapped_spelling("2001:db8::25"));
  CHECK_FALSE(is_mapped_spelling("::"));
}

TEST_CASE("IPv6 addresses are written as RFC 5952 recommends") {
  // The examples of the RFC, and both extremes of every rule in its section 4.
  const std::pair<const char*, const char*> table[] = {
      {"2001:0db8::0001", "2001:db8::1"},
      {"2001:db8::0:1", "2001:db8::1"},
      {"2001:DB8::ABCD", "2001:db8::abcd"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"1:0:0:0:0:0:0:0", "1::"},
      {"0:1:0:0:0:0:0:0", "0:1::"},
      {"0:0:1:2:3:4:5:6", "::1:2:3:4:5:6"},
      {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
      {"0:1:2:3:4:5:6:0", "0:1:2:3:4:5:6:0"},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}};
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    CHECK(written(read_address(text).value()) == expected);
  }
}

TEST_CASE("Random addresses are written as inet_ntop writes them") {
  std::mt19937 random(2);
  for (int i = 0; i < 100000; ++i) {
    Bytes16 bytes{};
    for (size_t group = 0; group < 16; group += 2) {
      if (random() % 2 == 0) continue;  // many groups of zeros are the difficult case
      bytes[group] = static_cast<uint8_t>(random() % 3 == 0 ? 0 : random());
      bytes[group + 1] = static_cast<uint8_t>(random());
    }
    // inet_ntop writes addresses in ::/96 with dots; we write them like every other IPv6 address.
    if (std::all_of(bytes.begin(), bytes.begin() + 12, [](uint8_t byte) { return byte == 0; })) {
      continue;
    }
    const Address address = from_ipv6_bytes(bytes);
    if (ipv6_bytes(address) != bytes) FAIL("other bytes: " << system_text(bytes));
    if (address.family == Family::ipv6 && written(address) != system_text(bytes)) {
      FAIL(written(address) << " is not " << system_text(bytes));
    }
    if (read_address(written(address)) != address)
      FAIL("cannot be read back: " << written(address));
  }
}

TEST_CASE("Random IPv4 addresses are written as inet_ntop writes them") {
  std::mt19937 random(3);
  for (int i = 0; i < 100000; ++i) {
    const auto number = static_cast<uint32_t>(random());
    uint8_t bytes[4];
    std::memcpy(bytes, &number, 4);
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, bytes, text, sizeof text);
    const Address address = from_ipv4_bytes(bytes);
    const auto back = ipv4_bytes(address);
    if (written(address) != text || std::memcmp(back.data(), bytes, 4) != 0) FAIL(text);
  }
}

TEST_CASE("An endpoint has brackets only around IPv6 addresses, and the longest one fits") {
  CHECK(endpoint("192.0.2.7", 25) == "192.0.2.7:25");
  CHECK(endpoint("255.255.255.255", 65535) == "255.255.255.255:65535");
  CHECK(endpoint("2001:db8::7", 25) == "[2001:db8::7]:25");
  CHECK(endpoint("::ffff:192.0.2.7", 0) == "192.0.2.7:0");
  CHECK(endpoint("1111:2222:3333:4444:5555:6666:7777:8888", 65535) ==
        "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
}

TEST_CASE("Loopback, wildcard and multicast addresses are recognised up to their ends") {
  struct Row {
    const char* address;
    bool loopback, wildcard, multicast;
  };
  const Row table[] = {{"0.0.0.0", false, true, false},
                       {"0.0.0.1", false, false, false},
                       {"126.255.255.255", false, false, false},
                       {"127.0.0.0", true, false, false},
                       {"127.255.255.255", true, false, false},
                       {"128.0.0.0", false, false, false},
                       {"223.255.255.255", false, false, false},
                       {"224.0.0.0", false, false, true},
                       {"239.255.255.255", false, false, true},
                       {"240.0.0.0", false, false, false},
                       {"255.255.255.255", false, false, false},
                       {"::", false, true, false},
                       {"::1", true, false, false},
                       {"::2", false, false, false},
                       {"1::1", false, false, false},
                       {"::7f00:1", false, false, false},
                       {"::ffff:127.0.0.1", true, false, false},
                       {"::ffff:0.0.0.0", false, true, false},
                       {"::ffff:224.0.0.1", false, false, true},
                       {"feff::", false, false, false},
                       {"ff00::", false, false, true},
                       {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false, false, true}};
  for (const Row& row : table) {
    CAPTURE(row.address);
    const Address address = read_address(row.address).value();
    CHECK(is_loopback(address) == row.loopback);
    CHECK(is_wildcard(address) == row.wildcard);
    CHECK(is_multicast(address) == row.multicast);
  }
}

TEST_CASE("The first and last address of each prefix length, bit by bit") {
  for (const char* text : {"170.85.170.85", "aaaa:5555:aaaa:5555:aaaa:5555:aaaa:5555"}) {
    const Address address = read_address(text).value();
    const unsigned most = bits(address.family);
    const unsigned skipped = 128 - most;
    for (unsigned length = 0; length <= most; ++length) {
      CAPTURE(text, length);
      const auto given = ipv6_bytes(address);
      const auto first = ipv6_bytes(first_address(address, length));
      const auto last = ipv6_bytes(last_address(address, length));
      for (unsigned bit = 0; bit < 128; ++bit) {
        const auto at = [bit](const Bytes16& bytes) { return bytes[bit / 8] >> (7 - bit % 8) & 1; };
        const bool kept = bit < skipped + length;
        if (at(first) != (kept ? at(given) : 0) || at(last) != (kept ? at(given) : 1)) {
          FAIL("bit " << bit);
        }
      }
    }
  }
}

}  // namespace
}  // namespace clusterbind
