#include "bench/delay.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "bench/clock.h"
#include "bench/failure.h"

namespace clusterbind::bench {
namespace {

constexpr const char* device = "far";

struct Packet {
  int64_t due = 0;
  std::vector<char> bytes;
};

Descriptor open_tun() {
  Descriptor tun(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  // In a chroot or a container the device is often missing.
  if (!tun) throw Failure(std::string("/dev/net/tun: ") + std::strerror(errno), status_unavailable);
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, device, sizeof request.ifr_name - 1);
  if (ioctl(tun.get(), TUNSETIFF, &request) != 0) throw system_failure("TUNSETIFF");
  return tun;
}

// Exchanges source and destination of an IPv4 packet; returns false for other packets.
bool turn_around(std::vector<char>& packet) {
  constexpr std::ptrdiff_t source = 12, destination = 16, end = 20;
  if (packet.size() < end || (packet[0] >> 4 & 0xf) != 4) return false;
  std::swap_ranges(packet.begin() + source, packet.begin() + destination,
                   packet.begin() + destination);
  return true;
}

void read_packets(int tun, int64_t delay_ns, std::deque<Packet>& waiting) {
  std::vector<char> buffer(65536);
  ssize_t got = 0;
  while ((got = read(tun, buffer.data(), buffer.size())) > 0) {
    Packet packet{now_ns() + delay_ns, {buffer.begin(), buffer.begin() + got}};
    if (turn_around(packet.bytes)) waiting.push_back(std::move(packet));
  }
}

[[noreturn]] void serve(int tun, int64_t delay_ns) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_TIMERSLACK, 1UL);  // the default of 50 microseconds would be a quarter of 0.2 ms
  std::deque<Packet> waiting;
  for (;;) {
    timespec wait{};
    if (!waiting.empty()) {
      const int64_t left = std::max<int64_t>(waiting.front().due - now_ns(), 0);
      wait = {left / 1'000'000'000, left % 1'000'000'000};
    }
    pollfd ready{tun, POLLIN, 0};
    if (ppoll(&ready, 1, waiting.empty() ? nullptr : &wait, nullptr) < 0) _exit(1);
    read_packets(tun, delay_ns, waiting);
    while (!waiting.empty() && waiting.front().due <= now_ns()) {
      const std::vector<char>& bytes = waiting.front().bytes;
      if (write(tun, bytes.data(), bytes.size()) < 0) _exit(1);
      waiting.pop_front();
    }
  }
}

}  // namespace

DelayedNetwork::DelayedNetwork(double round_trip_ms) : network_(Network::make()) {
  const std::string ip = need_program("ip", "iproute2");
  const std::string half = fmt::format("{:.0f}us", round_trip_ms * 500);
  Command netem;
  netem.arguments = {
      need_program("tc", "iproute2"), "qdisc", "add", "dev", "lo", "root", "netem", "delay", half};
  netem.network = &network_;
  const bool has_netem = bench::run(netem, 20).status == 0;
  if (!has_netem) relay(round_trip_ms);
  const char* carrier = has_netem ? "lo" : device;
  network_.run({ip, "address", "add", fmt::format("{}/24", Link::node_address), "dev", carrier});
  network_.run({ip, "address", "add", fmt::format("{}/32", Link::source_address), "dev", carrier});
  if (has_netem)
    network_.run({ip, "address", "add", fmt::format("{}/32", Link::peer_address), "dev", carrier});
  network_.run({ip, "link", "set", carrier, "up"});
}

void DelayedNetwork::relay(double round_trip_ms) {
  const VisitNetwork visit(&network_);
  const Descriptor tun = open_tun();
  const pid_t pid = fork();
  if (pid < 0) throw system_failure("fork");
  if (pid == 0) serve(tun.get(), static_cast<int64_t>(round_trip_ms * 500'000));
  relay_ = Process(pid);
  how_ = "a TUN device, as this kernel has no netem";
}

}  // namespace clusterbind::bench
