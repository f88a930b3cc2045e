// The bounds that the project promises. The manual page and the README list the same bounds and no
// others.
#pragma once

#include <array>
#include <string_view>

namespace clusterbind::bench {

struct Bound {
  std::string_view part;  // the part of the benchmark that measures it
  std::string_view what;
  double limit = 0;
  std::string_view unit;
  bool at_least = false;  // the limit is a lower one, for a ratio
  bool counted = false;   // counted figures have no noise: they are the same in every run

  /// The size that the width of the interval is compared with.
  constexpr double size() const { return at_least ? 1 - limit : limit; }
};

namespace bounds {

inline constexpr std::string_view of_connection = "% of a connection on loopback";
inline constexpr std::string_view plain_rate = "of the messages per second without";

// Instructions per call, in user space.
inline constexpr Bound miss_instructions{
    "instructions", "no match, over plain", 60, "instructions", false, true};
inline constexpr Bound hit_instructions{
    "instructions", "match, over the same calls by hand", 300, "instructions", false, true};

inline constexpr Bound hit{"latency", "match, over the same calls by hand", 1, of_connection};
inline constexpr Bound miss{"latency", "no match, over plain", 0.1, "microseconds"};
inline constexpr Bound attach_hit{"latency", "attach, match, over plain", 1, of_connection};
inline constexpr Bound attach_miss{"latency", "attach, no match, over plain", 0.5, "microseconds"};

// The cost of preloading any library is the loader's, and differs between machines; so the bounds
// are for what is added to an empty library.
inline constexpr Bound start_10{"start", "10 rules, over an empty preload", 100, "microseconds"};
inline constexpr Bound start_1000{"start", "1,000 rules, over an empty preload", 1000,
                                  "microseconds"};

inline constexpr Bound lookup_10{"rules", "lookup among 10 rules, slowest mix", 20, "nanoseconds"};
inline constexpr Bound lookup_100000{"rules", "lookup among 100,000 rules, slowest mix", 100,
                                     "nanoseconds"};
inline constexpr Bound load_10{"rules", "load 10 rules, slowest mix", 50, "microseconds"};
inline constexpr Bound load_100000{"rules", "load 100,000 rules, slowest mix", 100, "milliseconds"};

inline constexpr Bound held{"capacity", "ports spread, connections held to 4 destinations",
                            1,          "of the ports to each",
                            true,       true};
inline constexpr Bound spread_1{"capacity",
                                "ports spread, 1 destination, slowest step up to 99 % of the ports",
                                1.6, "times idle"};
inline constexpr Bound spread_4{
    "capacity", "ports spread, 4 destinations, slowest step up to 99 % of the ports", 1.6,
    "times idle"};

inline constexpr Bound mail{"mail", "mail with the library", 0.97, plain_rate, true};
inline constexpr Bound attach_mail{"mail", "mail with attach", 0.99, plain_rate, true};

inline constexpr std::array all = {&miss_instructions,
                                   &hit_instructions,
                                   &hit,
                                   &miss,
                                   &attach_hit,
                                   &attach_miss,
                                   &start_10,
                                   &start_1000,
                                   &lookup_10,
                                   &lookup_100000,
                                   &load_10,
                                   &load_100000,
                                   &held,
                                   &spread_1,
                                   &spread_4,
                                   &mail,
                                   &attach_mail};

}  // namespace bounds
}  // namespace clusterbind::bench
