// What the library promises. Every part compares its figures with these; `--check` makes them
// count.
#pragma once

namespace clusterbind::bench::bounds {

// instructions: per call, user space only
constexpr double miss_instructions = 60;  // over a plain connect
constexpr double hit_instructions = 300;  // over the same four calls by hand

// latency, nanoseconds (medians of paired differences)
constexpr double miss_ns = 5;  // over plain, on a bad descriptor: elsewhere it can't be resolved
constexpr double hit_over_same = 50;  // over the same four calls by hand

// start, microseconds over the start of the same program without a preload
constexpr double start_10_rules = 100;
constexpr double start_1000_rules = 150;

// capacity
constexpr double spread_slowdown = 1.6;        // median connect against the first step's
constexpr double spread_fill = 0.99;           // up to this part of the ports
constexpr unsigned capacity_destinations = 4;  // every port of the range, to each of them

// rules
constexpr double lookup_100000_ns = 100;
constexpr double lookup_10_ns = 20;
constexpr double load_100000_ms = 50;
constexpr double load_10_us = 50;

// mail: messages per second with the library, as a ratio to those without
constexpr double mail_ratio = 0.99;

}  // namespace clusterbind::bench::bounds
