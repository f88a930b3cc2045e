#include "tests/conformance/differences.h"

#include <cstring>
#include <regex>

namespace clusterbind::test {
namespace {

constexpr unsigned call = 1, result = 2, local = 4, state = 8;

bool has(const std::string& text, const char* pattern) {
  return std::regex_search(text, std::regex(pattern));
}
bool is(const Answer& answer, const char* word) {
  return has(" " + answer.history + " ", (std::string(" ") + word + " ").c_str());
}

bool connects(const Answer& answer) {
  return has(answer.call, "^connect | fast( |$)");
}
bool binds(const Answer& answer) {
  return has(answer.call, "^bind ");
}
// An address that the driver wrote as IPv6 counts as 0.0.0.0 if its family is IPv4 (2) or, for a
// datagram socket, missing (0): IPv4's address is at the place of the flow label, which is 0.
bool names_ipv4(const Answer& answer) {
  return has(answer.call, "[0-9]\\.[0-9]| family 2(,| |$)");
}
bool names_wildcard(const Answer& answer) {
  return has(answer.call, " (0\\.0\\.0\\.0|::) |:[^ ]* [0-9]+ family [02](,| |$)");
}

bool fails(const Answer& answer, const char* error) {
  return answer.result == std::string("-1 ") + error;
}
bool is_refused(const Answer& answer) {
  return fails(answer, "EADDRNOTAVAIL") || fails(answer, "EPERM");  // EPERM: before Linux 5.18
}
bool is_unbound(const Answer& answer) {
  return has(answer.local, "^(0\\.0\\.0\\.0|::) 0 ");
}
bool is_wildcard(const Answer& answer) {
  return has(answer.local, "^(0\\.0\\.0\\.0|::) ");
}
bool is_loopback(const Answer& answer) {
  return has(answer.local, "^(127\\.0\\.0\\.1|::1|::ffff:127\\.0\\.0\\.1) ");
}
/// Under the rules only.
bool is_v6only(const Answer& plain, const Answer& ruled) {
  // With MPTCP, the socket of the first path is bound and has the option.
  return is(ruled, "mptcp") ? is(ruled, "matched") : is(ruled, "v6only") && !is(plain, "v6only");
}

}  // namespace

const std::vector<Difference> differences = {
    {"the source stays after a connection that failed or is over", local,
     [](const Answer& plain, const Answer& ruled) {
       return is(ruled, "matched") && is(ruled, "source") && is_wildcard(plain) &&
              is_loopback(ruled);
     }},
    {"the source that stayed decides where 0.0.0.0 and :: lead", result | local | state,
     [](const Answer&, const Answer& ruled) {
       return is(ruled, "matched") && is(ruled, "source") && names_wildcard(ruled) &&
              (connects(ruled) || is(ruled, "datagram"));
     }},
    // getpeername does not show a peer with port 0, so that this is seen when the peer's errors
    // come.
    {"the source that stayed decides where 0.0.0.0 and :: lead", state,
     [](const Answer&, const Answer& ruled) {
       return is(ruled, "datagram") && is(ruled, "source") && has(ruled.state, "^ENOTCONN;");
     }},
    // SOCK_BINDADDR_LOCK of include/net/sock.h: a bind to the wildcard address does not clear it.
    {"what the kernel chooses stays where the rules had bound the socket before", local,
     [](const Answer& plain, const Answer& ruled) {
       return is(ruled, "matched") && !is(ruled, "source") && is_wildcard(plain) &&
              is_loopback(ruled);
     }},
    {"IPV6_V6ONLY is on after an IPv6 source", result | local | state,
     [](const Answer& plain, const Answer& ruled) {
       if (!is_v6only(plain, ruled)) return false;
       if (binds(ruled)) return true;
       return names_ipv4(ruled) && (fails(ruled, "ENETUNREACH") || fails(ruled, "EAFNOSUPPORT"));
     }},
    {"a raw socket is not reached: it meets other errors", result | state,
     [](const Answer&, const Answer& ruled) { return is(ruled, "raw"); }},
    {"else decides: the wildcard address with a port", result | local | state,
     [](const Answer&, const Answer& ruled) {
       return is_refused(ruled) && connects(ruled) && is_wildcard(ruled) && !is_unbound(ruled);
     }},
    {"else decides: a datagram socket with the address of an earlier connection",
     result | local | state,
     [](const Answer&, const Answer& ruled) {
       // A source address of the rule, of the destination's family, may stay.
       const bool has_source =
           is(ruled, "source") && has(ruled.local, "^::1 ") != names_ipv4(ruled);
       return is_refused(ruled) && is(ruled, "datagram") && !is_wildcard(ruled) && !has_source;
     }},
    {"else decides: a socket for IPv6 alone and an IPv4 destination", result | local,
     [](const Answer& plain, const Answer& ruled) {
       return is_refused(ruled) && is(plain, "v6only") && fails(plain, "ENETUNREACH");
     }},
};

Answer answer_of(const std::string& line) {
  std::string text = line;
  // Removes and returns the text before the first `mark`, and removes the mark; all of the text if
  // there is no mark.
  const auto take = [&text](const char* mark) {
    const size_t at = text.find(mark);
    std::string taken = text.substr(0, at);
    text.erase(0, at == std::string::npos ? at : at + std::strlen(mark));
    return taken;
  };
  Answer answer;
  answer.history = take("\t");
  answer.call = take(" = ");
  answer.result = take("; local ");
  answer.local = take("; peer ");
  answer.state = text;
  // Other programs would notice, by the connections that the socket accepts.
  if (has(answer.call, "^(bind|listen) ") && has(answer.result, "^0") && is(answer, "v6only"))
    answer.state += "; v6only";
  return answer;
}

unsigned differing_parts(const Answer& plain, const Answer& ruled) {
  return (plain.call == ruled.call ? 0 : call) | (plain.result == ruled.result ? 0 : result) |
         (plain.local == ruled.local ? 0 : local) | (plain.state == ruled.state ? 0 : state);
}

int row_of(const Answer& plain, const Answer& ruled) {
  const unsigned parts = differing_parts(plain, ruled);
  for (size_t i = 0; i < differences.size(); ++i) {
    const Difference& row = differences[i];
    if ((parts & ~row.parts) == 0 && row.is_met(plain, ruled)) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace clusterbind::test
