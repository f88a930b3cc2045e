#include "config/tool/kernel/attach.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/kernel/bpf.h"
#include "config/tool/kernel/btf.h"
#include "config/tool/kernel/group.h"
#include "config/tool/kernel/proof.h"
#include "config/tool/kernel/rule_maps.h"
#include "config/tool/rules/report.h"

namespace clusterbind::tool {
namespace {

struct Hook {
  Family family;
  bpf_attach_type type;
};
constexpr std::array<Hook, 2> hooks = {
    {{Family::ipv4, BPF_CGROUP_INET4_CONNECT}, {Family::ipv6, BPF_CGROUP_INET6_CONNECT}}};

std::string kernel_release() {
  utsname names = {};
  uname(&names);
  return names.release;
}

/// Our programs on a group itself; with `effective` also those on the groups around it.
std::vector<Descriptor> ours_on(const Descriptor& group, const Hook& hook, bool effective = false) {
  std::vector<Descriptor> result;
  for (const uint32_t id : programs_on(group, hook.type, effective)) {
    Descriptor program = program_by_id(id);
    if (program.valid() && facts_of(program).name == program_name) {
      result.push_back(std::move(program));
    }
  }
  return result;
}

/// Loads a program of a few instructions, to find out what this kernel supports.
bool takes(const std::vector<bpf_insn>& program) {
  try {
    load_program(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT, program);
    return true;
  } catch (const Refused& refused) {
    if (refused.error != EINVAL) {
      throw;
    }
    return false;
  }
}

/// Whether a refused connection can have an errno of our choice. Throws if this kernel or this user
/// cannot attach at all.
bool probe_kernel() {
  Assembler nothing;
  nothing.exit(1);
  Assembler with_errno;
  with_errno.move(r1, -EADDRNOTAVAIL);
  with_errno.call(BPF_FUNC_set_retval);
  with_errno.exit(0);
  try {
    if (takes(nothing.finish())) {
      return takes(with_errno.finish());
    }
  } catch (const Refused& refused) {
    if (refused.error == EPERM || refused.error == EACCES) {
      throw CannotAttach("attach needs root, with the capabilities of the host's root");
    }
    if (refused.error != ENOSYS) {
      throw;
    }
  }
  throw CannotAttach(
      fmt::format("attach needs Linux 5.10, and better 5.18; this is {}", kernel_release()));
}

/// Whether programs may read the kernel's memory. They may not in lockdown mode,
/// kernel_lockdown(7).
bool may_read_kernel() {
  Assembler code;
  constexpr int place = -8;
  code.address_of(r1, place);
  code.move(r2, -place);
  code.move(r3, 0);
  code.call(BPF_FUNC_probe_read_kernel);
  code.exit(1);
  return takes(code.finish());
}

bool names_programs(const RuleText& rules) {
  return !rules.named_programs().empty() || rules.parsed().settings.only;
}

template <typename Condition>
bool any_rule(const RuleText& rules, const Condition& condition) {
  const auto& list = rules.parsed().rules;
  return std::any_of(list.begin(), list.end(), condition);
}

CannotAttach missing_offsets(const char* what) {
  return CannotAttach(
      fmt::format("{} cannot be in this kernel: it does not tell where it keeps what they need "
                  "(/sys/kernel/btf/vmlinux), or is locked down",
                  what));
}

/// What the program for these rules needs, and what this kernel provides.
ProgramTraits traits_for(const RuleText& rules, const RuleMaps& maps, bool sets_errors) {
  const bool binds = any_rule(rules, [](const Rule& rule) { return rule.action == Action::bind; });
  KernelOffsets offsets;
  if ((names_programs(rules) || binds) && may_read_kernel()) {
    offsets = read_kernel_offsets();
  }
  if (names_programs(rules) && !offsets.names) {
    throw missing_offsets("`program` and `only`");
  }
  if (any_rule(rules, [](const Rule& rule) { return rule.has_ipv6; }) && !offsets.socket) {
    throw missing_offsets("IPv6 source addresses");
  }
  ProgramTraits traits;
  traits.maps = maps.numbers();
  traits.bounds = maps.bounds();
  traits.name_size = maps.name_size();
  if (names_programs(rules)) {
    traits.names = offsets.names;
  }
  traits.socket = offsets.socket;
  traits.sets_errors = sets_errors;
  return traits;
}

Descriptor load(const ProgramTraits& traits, const Hook& hook, const RuleMaps& maps, bool verbose) {
  try {
    Descriptor program = load_program(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, hook.type,
                                      connect_program(traits, hook.family), verbose);
    bind_map(program, maps.text());
    return program;
  } catch (const Refused& refused) {
    throw CannotAttach(
        refused.error == E2BIG || refused.error == EFAULT
            ? "these rules are too much for this kernel's verifier: write fewer prefixes that "
              "contain each other"
            : fmt::format("{}{}", refused.what(), verbose ? "" : " (--verbose shows why)"),
        refused.log);
  }
}

/// Makes sure that only one attach or detach runs at a time. If /run is not writable, nothing is
/// locked, and the last one wins.
Descriptor lock() {
  Descriptor file(open("/run/clusterbind-attach.lock",
                       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600));
  while (file.valid() && flock(file.get(), LOCK_EX) != 0 && errno == EINTR) {
  }
  return file;
}

/// Refuses rules in a group around or within one that has rules: both would decide, one after the
/// other, and the outer group's rules would change the source that the inner group's have bound.
void refuse_nesting(const std::string& group, const Descriptor& folder) {
  const auto check = [](const std::string& other, const char* where) {
    if (has_rules(other)) {
      throw CannotAttach(
          fmt::format("{}, {} it, has rules already: `clusterbind detach --cgroup {}` "
                      "takes them away",
                      printable(other), where, printable(other)));
    }
  };
  for (const std::string& other : groups_around(group)) {
    check(other, "around");
  }
  for (const std::string& other : groups_within(group)) {
    check(other, "within");
  }
  for (const Hook& hook : hooks) {
    if (ours_on(folder, hook, true).size() > ours_on(folder, hook).size()) {
      throw CannotAttach("a group around it that cannot be seen from here has rules already");
    }
  }
}

/// Attaches both programs and checks that they decide. If anything fails, restores what was
/// attached before.
class Exchange {
 public:
  Exchange(const std::string& group, const Descriptor& folder) : group_(group), folder_(folder) {
    for (const Hook& hook : hooks) {
      old_.push_back(ours_on(folder, hook));
      if (old_.back().size() > 1) {
        throw CannotAttach(fmt::format("{} has two sets of rules: `clusterbind detach` it first",
                                       printable(group)));
      }
    }
  }

