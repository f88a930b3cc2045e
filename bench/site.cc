#include "bench/site.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include "bench/failure.h"

namespace clusterbind::bench {
namespace {

// The source address that the kernel chooses.
std::string usual_source(const Endpoint& destination) {
  const Descriptor fd(socket(destination.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  Endpoint source;
  source.length = sizeof source.storage;
  if (connect(fd.get(), destination.address(), destination.length) != 0 ||
      getsockname(fd.get(), reinterpret_cast<sockaddr*>(&source.storage), &source.length) != 0)
    throw system_failure("no way to " + text_of(destination));
  return text_of(source);
}

}  // namespace

void choose_site(Site& site, const Options& options) {
  Job& job = site.job;
  job.time_wait = options.time_wait;
  if (!options.destination.empty()) {
    job.destination = options.destination;
    job.port = options.port;
    job.source =
        options.source.empty() ? usual_source(endpoint(job.destination, job.port)) : options.source;
    site.where = fmt::format("{} port {}", job.destination, job.port);
    return;
  }
  const Network* listens_in = nullptr;
  if (options.delay_ms > 0) {
    site.delayed.emplace(options.delay_ms);
    site.network = listens_in = &site.delayed->network();
  } else if (options.against) {
    site.link.emplace(Link::make());
    site.network = &site.link->node;
    listens_in = &site.link->peer;
  }
  const bool own = site.network != nullptr;
  site.where = site.delayed ? fmt::format("a peer {} ms away", options.delay_ms)
               : own        ? "a peer behind veth"
                            : "loopback";
  job.destination = own ? Link::peer_address : "127.0.0.1";
  job.source = own ? Link::source_address : "127.0.0.25";
  {
    const VisitNetwork visit(listens_in);
    site.listener = listen_at(own ? Link::peer_port : 0, 4096);
  }
  job.port = port_of(site.listener.get());
  job.listener = site.listener.get();
  job.listener_tells = !site.delayed;
  job.where.network = site.network;
}

}  // namespace clusterbind::bench
