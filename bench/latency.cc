// latency: the time for socket, connect and close in each way, all measured in one run.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "bench/clock.h"
#include "bench/failure.h"
#include "bench/kernel_rules.h"
#include "bench/parts.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/rivals.h"
#include "bench/ruletexts.h"
#include "bench/site.h"
#include "bench/worker.h"

namespace clusterbind::bench {
namespace {

// The rows of the main table, in this order. The rows of rivals follow.
enum Rows : int {
  plain,
  plain_again,
  app_bind,
  app_same,
  app_same_again,
  hit,
  plain_beside_miss,
  plain_beside_miss_again,
  miss,
};

struct Contestant {
  Way way;
  Row row;
  bool binds = false;  // the far end must see the rules' source address
};

// A worker, and the rows to which its times belong.
struct Group {
  Job job;
  Table* table;
  size_t first_row;
  std::vector<std::string> binding;  // for each way that must bind, the name of its row
  unsigned repeats = 1;              // turns that follow each other
  std::optional<Worker> worker{};
};

// The amount of measuring in one batch. Each batch has new processes, one for each group.
struct Effort {
  unsigned turns = 10;  // for each group, in alternation with the others
  unsigned rounds = 9;  // in a turn; their median counts
  unsigned repeats_of_miss = 4;
};

Effort effort_at(const Site& site, const Options& options) {
  if (options.smoke || site.is_remote() || site.delayed) return {1, 3, 1};
  return {};
}

Row hidden(const char* name, int baseline) {
  Row row{name, ""};
  row.baseline = baseline;
  row.hidden = true;
  return row;
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options), library_(find_library(options.library)) {
    choose_site(site_, options);
    effort_ = effort_at(site_, options);
    connections_.title = "To " + site_.where;
    add_ways();
    if (!options.other_library.empty()) add_other_library();
    if (options.against || (site_.is_loopback() && Network::allowed())) add_attach();
    if (options.against) add_rivals();
  }

  void measure(double seconds, double confidence) {
    const unsigned most = options_.batches_or(site_.is_remote() ? 30 : 1'000'000, 3);
    const Deadline deadline(seconds);
    Looks looks;
    for (unsigned batch = 0; batch < most && (batch == 0 || !deadline.passed()); ++batch) {
      measure_batch(batch);
      if (looks.due(batch + 1) && looks.settled(all_narrow(confidence)) && options_.batches == 0)
        break;
    }
  }

  int report(const Report& report) {
    const std::vector<Judged> verdicts = judge_all(report.confidence());
    print_sentence();
    if (!options_.brief) {
      const Interval call = bad_descriptors_.difference(1, 0);
      connections_.remarks.push_back(fmt::format(
          "A call that fails at once takes {:.0f} ns, and {} ns more where no rule matches.",
          bad_descriptors_.time(0), difference_text(call, decimals_for(call.width() / 2))));
      if (other_hit_ >= 0) compare_libraries();
      fmt::print("\n");
      report.print(connections_);
    }
    return report.finish(
        verdicts,
        [this](tool::Json& json) {
          json.add("where", site_.where);
          for (const Table* table : {&connections_, &bad_descriptors_}) {
            json.object(table == &connections_ ? "connections" : "bad_descriptor");
            write_table(json, *table);
            json.end();
          }
        },
        [this](const std::string& machine) {
          return plot_table(connections_, "What a connection to " + site_.where + " takes more",
                            machine);
        });
  }

 private:
  // The bounds are for loopback. Over a network, the noise is larger than the effect.
  std::vector<Judged> judge_all(double confidence) const {
    if (!site_.is_loopback()) return {};
    const double per_cent = 100 / connections_.time(plain);
    const auto over = [&](int row, int other) {
      return connections_.difference(row, other, confidence);
    };
    std::vector<Judged> result = {judged(bounds::hit, over(hit, app_same).times(per_cent)),
                                  judged(bounds::miss, over(miss, plain_beside_miss))};
    if (attach_hit_ >= 0)
      result.push_back(
          judged(bounds::attach_hit, over(attach_hit_, attach_plain_).times(per_cent)));
    if (attach_miss_ >= 0)
      result.push_back(judged(bounds::attach_miss, over(attach_miss_, attach_plain_)));
    return result;
  }

  bool all_narrow(double confidence) const {
    const std::vector<Judged> verdicts = judge_all(confidence);
    return !verdicts.empty() && std::none_of(verdicts.begin(), verdicts.end(),
                                             [](const Judged& one) { return one.cut_off; });
  }

