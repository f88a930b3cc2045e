#include "bench/rivals.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <filesystem>

#include "bench/failure.h"

namespace clusterbind::bench {
namespace {

std::unique_ptr<Rival> bare(const char* name, const char* note) {
  auto rival = std::make_unique<Rival>(Rival{name, note, true, Link::make(), {}, {}, {}});
  const VisitNetwork visit(&rival->link.peer);
  rival->listener = listen_at(Link::peer_port, 4096);
  return rival;
}

void set_up_nothing(Rival& rival) {
  rival.binds = false;
}

void set_up_conntrack(Rival& rival) {
  rival.binds = false;
  rival.link.node.run({need_program("nft", "nftables"),
                       "table ip bench { chain out { type filter hook output priority 0; "
                       "ct state new accept; }; }"});
}

void set_up_snat(Rival& rival) {
  rival.link.node.run(
      {need_program("nft", "nftables"),
       fmt::format("table ip bench {{ chain out {{ type nat hook postrouting priority 100; "
                   "tcp dport {} snat to {}; }}; }}",
                   Link::peer_port, Link::source_address)});
}

void set_up_route(Rival& rival) {
  rival.link.node.run({need_program("ip", "iproute2"), "route", "add", Link::peer_address, "dev",
                       "node", "src", Link::source_address});
}

void set_up_rule(Rival& rival) {
  const std::string ip = need_program("ip", "iproute2");
  rival.link.node.run({ip, "route", "add", Link::peer_address, "dev", "node", "src",
                       Link::source_address, "table", "100"});
  rival.link.node.run({ip, "rule", "add", "ipproto", "tcp", "dport",
                       std::to_string(Link::peer_port), "table", "100"});
}

// proxychains is told that the destination is local. It then passes connections on, and this is the
// cost of such an interposer when it has nothing to do.
void set_up_proxychains(Rival& rival) {
  rival.binds = false;
  need_program("proxychains4", "proxychains4");
  rival.configuration = std::make_unique<Descriptor>(memfd_create("proxychains.conf", 0));
  const std::string text = fmt::format(
      "strict_chain\nquiet_mode\nlocalnet {}/255.255.255.255\n[ProxyList]\nsocks4 127.0.0.1 9\n",
      Link::peer_address);
  const int fd = rival.configuration->get();
  if (write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw system_failure("memfd_create");
  rival.where.environment = {"LD_PRELOAD=libproxychains.so.4", "PROXYCHAINS_QUIET_MODE=1",
                             fmt::format("PROXYCHAINS_CONF_FILE=/proc/{}/fd/{}", getpid(), fd)};
}

struct Kind {
  const char* name;
  const char* note;
  void (*set_up)(Rival&);
};

constexpr Kind kinds[] = {
    {"plain elsewhere", "control: another process and namespace", set_up_nothing},
    {"plain elsewhere, again", "", set_up_nothing},
    {"conntrack", "connection tracking alone", set_up_conntrack},
    {"snat", "nftables, whole node, root", set_up_snat},
    {"route-src", "ip route ... src: by prefix, whole node, root", set_up_route},
    {"ip rule", "by port, whole node, root", set_up_rule},
    {"proxychains4", "an interposer that passes on, binds nothing", set_up_proxychains},
};

}  // namespace

std::vector<std::unique_ptr<Rival>> make_rivals(std::vector<std::string>& missing) {
  std::vector<std::unique_ptr<Rival>> rivals;
  for (const Kind& kind : kinds) {
    try {
      auto rival = bare(kind.name, kind.note);
      kind.set_up(*rival);
      rival->where.network = &rival->link.node;
      rivals.push_back(std::move(rival));
    } catch (const Failure& failure) {
      end_if_interrupted();
      missing.push_back(fmt::format("{}: not measured: {}", kind.name, failure.what()));
    }
  }
  return rivals;
}

}  // namespace clusterbind::bench
