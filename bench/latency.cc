// latency: socket, connect and close, in every way, in interleaved rounds of one run.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "bench/bounds.h"
#include "bench/clock.h"
#include "bench/delay.h"
#include "bench/failure.h"
#include "bench/network.h"
#include "bench/parts.h"
#include "bench/report.h"
#include "bench/rivals.h"
#include "bench/ruletexts.h"
#include "bench/worker.h"

namespace clusterbind::bench {
namespace {

// Where a process and its libraries lie in memory is worth some 50 ns of a connection, and differs
// from one process to the next: so each run has many, one after the other.
constexpr unsigned processes = 40;

// Rows of the main table, in this order; rivals follow.
enum Rows : int { plain, plain_again, app_bind, app_same, hit, plain_beside_miss, miss };

struct Contestant {
  Way way;
  Row row;
  bool binds = false;  // the far end must see the source address
};

// A worker and the rows that its times go to.
struct Group {
  Job job;
  Worker worker;
  Table* table;
  size_t first_row;
};

// Where the connections go.
struct Site {
  std::optional<DelayedNetwork> delayed;
  std::optional<Link> link;
  const Network* network = nullptr;
  Descriptor listener;
  Job job;
};

// The address that the kernel would choose.
std::string usual_source(const Endpoint& destination) {
  const Descriptor fd(socket(destination.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  Endpoint source;
  source.length = sizeof source.storage;
  if (connect(fd.get(), destination.address(), destination.length) != 0 ||
      getsockname(fd.get(), reinterpret_cast<sockaddr*>(&source.storage), &source.length) != 0)
    throw system_failure("no way to " + text_of(destination));
  return text_of(source);
}

void choose_site(Site& site, const Options& options) {
  Job& job = site.job;
  job.time_wait = options.time_wait;
  if (!options.destination.empty()) {
    job.destination = options.destination;
    job.port = options.port;
    job.source =
        options.source.empty() ? usual_source(endpoint(job.destination, job.port)) : options.source;
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
  job.destination = own ? Link::peer_address : "127.0.0.1";
  job.source = own ? Link::source_address : "127.0.0.25";
  {
    const VisitNetwork visit(listens_in);
    site.listener = listen_at(own ? rival_port : 0, 4096);
  }
  job.port = port_of(site.listener.get());
  job.listener = site.listener.get();
  job.listener_tells = !site.delayed;
  job.where.network = site.network;
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options), library_(find_library(options.library)) {
    connections_.unit = bad_descriptors_.unit = "ns";
    connections_.baseline_name = bad_descriptors_.baseline_name = "plain";
    connections_.floor_name = "app-same";
    choose_site(site_, options);
    connections_.title = fmt::format("socket, connect and close to {}", where());
    bad_descriptors_.title = "connect on descriptor -1: the call alone";
    add_ways();
    if (options.against) add_rivals();
  }

  std::string where() const {
    if (!options_.destination.empty())
      return fmt::format("{} port {}", options_.destination, options_.port);
    if (site_.delayed) return fmt::format("a peer {} ms away", options_.delay_ms);
    return site_.link ? "a peer behind veth" : "loopback";
  }

  void measure() {
    const unsigned batch = options_.smoke || site_.delayed ? 3 : 8;
    const unsigned rounds = options_.rounds_or(options_.destination.empty() ? 4000 : 100, 3);
    const unsigned rounds_of_process = std::max(rounds / processes, 1U);
    connections_.rounds_of_process = bad_descriptors_.rounds_of_process = rounds_of_process;
    const Deadline deadline(options_.seconds_or(60));
    for (unsigned round = 0; round < rounds && (round == 0 || !deadline.passed()); ++round) {
      end_if_interrupted();
      const auto count = static_cast<unsigned>(groups_.size());
      if (round > 0 && round % rounds_of_process == 0)
        for (Group& group : groups_) group.worker = Worker(group.job);
      for (unsigned slot = 0; slot < count; ++slot)
        measure_group(groups_[place_in_round(slot, round, count)], round, batch);
    }
  }

  /// What a match costs, and how much of that the noise may be.
  void print_sentence() const {
    const Interval more = connections_.difference(hit, plain);
    const Interval noise = connections_.difference(plain_again, plain);
    const double usual = median(connections_.rows[plain].samples);
    fmt::print(
        "A connection to {} takes {:.1f} microseconds here, and {:.1f} to {:.1f} more ({:.0f} to "
        "{:.0f} %) where a rule binds it, with 95 % confidence; against itself it differs by "
        "{:.1f} to {:.1f}.\n",
        where(), usual / 1000, more.low / 1000, more.high / 1000, 100 * more.low / usual,
        100 * more.high / usual, noise.low / 1000, noise.high / 1000);
  }

  int report() {
    if (options_.brief) {
      print_sentence();
      return finish_with({});
    }
    print_table(connections_);
    fmt::print("\n{}\n", bad_descriptors_.title);
    print_table(bad_descriptors_);
    std::vector<Bound> bounds = {{"no match, over plain, on a bad descriptor",
                                  bad_descriptors_.difference(1, 0).estimate, bounds::miss_ns,
                                  false, "ns"}};
    // A network's own noise is larger than what this bound is about.
    if (site_.listener && !site_.delayed)
      bounds.push_back({"match, over the same calls by hand",
                        connections_.difference(hit, app_same).estimate, bounds::hit_over_same,
                        false, "ns"});
    return finish_with(bounds);
  }

  Table& connections() { return connections_; }

 private:
  int finish_with(const std::vector<Bound>& bounds) {
    return finish(
        options_, "latency", bounds,
        [this](tool::Json& json) {
          json.add("where", where());
          for (const Table* table : {&connections_, &bad_descriptors_}) {
            json.object(table == &connections_ ? "connections" : "bad_descriptor");
            write_table(json, *table);
            json.end();
          }
        },
        [this] { return plot_table(connections_); });
  }

  void add_ways() {
    Job job = site_.job;
    job.where.environment = preloaded(library_, mail_rules(job.source, job.destination, job.port));
    add(job, connections_,
        {{Way::libc, {"plain", "", {}, {}, -1, -1}},
         {Way::libc, {"plain again", "control: the noise", {}, {}, plain, -1}},
         {Way::app_bind, {"app-bind", "NO_PORT, bind by hand", {}, {}, plain, app_same}, true},
         {Way::app_same, {"app-same", "the library's calls by hand", {}, {}, plain, -1}, true},
         {Way::interposed, {"hit", "library, rule matches", {}, {}, plain, app_same}, true}});
    // A second process, since a process has one set of rules: with a plain of its own beside it.
    job.where.environment =
        preloaded(library_, other_port_rules(job.source, job.destination, job.port));
    add(job, connections_,
        {{Way::libc, {"plain beside miss", "", {}, {}, plain, -1}},
         {Way::interposed, {"miss", "library, no rule matches", {}, {}, plain_beside_miss, -1}}});
    connections_.remarks.push_back(
        "miss is compared with the plain of its own process, the line before it");
    add(job, bad_descriptors_,
        {{Way::libc_bad_descriptor, {"plain", "", {}, {}, -1, -1}},
         {Way::interposed_bad_descriptor, {"miss", "library, no rule matches", {}, {}, 0, -1}}});
  }

  void add_rivals() {
    rivals_ = make_rivals(connections_.remarks);
    for (const auto& rival : rivals_) {
      Job job = site_.job;
      job.listener = rival->listener.get();
      job.where = rival->where;
      add(job, connections_,
          {{Way::interposed, {rival->name, rival->note, {}, {}, plain, app_same}, rival->binds}});
    }
  }

  void add(Job& job, Table& table, std::vector<Contestant> contestants) {
    job.ways.clear();
    for (const Contestant& one : contestants) job.ways.push_back(one.way);
    Group group{job, Worker(job), &table, table.rows.size()};
    for (size_t i = 0; i < contestants.size(); ++i) {
      Contestant& one = contestants[i];
      // Figures of a connection that has the wrong source address would be worth nothing.
      const std::string& seen = group.worker.sources()[i];
      if (one.binds && seen != job.source)
        throw Failure(fmt::format("{}: the connection came from {} instead of {}", one.row.name,
                                  seen, job.source));
      table.rows.push_back(std::move(one.row));
    }
    groups_.push_back(std::move(group));
  }

  void measure_group(Group& group, unsigned round, unsigned batch) {
    const std::vector<double> times = group.worker.round(round, batch);
    for (size_t way = 0; way * batch < times.size(); ++way) {
      Row& row = group.table->rows[group.first_row + way];
      const auto begin = times.begin() + static_cast<std::ptrdiff_t>(way * batch);
      const std::vector<double> own(begin, begin + batch);
      row.samples.insert(row.samples.end(), own.begin(), own.end());
      row.rounds.push_back(median(own));
    }
  }

  const Options& options_;
  std::string library_;
  Site site_;
  std::vector<std::unique_ptr<Rival>> rivals_;
  Table connections_;
  Table bad_descriptors_;
  std::vector<Group> groups_;  // ended before what they use is removed
};

}  // namespace

int run_latency(const Options& options) {
  if ((options.against || options.delay_ms > 0) && !Network::allowed())
    throw Failure("network namespaces need root: start it with sudo", status_unavailable);
  Run run(options);
  if (!options.brief)
    print_head(fmt::format("Time of {}, in nanoseconds", run.connections().title));
  run.measure();
  return run.report();
}

}  // namespace clusterbind::bench