  void print_sentence() const {
    const double usual = connections_.time(plain);
    const Interval more = connections_.difference(hit, plain, 0.99);
    const Interval none = connections_.difference(miss, plain_beside_miss, 0.99);
    const Interval per_cent = more.times(100 / usual);
    fmt::print(
        "A connection to {} takes {:.1f} µs here, {} µs ({} %) more where a rule binds it and {} "
        "µs "
        "more where none matches, with 99 % confidence.\n",
        site_.where, usual, range_text(more), range_text(per_cent), range_text(none));
  }

  void add_ways() {
    Job job = site_.job;
    job.where.environment = preloaded(library_, mail_rules(job.source, job.destination, job.port));
    add(job, connections_,
        {{Way::libc, {"plain", ""}},
         {Way::libc, hidden("plain again", plain)},
         {Way::app_bind, {"app-bind", "NO_PORT, bind by hand", plain, -1, plain_again}, true},
         {Way::app_same, {"app-same", "the library's calls by hand", plain, -1, plain_again}, true},
         {Way::app_same, hidden("app-same again", app_same), true},
         {Way::interposed,
          {"hit", "library, rule matches", plain, app_same, plain_again, app_same_again},
          true}});
    // A second process, because a process has one set of rules. It has its own plain rows for
    // comparison.
    job.where.environment =
        preloaded(library_, other_port_rules(job.source, job.destination, job.port));
    add(job, connections_,
        {{Way::libc, {"plain, there", "in the process of the next line"}},
         {Way::libc, hidden("plain, there, again", plain_beside_miss)},
         {Way::interposed,
          {"miss", "library, no rule matches: over plain, there", plain_beside_miss, -1,
           plain_beside_miss_again}}});
    // This bound is by far the smallest, so it needs the narrowest interval.
    groups_.back().repeats = effort_.repeats_of_miss;
    add(job, bad_descriptors_,
        {{Way::libc_bad_descriptor, {"plain", ""}},
         {Way::interposed_bad_descriptor, {"miss", "library, no rule matches", 0}}});
  }

  // The other library, in processes like those of the first one.
  void add_other_library() {
    const std::string library = find_library(options_.other_library);
    Job job = site_.job;
    job.where.environment = preloaded(library, mail_rules(job.source, job.destination, job.port));
    other_same_ = next_row();
    other_hit_ = other_same_ + 2;
    add(job, connections_,
        {{Way::app_same, {"app-same, there", "in the process of the next line"}, true},
         {Way::app_same, hidden("app-same, there, again", other_same_), true},
         {Way::interposed,
          {"other hit", "the other library, rule matches", -1, other_same_, -1, other_same_ + 1},
          true}});
    job.where.environment =
        preloaded(library, other_port_rules(job.source, job.destination, job.port));
    other_plain_ = next_row();
    add(job, connections_,
        {{Way::libc, {"plain, there", "in the process of the next line"}},
         {Way::libc, hidden("plain, there, again", other_plain_)},
         {Way::interposed,
          {"other miss", "the other library, no rule matches", other_plain_, -1,
           other_plain_ + 1}}});
  }

  // Compares, batch by batch, what each library adds in its own process.
  void compare_libraries() {
    const auto added = [this](int row, int base) {
      return differences(connections_.row(row).batches, connections_.row(base).batches);
    };
    const auto compared = [](const std::vector<double>& one, const std::vector<double>& other) {
      const Interval more = mean_interval(differences(one, other), 0.99);
      return difference_text(more, decimals_for(more.width() / 2));
    };
    connections_.remarks.push_back(fmt::format(
        "This library against the other one, with 99 % confidence: a match {} µs, no match {} µs.",
        compared(added(hit, app_same), added(other_hit_, other_same_)),
        compared(added(miss, plain_beside_miss), added(other_plain_ + 2, other_plain_))));
  }

  // Rules in the kernel apply to a control group. The worker attaches them to its own group and
  // detaches them again between two connections.
  void add_attach() {
    Job job = site_.job;
    const std::string rules[] = {mail_rules(job.source, job.destination, job.port),
                                 other_port_rules(job.source, job.destination, job.port)};
    try {
      group_.emplace();
      for (const std::string& text : rules)
        kernel_rules_.push_back(std::make_unique<KernelRules>(text));
    } catch (const Failure& failure) {
      end_if_interrupted();
      kernel_rules_.clear();
      connections_.remarks.push_back(fmt::format("attach: not measured: {}", failure.what()));
      return;
    }
    attach_plain_ = next_row();
    attach_hit_ = attach_plain_ + 2;
    attach_miss_ = attach_plain_ + 3;
    const int again = attach_plain_ + 1;
    const std::string& match = kernel_rules_[0]->folder();
    const std::string& no_match = kernel_rules_[1]->folder();
    job.where.cgroup = group_->folder();
    job.kernel_rules = {"", "", match, no_match};
    add(job, connections_,
        {{Way::libc, {"plain, group", "in the process of the next two lines"}},
         {Way::libc, hidden("plain, group, again", attach_plain_)},
         {Way::libc,
          {"attach, match", "rules in the kernel: over plain, group", attach_plain_, -1, again},
          true},
         {Way::libc,
          {"attach, no match", "rules in the kernel: over plain, group", attach_plain_, -1,
           again}}});
  }

