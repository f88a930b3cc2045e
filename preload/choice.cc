#include "preload/choice.h"

#include <time.h>
#include <unistd.h>

#include "preload/kernel.h"

namespace clusterbind {
namespace {

/// A number that differs from call to call. If the kernel has no random bytes without waiting, it
/// is made from the clock and the process ID. Not a counter: threads would have to share it, and it
/// would start again in each process of an MTA.
uint32_t random_number() {
  uint32_t number = 0;
  if (kernel::random_bytes(&number, sizeof number)) return number;
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto seed = static_cast<uint64_t>(now.tv_nsec) ^ static_cast<uint64_t>(getpid()) << 32;
  return static_cast<uint32_t>(seed * 0x9e3779b97f4a7c15 >> 32);
}

constexpr uint64_t bit(size_t index) {
  return uint64_t{1} << index;
}

}  // namespace

unsigned choices_of(const Rule& rule, Family family, std::span<const Address> sources) {
  if (rule.list_count == 0) return serves(rule, family) ? 1 : 0;
  unsigned count = 0;
  for (const Address& source : list_of(rule, sources)) count += source.family == family ? 1 : 0;
  return count;
}

void SourceChoice::begin(const Rule& rule, Family family, std::span<const Address> sources) {
  begin(rule, family);
  tried_ = 0;
  next(rule, sources);
}

void SourceChoice::begin_at(const Address& address, const Rule& rule,
                            std::span<const Address> sources) {
  address_ = address;
  tried_ = 0;
  const auto list = list_of(rule, sources);
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == address) tried_ |= bit(i);
  }
}

bool SourceChoice::next(const Rule& rule, std::span<const Address> sources) {
  const auto list = list_of(rule, sources);
  unsigned left = 0;
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].family == address_.family && (tried_ & bit(i)) == 0) ++left;
  }
  if (left == 0) return false;
  // Drawn among those that are left, so that each address that the node holds has the same chance.
  unsigned skip = rule.picks_at_random && left > 1 ? random_number() % left : 0;
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].family != address_.family || (tried_ & bit(i)) != 0 || skip-- > 0) continue;
    tried_ |= bit(i);
    address_ = list[i];
    return true;
  }
  return false;
}

}  // namespace clusterbind
