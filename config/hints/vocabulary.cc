// What other people and other programs write, and the words of the language for it.
#include "config/hints/vocabulary.h"

#include "config/hints/place.h"

namespace clusterbind::hints {
namespace {

/// A word of the language, and what others write for it.
struct Others {
  std::string_view meant, words;  // separated by blanks

  bool have(std::string_view word) const {
    if (word.empty() || word.find(' ') != word.npos) return false;
    for (size_t at = words.find(word); at != words.npos; at = words.find(word, at + 1)) {
      const size_t end = at + word.size();
      const bool is_whole = end == words.size() || words[end] == ' ';
      if (is_whole && (at == 0 || words[at - 1] == ' ')) return true;
    }
    return false;
  }
};

constexpr Others statements[] = {
    {"direct",
     "pass accept allow permit bypass except exclude ignore skip return go leave "
     "no-bind nobind unbound local ok"},
    {"refuse", "reject drop deny block forbid stop prohibit disallow fail error"},
    {"bind",
     "snat use source from src nat bind-address bind_address smtp_bind_address set "
     "interface smtp_bind_address6 inet_interfaces proxy_bind preferredsource "
     "sources bindaddress bindto bind-to local_address local-address source_address "
     "source-address sourceaddress source_ip outgoing outbound send sendfrom "
     "to-source masquerade"},
    {"log", "loglevel log-level log_level logging verbosity clusterbind_log"},
    {"only", "programs"},
    {"reload", "autoreload auto-reload"},
};

constexpr Others clauses[] = {
    {"to",
     "destination dest dst daddr towards for via into net d destinations ip host hosts "
     "network subnet"},
    {"port", "ports dport dports service on dst-port dstport destination-port at"},
    {"proto", "protocol with over p transport"},
    {"program", "prog programs process app exe command by binary executable comm cmd"},
    {"else", "otherwise fallback backup failover or-else"},
    {"override", "force overwrite"},
    {"pick", "choose select balance strategy mode"},
};

constexpr Others values[] = {
    {"refuse", "fail reject drop deny error block defer stop none no abort"},
    {"direct", "pass allow accept node default continue ignore any local leave off nothing"},
    {"tcp", "6 tcp6 tcp4 mptcp esmtp"},
    {"udp", "17 udp6"},
    {"any", "both all ip * tcp/udp tcp+udp"},
    {"on", "true yes 1 enable enabled auto always"},
    {"off", "false no 0 disable disabled never none quiet"},
    {"error", "warn warning err warnings errors crit critical"},
    {"info", "notice on enable true yes 1 informational"},
    {"debug", "verbose all trace 2 3 full debugging"},
    {"spread", "random wide fast on"},
    {"kernel", "default normal off system"},
    {"random",
     "rand any all shuffle rr roundrobin round-robin round_robin balance balanced "
     "hash rotate"},
    {"first", "order ordered priority failover one 1 sequential fallback"},
};

}  // namespace

std::string_view meant_by(size_t i, std::string_view word) {
  const bool is_option =
      i > 0 && word.starts_with('-') && word.size() > 1 && is_letter(word.back());
  const std::string name = lower(is_option ? word.substr(word.find_first_not_of('-')) : word);
  const auto list =
      i == 0 ? std::span<const Keyword>(statement_words) : std::span<const Keyword>(clause_words);
  const int known = index_of_word(list, name);
  if (known >= 0) return list[static_cast<size_t>(known)];
  for (const Others& one :
       i == 0 ? std::span<const Others>(statements) : std::span<const Others>(clauses)) {
    if (one.have(name)) return one.meant;
  }
  return {};
}

std::string_view value_meant_by(std::span<const Keyword> expected, std::string_view word) {
  const std::string name = lower(word);
  const int known = index_of_word(expected, name);
  if (known >= 0) return expected[static_cast<size_t>(known)];
  for (const Others& one : values) {
    if (one.have(name) && index_of_word(expected, one.meant) >= 0) return one.meant;
  }
  return {};
}

}  // namespace clusterbind::hints
