// Which source address of a rule is used: those of the destination's family are tried one after the
// other, in the order of the rule or at random.
#pragma once

#include <cstdint>
#include <span>

#include "config/rule.h"

namespace clusterbind {

class SourceChoice {
 public:
  /// Begins with the first address of a rule that has one address of the family.
  void begin(const Rule& rule, Family family) { address_ = source_of(rule, family); }

  /// Begins with the first choice of a rule that has a list; a random one for `pick random`.
  void begin(const Rule& rule, Family family, std::span<const Address> sources);

  /// The address to try now.
  const Address& address() const { return address_; }

  /// Goes on with the next address. False if all were tried.
  bool next(const Rule& rule, std::span<const Address> sources);

  /// Takes the address that the socket has already, if it is one of the rule's.
  void begin_at(const Address& address, const Rule& rule, std::span<const Address> sources);

 private:
  Address address_;
  uint64_t tried_;  // a bit for each address of the list
};

static_assert(sources_most <= 64);

/// How many addresses of a family a rule has to choose from.
unsigned choices_of(const Rule& rule, Family family, std::span<const Address> sources);

}  // namespace clusterbind
