#include "config/parse_sources.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace clusterbind {

void SourceParser::read(Rule& rule) {
  rule_ = &rule;
  count_ = 0;
  known_ = true;
  const size_t before = parsed_.counts.sources;
  if (!words_.at_value(true)) {
    known_ = false;
    return errors_.missing(words_, "bind needs a source address", Hint::sources);
  }
  source(words_.take(), false);
  if (words_.at_comma()) {
    list();
  } else {
    while (at_address()) source(words_.take(), false);
  }
  if (words_.at_comma()) {
    const Token comma = words_.take();
    const bool is_first_mistake = std::exchange(known_, false);
    if (is_first_mistake) errors_.wrong(comma, "unexpected", Hint::commas_between_all);
    words_.skip_to_clause();
  }
  keep_list(before);
}

void SourceParser::list() {
  while (words_.at_comma()) {
    words_.take();
    if (words_.at_value(true)) {
      source(words_.take(), true);
    } else {
      errors_.missing(words_, "a source address is missing", Hint::elements);
    }
  }
  if (at_address()) {
    errors_.wrong(words_.take(), "unexpected", Hint::commas);
    words_.skip_to_clause();
  }
}

/// Whether the next word is meant as an address, right or wrong, and not as a misspelt clause.
bool SourceParser::at_address() const {
  return words_.at_value(true) &&
         words_.current().text.find_first_of(".:[") != std::string_view::npos;
}

/// Most rules have the same source addresses as the rule before them, in the same places, so a word
/// that is spelled the same is not read again.
void SourceParser::source(const Token& token, bool in_list) {
  Spelled& spelled = spelled_[count_ % std::size(spelled_)];
  if (spelled.text != token.text) spelled = {token.text, read_address(token.text)};
  const std::optional<Address>& address = spelled.address;
  if (!address) {
    unusable(token, "is not an address", Hint::address);
  } else if (is_wildcard(*address)) {
    unusable(token, "is the wildcard address", Hint::address_to_send_from);
  } else if (is_multicast(*address)) {
    unusable(token, "is a multicast address", Hint::address_to_send_from);
  } else if (is_broadcast(*address)) {
    unusable(token, "is the broadcast address", Hint::address_to_send_from);
  } else if (is_link_local(*address)) {
    unusable(token, "is a link-local address, which would need a scope", Hint::global_address);
  } else if (!in_list && serves(*rule_, address->family)) {
    unusable(token, "is a second address of one family", Hint::source_of_each_family);
  } else if (in_list && is_listed(*address)) {
    errors_.wrong_word(token, "is given twice", Hint::once);
  } else if (count_ == sources_most) {
    errors_.wrong_word(token, "is one address more than a rule can have", Hint::fewer_sources);
    words_.skip_to_clause();
  } else {
    add(*address);
  }
}

void SourceParser::unusable(const Token& token, const char* message, Hint hint) {
  known_ = false;
  errors_.wrong_word(token, message, hint);
}

void SourceParser::add(const Address& address) {
  if (!serves(*rule_, address.family)) set_source(*rule_, address);
  keep(parsed_.sources, parsed_.counts.sources, address);
  ++count_;
}

/// Whether the rule has this address already. Only addresses that had room in the list count.
bool SourceParser::is_listed(const Address& address) const {
  const size_t end = std::min(parsed_.counts.sources, parsed_.sources.size());
  const size_t first = std::min<size_t>(parsed_.counts.sources - count_, end);
  const auto listed = parsed_.sources.subspan(first, end - first);
  return std::find(listed.begin(), listed.end(), address) != listed.end();
}

/// A rule keeps its addresses as a list only if it has several of one family.
void SourceParser::keep_list(size_t before) {
  if (count_ <= unsigned{rule_->has_ipv4} + unsigned{rule_->has_ipv6}) {
    parsed_.counts.sources = before;
    return;
  }
  rule_->list_first = static_cast<uint32_t>(before) & 0x1ffffff;
  rule_->list_count = count_ & 0x7f;
}

}  // namespace clusterbind
