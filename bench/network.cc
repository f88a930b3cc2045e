#include "bench/network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <fstream>

#include "bench/failure.h"
#include "bench/process.h"

namespace clusterbind::bench {
namespace {

Descriptor current_network() {
  Descriptor current(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!current) throw system_failure("/proc/self/ns/net");
  return current;
}

void switch_to(const Descriptor& network) {
  if (setns(network.get(), CLONE_NEWNET) != 0) throw system_failure("setns");
}

}  // namespace

VisitNetwork::VisitNetwork(const Network* network) {
  if (network == nullptr) return;
  home_ = current_network();
  network->enter();
}

VisitNetwork::~VisitNetwork() {
  if (home_) setns(home_.get(), CLONE_NEWNET);
}

Network Network::make() {
  const Descriptor home = current_network();
  if (unshare(CLONE_NEWNET) != 0) throw system_failure("a network namespace (root is needed)");
  Network made(current_network());
  switch_to(home);
  made.run({need_program("ip", "iproute2"), "link", "set", "lo", "up"});
  return made;
}

bool Network::allowed() {
  const Descriptor home = current_network();
  if (unshare(CLONE_NEWNET) != 0) return false;
  switch_to(home);
  return true;
}

void Network::enter() const {
  switch_to(descriptor_);
}

void Network::run(std::vector<std::string> arguments) const {
  Command command;
  command.arguments = std::move(arguments);
  command.network = this;
  must_run(command);
}

std::string Network::path() const {
  return fmt::format("/proc/{}/fd/{}", getpid(), descriptor_.get());
}

void Network::set(const std::string& name, const std::string& value) const {
  const VisitNetwork visit(this);
  std::ofstream file("/proc/sys/net/" + name);
  file << value << std::flush;
  if (!file) throw system_failure("/proc/sys/net/" + name);
}

Link Link::make() {
  Link link{Network::make(), Network::make()};
  const std::string ip = need_program("ip", "iproute2");
  link.node.run({ip, "link", "add", "node", "type", "veth", "peer", "name", "peer"});
  link.node.run({ip, "link", "set", "peer", "netns", link.peer.path()});
  link.node.run({ip, "address", "add", fmt::format("{}/24", node_address), "dev", "node"});
  link.node.run({ip, "address", "add", fmt::format("{}/32", source_address), "dev", "node"});
  link.node.run({ip, "link", "set", "node", "up"});
  link.peer.run({ip, "address", "add", fmt::format("{}/24", peer_address), "dev", "peer"});
  link.peer.run({ip, "link", "set", "peer", "up"});
  return link;
}

Descriptor listen_at(uint16_t port, int backlog, const std::string& text) {
  Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener) throw system_failure("socket");
  // Accepted sockets inherit this option: none of them stays in FIN-WAIT or TIME-WAIT.
  const linger at_once{1, 0};
  setsockopt(listener.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, text.c_str(), &address.sin_addr);
  const unsigned first = port != 0 ? port : 20'000;
  const unsigned last = port != 0 ? port : ephemeral_ports().low - 1;
  for (unsigned candidate = first; candidate <= last; ++candidate) {
    address.sin_port = htons(static_cast<uint16_t>(candidate));
    if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        listen(listener.get(), backlog) == 0)
      return listener;
    if (errno != EADDRINUSE) break;
  }
  throw system_failure(fmt::format("listen on port {}", first));
}

uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    throw system_failure("getsockname");
  return ntohs(address.sin_port);
}

PortSpan ephemeral_ports() {
  PortSpan ports;
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  if (!(file >> ports.low >> ports.high)) return {32768, 60999};
  return ports;
}

}  // namespace clusterbind::bench
