#include "config/tool/connections/deviations.h"

#include <algorithm>
#include <set>

#include "config/tool/host/age.h"
#include "config/tool/host/files.h"
#include "config/tool/host/host.h"
#include "config/tool/host/process.h"
#include "config/tool/program/elf.h"

namespace clusterbind::tool {
namespace {

// If the rules name more programs than this, not all of them are tried for every connection.
constexpr size_t most_programs = 64;

bool is_incoming(const Connection& connection, const TcpSockets& sockets) {
  return std::binary_search(sockets.listening.begin(), sockets.listening.end(),
                            connection.local_port);
}

/// Whether the process has the library, with the rules as they are now, and connects through it.
struct LibraryState {
  bool is_there = false;
  std::string reason;  // why it does not, or what it did
  bool is_older_than_rules = false;
};

LibraryState library_state(const Owner& owner, const std::optional<timespec>& rules_changed) {
  if (owner.pid == 0) {
    return {false, "its process cannot be looked at"};
  }
  const Mapped mapped = mapped_library(owner.pid);
  if (!mapped.is_readable) {
    return {false, "its process cannot be looked at"};
  }
  if (mapped.library.empty()) {
    return {false, "the library is not in this process"};
  }
  if (const auto elf = read_elf(process_path(owner.pid, "exe")); elf && elf->is_go) {
    return {false, "a Go program connects without the C library"};
  }
  if (rules_changed && is_changed_since_start(owner.pid, *rules_changed)) {
    return {false, "the process was started before the rules were changed", true};
  }
  return {true, "the library left it alone"};
}

bool has_lost_its_owner(const Deviation& deviation) {
  return deviation.connection.inode != 0 && deviation.owner.pid == 0;
}

}  // namespace

uint32_t Auditor::violated_rule(const Connection& connection, std::string_view program) {
  if (rules_.excludes(program)) {
    return no_rule;
  }
  const Match match = views_.of(program).ruleset.lookup(connection.remote, connection.remote_port);
  const uint32_t found = match[Protocol::tcp];
  if (found == no_rule) {
    return no_rule;
  }
  const Rule& rule = rules_.parsed().rules[found];
  const bool is_bind = rule.action == Action::bind;
  const bool leaks = is_bind && !names_source(rule, rules_.parsed().sources, connection.local);
  return leaks ? found : no_rule;
}

bool Auditor::may_deviate(const Connection& connection) {
  return programs_.size() > most_programs || violated_rule(connection, {}) != no_rule ||
         std::any_of(programs_.begin(), programs_.end(), [&](std::string_view program) {
           return violated_rule(connection, program) != no_rule;
         });
}

bool Auditor::deviates_for_every_program(const Connection& connection, uint32_t& rule) {
  rule = violated_rule(connection, {});
  return rule != no_rule && programs_.size() <= most_programs &&
         std::all_of(programs_.begin(), programs_.end(), [&](std::string_view program) {
           return violated_rule(connection, program) != no_rule;
         });
}

/// The kernel does not say whether a program has bound its socket. But a socket whose address is
/// not the one that the kernel chooses was bound, and so was one with IP_BIND_ADDRESS_NO_PORT.
void Auditor::classify(Deviation& deviation) const {
  const Rule& rule = rules_.parsed().rules[deviation.rule];
  if (deviation.connection.inode == 0) {
    deviation.kind = Deviation::ended;
    deviation.reason = "no process holds it any more";
    return;
  }
  const LibraryState state = library_state(deviation.owner, changed_);
  deviation.reason = state.reason;
  deviation.is_older_than_rules = state.is_older_than_rules;
  if (rule.fallback == Fallback::direct) {
    deviation.kind = Deviation::else_direct;
    return;
  }
  const auto natural = kernels_choice(deviation.connection.remote);
  const bool was_bound =
      deviation.connection.no_port || (natural && *natural != deviation.connection.local);
  if (!rule.override_program && (was_bound || state.is_there)) {
    deviation.kind = Deviation::own_choice;
    deviation.reason = was_bound ? "the program bound it itself" : state.reason;
  }
}

void Auditor::judge(const Connection& connection, const Owners& owners, Survey& survey) {
  Deviation deviation;
  deviation.connection = connection;
  const auto owner = owners.by_inode.find(connection.inode);
  if (owner != owners.by_inode.end()) {
    deviation.owner = owner->second;
    deviation.rule = violated_rule(connection, base_name(owner->second.executable));
    if (deviation.rule == no_rule) {
      return;
    }
  } else if (!deviates_for_every_program(connection, deviation.rule)) {
    survey.undecided += connection.inode != 0 && !owners.is_complete ? 1 : 0;
    return;
  }
  deviation.wanted = source_of(rules_.parsed().rules[deviation.rule], connection.remote.family);
  classify(deviation);
  survey.deviations.push_back(std::move(deviation));
}

int Auditor::look(Survey& survey) {
  // A process may end between the two lists; the sockets that it held are then looked for again.
  constexpr int attempts = 2;
  for (int i = 0; i < attempts; ++i) {
    survey = {};
    if (const int error = look_once(survey); error != 0) {
      return error;
    }
    if (std::none_of(survey.deviations.begin(), survey.deviations.end(), has_lost_its_owner)) {
      break;
    }
  }
  return 0;
}

int Auditor::look_once(Survey& survey) {
  TcpSockets sockets;
  if (const int error = list_tcp(sockets); error != 0) {
    return error;
  }
  std::vector<Connection> suspects;
  std::set<uint32_t> inodes;
  for (const Connection& connection : sockets.connections) {
    if (is_incoming(connection, sockets)) {
      continue;
    }
    ++survey.outgoing;
    if (may_deviate(connection)) {
      suspects.push_back(connection);
      inodes.insert(connection.inode);
    }
  }
  inodes.erase(0);
  const Owners owners = find_owners(inodes);
  for (const Connection& connection : suspects) {
    judge(connection, owners, survey);
  }
  return 0;
}

}  // namespace clusterbind::tool
