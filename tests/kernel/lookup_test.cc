// Compares the lookup in the kernel with the slow model: the very instructions that decide
// connections are run by BPF_PROG_RUN. Then each instruction in turn is changed, and the comparison
// must notice it.
//   kernel-lookup [RULE-TEXTS [QUESTIONS]]
#include <netinet/in.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "config/rule_text.h"
#include "config/tool/kernel/bpf.h"
#include "config/tool/kernel/program.h"
#include "config/tool/kernel/rule_maps.h"
#include "tests/unit/random_rules.h"

namespace clusterbind::test {
namespace {

using namespace clusterbind::tool;

struct Tally {
  size_t asked = 0;
  size_t matched = 0;
  size_t wrong = 0;
};

constexpr uint32_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6};

KernelQuestion question_of(const Bytes& destination, uint16_t port, uint32_t protocol,
                           const std::string& name) {
  KernelQuestion question{};
  question.high = read_big_endian(destination.data());
  question.low = read_big_endian(destination.data() + 8);
  question.port = port;
  question.protocol = protocol;
  std::memcpy(question.name, name.data(), name.size());
  return question;
}

/// Puts `count` questions to a program, each for every protocol.
Tally ask(const Descriptor& program, RandomRules& random, int count, bool tells) {
  Tally tally;
  for (int i = 0; i < count; ++i) {
    const Bytes destination = random.destination();
    const uint16_t port = random.port();
    const std::string name = random.program();
    for (unsigned p = 0; p < protocol_count; ++p) {
      constexpr uint32_t mptcp = 262;
      const bool as_mptcp = p == 0 && i % 2 == 0;
      KernelQuestion question =
          question_of(destination, port, as_mptcp ? mptcp : protocols[p], name);
      bpf_attr attributes{};
      attributes.test.prog_fd = static_cast<uint32_t>(program.get());
      attributes.test.ctx_in = reinterpret_cast<uintptr_t>(&question);
      attributes.test.ctx_size_in = sizeof question;
      if (bpf(BPF_PROG_TEST_RUN, attributes) != 0) throw Refused("BPF_PROG_RUN", errno);
      const uint32_t expected =
          horrible_lookup(random.rules(), name, destination, port, static_cast<Protocol>(p));
      ++tally.asked;
      tally.matched += expected == UINT32_MAX ? 0 : 1;
      if (question.rule == expected && question.is_broken == 0) continue;
      if (tells && ++tally.wrong < 5) {
        std::printf("rule %d instead of %d, port %u, protocol %u, program '%s'\n%s\n",
                    static_cast<int>(question.rule), static_cast<int>(expected), port, p,
                    name.c_str(), random.text().c_str());
      } else if (!tells) {
        ++tally.wrong;
      }
    }
  }
  return tally;
}

std::vector<bpf_insn> program_for(const RuleMaps& maps) {
  ProgramTraits traits;
  traits.maps = maps.numbers();
  traits.bounds = maps.bounds();
  traits.name_size = maps.name_size();
  return question_program(traits);
}

/// A wrong instruction, like one written by mistake, to replace the given one; nothing if there is
/// none to try.
std::optional<bpf_insn> slip(bpf_insn one) {
  const int kind = one.code & 0x07;
  const int operation = one.code & 0xf0;
  const auto with = [&](int other) {
    one.code = static_cast<uint8_t>((one.code & 0x0f) | other);
    return one;
  };
  if (kind == BPF_JMP || kind == BPF_JMP32) {
    switch (operation) {
      case BPF_JEQ:
        return with(BPF_JNE);
      case BPF_JNE:
        return with(BPF_JEQ);
      case BPF_JLT:
        return with(BPF_JLE);
      case BPF_JLE:
        return with(BPF_JLT);
      case BPF_JGT:
        return with(BPF_JGE);
      case BPF_JGE:
        return with(BPF_JGT);
      default:
        return std::nullopt;
    }
  }
  if (kind == BPF_ALU64 && operation == BPF_ADD) return with(BPF_SUB);
  if (kind == BPF_ALU64 && operation == BPF_SUB) return with(BPF_ADD);
  if (kind == BPF_ALU64 && operation == BPF_RSH) {
    ++one.imm;
    return one;
  }
  if (kind == BPF_LDX && one.src_reg == 0) {  // loads from an element of a map
    one.off = static_cast<int16_t>(one.off + 4);
    return one;
  }
  return std::nullopt;
}

/// Whether equal rule numbers may take either branch of a comparison: that costs a step, but the
/// decision is the same.
bool is_same_either_way(const bpf_insn& one) {
  return one.code == (BPF_JMP | BPF_X | BPF_JGE) && one.src_reg == 8;
}

/// Whether the changed instruction gives a wrong answer for any of some rule texts, or is refused
/// by the kernel. Programs for rules with names and without differ.
bool is_seen(size_t at, bool with_names) {
  unsigned tried = 0;
  for (unsigned seed = 1; tried < 60; ++seed) {
    RandomRules random(seed);
    const RuleText rules(random.text());
    if (rules.named_programs().empty() == with_names) continue;
    ++tried;
    const RuleMaps maps(rules, "random");
    auto program = program_for(maps);
    program[at] = *slip(program[at]);
    try {
      const Descriptor loaded =
          load_program(BPF_PROG_TYPE_SYSCALL, BPF_CGROUP_INET4_CONNECT, program);
      if (ask(loaded, random, 60, false).wrong != 0) return true;
    } catch (const Refused&) {
      return true;
    }
  }
  return false;
}

/// The program for the first rule text that names programs, or that names none.
std::vector<bpf_insn> first_program(bool with_names) {
  for (unsigned seed = 1;; ++seed) {
    const RandomRules random(seed);
    const RuleText rules(random.text());
    if (rules.named_programs().empty() != with_names) return program_for(RuleMaps(rules, "random"));
  }
}

/// The number of changed instructions that nothing has noticed.
size_t try_slips(bool with_names) {
  const auto program = first_program(with_names);
  size_t tried = 0;
  size_t unseen = 0;
  for (size_t at = 0; at < program.size(); ++at) {
    if (!slip(program[at]) || is_same_either_way(program[at])) continue;
    ++tried;
    if (is_seen(at, with_names)) continue;
    ++unseen;
    std::printf("a slip at instruction %zu (code %#x) was not seen\n", at, program[at].code);
  }
  std::printf("%zu slips %s names, %zu not seen\n", tried, with_names ? "with" : "without", unseen);
  return unseen;
}

Tally compare(unsigned texts, int questions) {
  Tally sum;
  for (unsigned seed = 1; seed <= texts; ++seed) {
    RandomRules random(seed);
    const RuleText rules(random.text());
    const RuleMaps maps(rules, "random");
    const Descriptor program =
        load_program(BPF_PROG_TYPE_SYSCALL, BPF_CGROUP_INET4_CONNECT, program_for(maps));
    const Tally one = ask(program, random, questions, true);
    sum.asked += one.asked;
    sum.matched += one.matched;
    sum.wrong += one.wrong;
  }
  std::printf("%u rule texts, %zu lookups in the kernel, %zu matched, %zu wrong\n", texts,
              sum.asked, sum.matched, sum.wrong);
  return sum;
}

}  // namespace
}  // namespace clusterbind::test

int main(int argc, char** argv) {
  using namespace clusterbind::test;
  const unsigned texts = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 1000;
  const int questions = argc > 2 ? std::atoi(argv[2]) : 350;
  try {
    const Tally tally = compare(texts, questions);
    const bool says_something = tally.matched > tally.asked / 4 && tally.matched < tally.asked;
    return tally.wrong == 0 && says_something && try_slips(true) + try_slips(false) == 0 ? 0 : 1;
  } catch (const std::exception& trouble) {
    std::printf("cannot run: %s\n", trouble.what());
    const char* const ci = std::getenv("CI");
    return ci != nullptr && std::strcmp(ci, "true") == 0 ? 1 : 77;
  }
}