  void run(const std::vector<Descriptor>& programs, RuleMaps& maps, bool names) {
    size_t done = 0;
    try {
      for (; done < hooks.size(); ++done) {
        attach_program(folder_, hooks[done].type, programs[done], old_program(done));
      }
      prove(group_, maps, names);
    } catch (const std::exception& trouble) {
      while (done-- > 0) {
        put_back(done, programs[done]);
      }
      const auto* const refused = dynamic_cast<const Refused*>(&trouble);
      if (refused != nullptr && refused->error == EPERM) {
        throw CannotAttach(
            fmt::format("{}: a program of somebody else's has the group for itself (`bpftool "
                        "cgroup tree` shows "
                        "it): nothing was changed",
                        printable(group_)));
      }
      throw CannotAttach(fmt::format("{}: nothing was changed", trouble.what()));
    }
  }

 private:
  const Descriptor* old_program(size_t which) const {
    return old_[which].empty() ? nullptr : &old_[which][0];
  }
  void put_back(size_t which, const Descriptor& program) {
    if (const Descriptor* const old = old_program(which)) {
      attach_program(folder_, hooks[which].type, *old, &program);
    } else {
      detach_program(folder_, hooks[which].type, program);
    }
  }

  const std::string& group_;
  const Descriptor& folder_;
  std::vector<std::vector<Descriptor>> old_;  // for each hook: none or one
};

/// What these rules do in the library and not in the kernel.
Warnings warnings_for(const RuleText& rules, bool sets_errors) {
  Warnings result;
  const ParsedRules& parsed = rules.parsed();
  if (!sets_errors) {
    result.push_back(fmt::format(
        "this kernel, {}, gives a refused connection EPERM in place of its errno; Linux 5.18 has "
        "both",
        kernel_release()));
  }
  if (parsed.settings.log_given) {
    result.emplace_back("`log` does nothing in the kernel: clusterbind status counts");
  }
  if (parsed.settings.reload) {
    result.emplace_back("`reload` does nothing in the kernel: attach again");
  }
  if (parsed.settings.ports_spread) {
    result.emplace_back("`ports spread` does nothing in the kernel");
  }
  for (uint32_t i = 0; i < parsed.rules.size(); ++i) {
    if (parsed.rules[i].override_program) {
      result.push_back(
          fmt::format("{}: in the kernel `override` moves only sockets that have no port yet: for "
                      "others `else` "
                      "decides",
                      rule_place(rules, i)));
    }
  }
  if (any_rule(rules, [](const Rule& rule) { return rule.action == Action::bind; })) {
    result.emplace_back(
        "the kernel cannot move a socket that its program bound to a port of the wildcard address: "
        "`else` decides");
  }
  const auto setting = read_file("/proc/sys/net/ipv6/ip_nonlocal_bind", 16);
  const bool has_ipv6 = any_rule(rules, [](const Rule& rule) { return rule.has_ipv6; });
  if (has_ipv6 && setting && !setting->starts_with('0')) {
    result.emplace_back(
        "net.ipv6.ip_nonlocal_bind is on here: in the kernel an IPv6 source address then counts as "
        "missing, and `else` decides");
  }
  return result;
}

/// The map of an attached program that has this name.
Descriptor map_of(const ProgramFacts& facts, std::string_view name) {
  for (const uint32_t id : facts.maps) {
    Descriptor map = map_by_id(id);
    if (map.valid() && facts_of_map(map).name == name) {
      return map;
    }
  }
  throw std::runtime_error(fmt::format("an attached program has no map {}", name));
}

void read_text(const ProgramFacts& facts, Attachment& result) {
  const Descriptor map = map_of(facts, text_map_name);
  const MapFacts size = facts_of_map(map);
  const Mapping mapping(map, size.entries * size.value_size, false);
  const auto bytes = mapping.of<const char>();
  TextHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.text_size + header.name_size > bytes.size() - sizeof header) {
    throw std::runtime_error("an attached program has another version's rules");
  }
  result.text.assign(bytes.data() + sizeof header, header.text_size);
  result.name.assign(bytes.data() + sizeof header + header.text_size, header.name_size);
}

void read_counts(const ProgramFacts& facts, Attachment& result) {
  const Descriptor map = map_of(facts, counts_map_name);
  const MapFacts size = facts_of_map(map);
  if (size.value_size != sizeof(RuleCounts)) {
    throw std::runtime_error("an attached program has another version's counts");
  }
  const Mapping mapping(map, size.entries * sizeof(RuleCounts), false);
  const auto list = mapping.of<const RuleCounts>();
  result.counts.assign(list.begin(), list.end() - 1);  // the last one is for the proof
}

}  // namespace

