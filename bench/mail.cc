// mail: messages per second of Postfix's smtp-source against its smtp-sink.
#include <fmt/format.h>
#include <poll.h>

#include <vector>

#include "bench/bounds.h"
#include "bench/clock.h"
#include "bench/connection.h"
#include "bench/failure.h"
#include "bench/machine.h"
#include "bench/network.h"
#include "bench/parts.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/ruletexts.h"
#include "bench/statistics.h"
#include "bench/svg.h"

namespace clusterbind::bench {
namespace {

constexpr const char* address = "127.0.0.1";
constexpr const char* source = "127.0.0.25";

// A port that nobody has now; whoever listens there next is smtp-sink.
uint16_t free_port() {
  return port_of(listen_at(0, 1).get());
}

bool answers(uint16_t port) {
  const Endpoint sink = endpoint(address, port);
  const Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(fd.get(), sink.address(), sink.length) == 0;
}

Process start_sink(uint16_t port) {
  Command command;
  command.arguments = {need_program("smtp-sink", "postfix")};
  if (geteuid() == 0) command.arguments.insert(command.arguments.end(), {"-u", "nobody"});
  command.arguments.insert(command.arguments.end(), {fmt::format("{}:{}", address, port), "1000"});
  Process sink = start(command);
  const Deadline deadline(10);
  while (!answers(port)) {
    end_if_interrupted();
    if (deadline.passed() || !sink.running()) throw Failure("smtp-sink does not listen");
    poll(nullptr, 0, 10);
  }
  return sink;
}

double messages_per_second(Command command, unsigned messages) {
  const int64_t begin = now_ns();
  const Outcome outcome = run(std::move(command), 120);
  if (outcome.status != 0) throw Failure("smtp-source failed: " + outcome.output);
  return messages / (static_cast<double>(now_ns() - begin) / 1e9);
}

struct Rates {
  std::vector<double> plain;
  std::vector<double> again;  // the same once more: what the noise does to the ratio
  std::vector<double> library;
};

Rates measure(const Options& options, unsigned messages) {
  const std::string smtp_source = need_program("smtp-source", "postfix");
  const std::string library = find_library(options.library);
  const uint16_t port = free_port();
  const Process sink = start_sink(port);
  Command plain;
  // Four sessions side by side; each message has a connection of its own.
  plain.arguments = {smtp_source,
                     "-s",
                     "4",
                     "-l",
                     "4096",
                     "-m",
                     std::to_string(messages),
                     "-f",
                     "sender@example.org",
                     "-t",
                     "recipient@example.net",
                     fmt::format("{}:{}", address, port)};
  Command preloaded_source = plain;
  preloaded_source.environment = preloaded(library, mail_rules(source, "127.0.0.0/8", port));

  Rates rates;
  const std::pair<const Command*, std::vector<double>*> kinds[] = {
      {&plain, &rates.plain}, {&plain, &rates.again}, {&preloaded_source, &rates.library}};
  const Deadline deadline(options.seconds_or(120));
  const unsigned rounds = options.rounds_or(300, 2);
  for (unsigned round = 0; round < rounds && (round == 0 || !deadline.passed()); ++round)
    for (unsigned slot = 0; slot < 3; ++slot) {
      const auto& [command, rate] = kinds[place_in_round(slot, round, 3)];
      rate->push_back(messages_per_second(*command, messages));
    }
  return rates;
}

}  // namespace

int run_mail(const Options& options) {
  print_head("Mail: smtp-source to smtp-sink, one connection for each message");
  const Rates rates = measure(options, options.smoke ? 20 : 250);
  const Interval again = bootstrap_median(ratios(rates.again, rates.plain));
  const Interval library = bootstrap_median(ratios(rates.library, rates.plain));
  fmt::print("plain    {:8.0f} messages/s\n", median(rates.plain));
  fmt::print("library  {:8.0f} messages/s\n", median(rates.library));
  fmt::print("ratio library/plain      {:.3f} [{:.3f}, {:.3f}]\n", library.estimate, library.low,
             library.high);
  fmt::print("ratio plain again/plain  {:.3f} [{:.3f}, {:.3f}]\n", again.estimate, again.low,
             again.high);
  return finish(
      options, "mail",
      {{"messages per second, ratio", library.estimate, bounds::mail_ratio, true, "of plain"}},
      [&](tool::Json& json) {
        json.add("rounds", rates.plain.size());
        json.add("plain_per_s", median(rates.plain));
        json.add("library_per_s", median(rates.library));
        write_interval(json, "ratio", library);
        write_interval(json, "control", again);
      },
      [&] {
        const std::vector<Distribution> kinds = {{"plain", "", rates.plain},
                                                 {"plain again", "", rates.again},
                                                 {"library", "", rates.library}};
        return distributions_svg({"Mail: smtp-source to smtp-sink", Machine::here().line()},
                                 "messages per second", kinds);
      });
}

}  // namespace clusterbind::bench