  void add_rivals() {
    rivals_ = make_rivals(connections_.remarks);
    const int first = next_row();
    for (const auto& rival : rivals_) {
      Job job = site_.job;
      job.listener = rival->listener.get();
      job.where = rival->where;
      const bool control = next_row() <= first + 1;
      Row row{rival->name, rival->note, first, -1, first + 1};
      if (next_row() == first) row.baseline = row.baseline_control = -1;
      row.hidden = control && next_row() > first;
      add(job, connections_, {{Way::interposed, row, rival->binds}});
    }
  }

  int next_row() const { return static_cast<int>(connections_.rows.size()); }

  void add(const Job& job, Table& table, std::vector<Contestant> contestants) {
    Group group{job, &table, table.rows.size(), {}};
    group.job.ways.clear();
    for (Contestant& one : contestants) {
      group.job.ways.push_back(one.way);
      group.binding.push_back(one.binds ? one.row.name : "");
      table.rows.push_back(std::move(one.row));
    }
    groups_.push_back(std::move(group));
  }

  // Times of connections from a wrong source address would be worthless.
  static void check_sources(const Group& group) {
    for (size_t i = 0; i < group.binding.size(); ++i) {
      const std::string& seen = group.worker->sources()[i];
      if (!group.binding[i].empty() && seen != group.job.source)
        throw Failure(fmt::format("{}: the connection came from {} instead of {}", group.binding[i],
                                  seen, group.job.source));
    }
  }

  // The addresses at which a process and its libraries are loaded make a difference of some 50 ns
  // per connection. So each batch has new processes.
  void measure_batch(unsigned batch) {
    end_if_interrupted();
    for (Group& group : groups_) {
      group.worker.emplace(group.job);
      if (batch == 0) check_sources(group);
    }
    std::vector<std::vector<double>> turns(connections_.rows.size() + bad_descriptors_.rows.size());
    const auto count = static_cast<unsigned>(groups_.size());
    for (unsigned turn = 0; turn < effort_.turns; ++turn) {
      const unsigned number = batch * effort_.turns + turn;
      for (unsigned slot = 0; slot < count; ++slot) {
        Group& group = groups_[place_in_round(slot, number, count)];
        for (unsigned i = 0; i < group.repeats; ++i)
          measure_turn(group, number * group.repeats + i, turns);
      }
    }
    size_t at = 0;
    for (Table* table : {&connections_, &bad_descriptors_})
      for (Row& row : table->rows) row.batches.push_back(midmean(std::move(turns[at++])));
  }

  void measure_turn(Group& group, unsigned turn, std::vector<std::vector<double>>& turns) const {
    std::vector<double> times = group.worker->turn(turn, effort_.rounds);
    const bool bad = group.table == &bad_descriptors_;
    if (!bad)
      for (double& time : times) time /= 1000;
    const size_t first = group.first_row + (bad ? connections_.rows.size() : 0);
    for (size_t way = 0; way < group.job.ways.size(); ++way) {
      const auto begin = times.begin() + static_cast<std::ptrdiff_t>(way * effort_.rounds);
      std::vector<double> own(begin, begin + effort_.rounds);
      std::vector<double>& samples = group.table->rows[group.first_row + way].samples;
      samples.insert(samples.end(), own.begin(), own.end());
      turns[first + way].push_back(median(std::move(own)));
    }
  }

  const Options& options_;
  std::string library_;
  Site site_;
  Effort effort_;
  std::optional<ControlGroup> group_;
  std::vector<std::unique_ptr<KernelRules>> kernel_rules_;
  std::vector<std::unique_ptr<Rival>> rivals_;
  Table connections_{"", "µs", "plain", "app-same", {}, {}};
  Table bad_descriptors_{"", "ns", "plain", "", {}, {}};
  int attach_plain_ = -1, attach_hit_ = -1, attach_miss_ = -1;
  int other_same_ = -1, other_hit_ = -1, other_plain_ = -1;
  std::vector<Group> groups_;  // destroyed before the objects that they use
};

}  // namespace

int run_latency(const Options& options) {
  if ((options.against || options.delay_ms > 0) && !Network::allowed())
    throw Failure("network namespaces need root: start it with sudo", status_unavailable);
  Run run(options);
  const double seconds = options.seconds_or(240);
  const Report report(options, "latency", seconds);
  run.measure(seconds, report.confidence());
  return run.report(report);
}

}  // namespace clusterbind::bench