Warnings attach_rules(const std::string& group, const RuleText& rules,
                      const AttachOptions& options) {
  lift_memory_limit();
  const bool sets_errors = probe_kernel();
  const Descriptor folder = open_group(group);
  const Descriptor locked = lock();
  refuse_nesting(group, folder);
  RuleMaps maps(rules, options.name.empty() ? rules.name() : options.name);
  const ProgramTraits traits = traits_for(rules, maps, sets_errors);
  std::vector<Descriptor> programs;
  for (const Hook& hook : hooks) {
    programs.push_back(load(traits, hook, maps, options.verbose));
  }
  Exchange(group, folder).run(programs, maps, traits.names.has_value());
  return warnings_for(rules, sets_errors);
}

bool detach_rules(const std::string& group) {
  const Descriptor folder = open_group(group);
  const Descriptor locked = lock();
  bool found = false;
  for (const Hook& hook : hooks) {
    for (const Descriptor& program : ours_on(folder, hook)) {
      detach_program(folder, hook.type, program);
      found = true;
    }
  }
  return found;
}

std::optional<Attachment> attachment_of(const std::string& group) {
  const Descriptor folder = open_group(group);
  const auto ipv4 = ours_on(folder, hooks[0]);
  const auto ipv6 = ours_on(folder, hooks[1]);
  if (ipv4.empty() && ipv6.empty()) {
    return std::nullopt;
  }
  Attachment result;
  result.group = group;
  result.has_ipv4 = !ipv4.empty();
  result.has_ipv6 = !ipv6.empty();
  // Both programs have the same maps.
  const ProgramFacts facts = facts_of(result.has_ipv4 ? ipv4[0] : ipv6[0]);
  read_text(facts, result);
  read_counts(facts, result);
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  result.age = static_cast<uint64_t>(now.tv_sec) - facts.loaded_ns / 1'000'000'000;
  return result;
}

bool has_rules(const std::string& group) {
  const Descriptor folder(open(group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // A group that has just been removed has no rules.
  return folder.valid() && std::any_of(hooks.begin(), hooks.end(), [&](const Hook& hook) {
           return !ours_on(folder, hook).empty();
         });
}

bool is_decided_by_rules(const std::string& group) {
  const Descriptor folder = open_group(group);
  return std::any_of(hooks.begin(), hooks.end(),
                     [&](const Hook& hook) { return !ours_on(folder, hook, true).empty(); });
}

}  // namespace clusterbind::tool
