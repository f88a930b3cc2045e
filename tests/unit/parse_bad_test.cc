// Wrong rule texts: the place and the text of each error, and its hint.
#include <string>
#include <string_view>
#include <vector>

#include "config/hints/general.h"
#include "tests/catch.h"
#include "tests/support/compiled.h"

namespace clusterbind::test {
namespace {

constexpr const char* begin_hint =
    "a statement begins with bind, direct, refuse, only, log, ports or reload";
constexpr const char* clause_hint =
    "the clauses of a rule are to, port, proto, program, override, pick and else";
constexpr const char* comma_hint = "separate list elements by commas";
constexpr const char* lower_hint = "words are written in lower case";
constexpr const char* list_hint = "list elements stand between commas";
constexpr const char* setting_hint = "a setting has one value and no clauses";
constexpr const char* choice_hint =
    "write a comma between addresses to choose from: bind 192.0.2.25, 192.0.2.26";
constexpr const char* commas_hint =
    "write a comma between all of them: bind 192.0.2.25, 192.0.2.26, 2001:db8::25";
constexpr const char* source_hint = "write bind 192.0.2.25, bind 2001:db8::25 or both";
constexpr const char* spelling_hint =
    "write it as inet_pton(3) reads it, without leading zeros: 192.0.2.25 or 2001:db8::25";
constexpr const char* lookup_hint =
    "names are not looked up: write an address such as 192.0.2.25 or 2001:db8::25";
constexpr const char* port_hint =
    "write a number from 1 to 65535, a range such as 25-26, or one of smtp, smtps, submissions, "
    "submission, lmtp, qmtp, x400";
constexpr const char* name_hint =
    "write the file name of the executable: letters, digits and . _ + -";
constexpr const char* send_hint = "write the address to send from";
constexpr const char* bind_hint = "remove it, or make this a bind rule";
constexpr const char* byte_hint = "a rule file is plain text: remove the byte";

/// A text with exactly one error.
struct Row {
  std::string_view text;
  uint32_t line, column, length;
  std::string_view message;
  std::string_view hint;
};

// Keeps all bytes of a literal that contains a NUL.
template <size_t n>
constexpr std::string_view bytes(const char (&text)[n]) {
  return {text, n - 1};
}

const Row statements[] = {
    {"", 1, 1, 0, "there is no rule", "write 'direct' if nothing is to be bound"},
    {"\n\n  # nothing\n", 1, 1, 0, "there is no rule", "write 'direct' if nothing is to be bound"},
    {";;;", 1, 1, 0, "there is no rule", "write 'direct' if nothing is to be bound"},
    {"log info\nreload on # yes\n", 2, 10, 0, "there is no rule",
     "write 'direct' if nothing is to be bound"},
    {"only mta", 1, 9, 0, "there is no rule", "write 'direct' if nothing is to be bound"},
    {"allow to any", 1, 1, 5, "unknown statement 'allow'", begin_hint},
    {"direct\n  allow\ndirect", 2, 3, 5, "unknown statement 'allow'", begin_hint},
    {"direct; allow", 1, 9, 5, "unknown statement 'allow'", begin_hint},
    {"Direct", 1, 1, 6, "unknown statement 'Direct'", lower_hint},
    {"BIND 192.0.2.25", 1, 1, 4, "unknown statement 'BIND'", lower_hint},
    {"\tRELOAD on", 1, 2, 6, "unknown statement 'RELOAD'", lower_hint},
    {"to any port 25", 1, 1, 2, "a rule cannot begin with 'to'",
     "a rule begins with bind, direct or refuse"},
    {", direct", 1, 1, 1, "unexpected ','", begin_hint},
    {"192.0.2.25", 1, 1, 10, "unknown statement '192.0.2.25'", begin_hint},
    {"\xef\xbb\xbf"
     "direct",
     1, 1, 9,
     "unknown statement '\xef\xbb\xbf"
     "direct'",
     begin_hint},
    {"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghij", 1, 1, 50,
     "unknown statement 'abcdefghijabcdefghijabcdefghijabcdefghijabcdefgh...'", begin_hint},
};

const Row settings[] = {
    {"direct\nonly mta", 2, 1, 4, "'only' must be the first statement",
     "move this line above all others"},
    {"log info; only mta; direct", 1, 11, 4, "'only' must be the first statement",
     "move this line above all others"},
    {"only mta; only mtad; direct", 1, 11, 4, "'only' is given twice", "write it once"},
    {"only\ndirect", 1, 5, 0, "a program name is missing", list_hint},
    {"only mta,\ndirect", 1, 9, 0, "a program name is missing", list_hint},
    {"only mta,,mtad\ndirect", 1, 9, 0, "a program name is missing", list_hint},
    {"only /usr/sbin/mta\ndirect", 1, 6, 13, "'/usr/sbin/mta' is not a program name", name_hint},
    {"only mta mtad\ndirect", 1, 10, 4, "unexpected 'mtad'", comma_hint},
    {"log\ndirect", 1, 4, 0, "log needs a level", "write log off, error, info or debug"},
    {"log warn\ndirect", 1, 5, 4, "unknown value 'warn'", "write log off, error, info or debug"},
    {"log ,\ndirect", 1, 4, 0, "log needs a level", "write log off, error, info or debug"},
    {"log info debug\ndirect", 1, 10, 5, "unexpected 'debug'", setting_hint},
    {"direct to 192.0.2.1\nlog info debug", 2, 10, 5, "unexpected 'debug'", setting_hint},
    {"log info\nlog info\ndirect", 2, 1, 3, "'log' is given twice", "write it once"},
    {"direct\nports", 2, 6, 0, "ports needs kernel or spread",
     "write ports kernel or ports spread"},
    {"ports random\ndirect", 1, 7, 6, "unknown value 'random'",
     "write ports kernel or ports spread"},
    {"ports spread port 25\ndirect", 1, 14, 4, "unexpected 'port'", setting_hint},
    {"ports spread; ports kernel; direct", 1, 15, 5, "'ports' is given twice", "write it once"},
    {"reload # on\ndirect", 1, 7, 0, "reload needs on or off", "write reload on or reload off"},
    {"reload yes\ndirect", 1, 8, 3, "unknown value 'yes'", "write reload on or reload off"},
    {"reload On\ndirect", 1, 8, 2, "unknown value 'On'", "write reload on or reload off"},
    {"reload on,\ndirect", 1, 10, 1, "unexpected ','", setting_hint},
    {"reload on; reload on; direct", 1, 12, 6, "'reload' is given twice", "write it once"},
};

const Row sources[] = {
    {"bind", 1, 5, 0, "bind needs a source address", source_hint},
    {"bind   # 192.0.2.25", 1, 5, 0, "bind needs a source address", source_hint},
    {"bind to 192.0.2.0/24", 1, 5, 0, "bind needs a source address", source_hint},
    {"bind port 25", 1, 5, 0, "bind needs a source address", source_hint},
    {"bind mail.example.com", 1, 6, 16, "'mail.example.com' is not an address", lookup_hint},
    {"bind any", 1, 6, 3, "'any' is not an address", lookup_hint},
    {"bind any to 2001:db8::/32", 1, 6, 3, "'any' is not an address", lookup_hint},
    {"bind 192.0.2.025", 1, 6, 11, "'192.0.2.025' is not an address", spelling_hint},
    {"bind 192.0.2", 1, 6, 7, "'192.0.2' is not an address", spelling_hint},
    {"bind 2001:db8::25::", 1, 6, 14, "'2001:db8::25::' is not an address", spelling_hint},
    {"bind [2001:db8::25]", 1, 6, 14, "'[2001:db8::25]' is not an address",
     "write the address without brackets"},
    {"bind fe80::1%eth0", 1, 6, 12, "'fe80::1%eth0' is not an address",
     "write the address without a scope"},
    {"bind 192.0.2.25/32", 1, 6, 13, "'192.0.2.25/32' is not an address",
     "write one address, without a prefix length"},
    {"bind 0.0.0.0", 1, 6, 7, "'0.0.0.0' is the wildcard address", send_hint},
    {"bind ::", 1, 6, 2, "'::' is the wildcard address", send_hint},
    {"bind ::ffff:0.0.0.0", 1, 6, 14, "'::ffff:0.0.0.0' is the wildcard address", send_hint},
    {"bind :: to 192.0.2.0/24", 1, 6, 2, "'::' is the wildcard address", send_hint},
    {"bind 224.0.0.1", 1, 6, 9, "'224.0.0.1' is a multicast address", send_hint},
    {"bind ff02::1", 1, 6, 7, "'ff02::1' is a multicast address", send_hint},
    {"bind 255.255.255.255", 1, 6, 15, "'255.255.255.255' is the broadcast address", send_hint},
    {"bind fe80::25", 1, 6, 8, "'fe80::25' is a link-local address, which would need a scope",
     "write a global or unique local address"},
    {"bind febf:ffff::1", 1, 6, 12,
     "'febf:ffff::1' is a link-local address, which would need a scope",
     "write a global or unique local address"},
    {"bind 192.0.2.25 192.0.2.26", 1, 17, 10, "'192.0.2.26' is a second address of one family",
     choice_hint},
    {"bind 2001:db8::25 2001:db8::26", 1, 19, 12,
     "'2001:db8::26' is a second address of one family", choice_hint},
    {"bind 192.0.2.25 ::ffff:192.0.2.26", 1, 17, 17,
     "'::ffff:192.0.2.26' is a second address of one family", choice_hint},
    {"bind 192.0.2.25 192.0.2.26, 192.0.2.27", 1, 17, 10,
     "'192.0.2.26' is a second address of one family", choice_hint},
    {"bind 192.0.2.25 2001:db8::25, 192.0.2.26 to any", 1, 29, 1, "unexpected ','", commas_hint},
    {"bind 192.0.2.25, 192.0.2.26 192.0.2.27", 1, 29, 10, "unexpected '192.0.2.27'", comma_hint},
    {"bind 192.0.2.25, 192.0.2.26, 192.0.2.25", 1, 30, 10, "'192.0.2.25' is given twice",
     "write it once"},
    {"bind 192.0.2.25, ::ffff:192.0.2.25", 1, 18, 17, "'::ffff:192.0.2.25' is given twice",
     "write it once"},
    {"bind 192.0.2.25,", 1, 16, 0, "a source address is missing", list_hint},
    {"bind 192.0.2.25, to any", 1, 16, 0, "a source address is missing", list_hint},
    {"bind 192.0.2.25,, 192.0.2.26", 1, 16, 0, "a source address is missing", list_hint},
    {"bind 192.0.2.25, 0.0.0.0", 1, 18, 7, "'0.0.0.0' is the wildcard address", send_hint},
    {"bind 192.0.2.25, 192.0.2.26 to 2001:db8::/32", 1, 32, 13,
     "'2001:db8::/32' is of a family that the rule has no source address for",
     "add an IPv6 address to bind"},
    {"direct pick random", 1, 8, 4, "'pick' goes with bind only",
     "remove it, or make this a bind rule"},
    {"bind 192.0.2.25 pick", 1, 21, 0, "pick needs first or random",
     "write pick first or pick random"},
    {"bind 192.0.2.25 pick second", 1, 22, 6, "unknown value 'second'",
     "write pick first or pick random"},
    {"bind 192.0.2.25 pick first pick first", 1, 28, 4, "'pick' is given twice", "write it once"},
    {"bind 192.0.2.25 prot 25", 1, 17, 4, "unexpected 'prot'", clause_hint},
};

const Row clauses[] = {
    {"direct from any", 1, 8, 4, "unexpected 'from'", clause_hint},
    {"direct from any port 25", 1, 8, 4, "unexpected 'from'", clause_hint},
    {"direct TO any", 1, 8, 2, "unexpected 'TO'", lower_hint},
    {"direct , to any", 1, 8, 1, "unexpected ','", clause_hint},
    {"direct any", 1, 8, 3, "unexpected 'any'", clause_hint},
    {"direct port 25 26", 1, 16, 2, "unexpected '26'", comma_hint},
    {"direct port 25 -26", 1, 16, 3, "unexpected '-26'", "write a range without blanks: 25-26"},
    {"direct port 25 - 26", 1, 16, 1, "unexpected '-'", "write a range without blanks: 25-26"},
    {"direct to any Port 25", 1, 15, 4, "unexpected 'Port'", lower_hint},
    {"direct to 192.0.2.1 192.0.2.2", 1, 21, 9, "unexpected '192.0.2.2'", comma_hint},
    {"direct proto tcp udp", 1, 18, 3, "unexpected 'udp'", clause_hint},
    {"direct to any to 192.0.2.1", 1, 15, 2, "'to' is given twice", "write it once"},
    {"direct port 25 port 26", 1, 16, 4, "'port' is given twice", "write it once"},
    {"direct proto tcp proto udp", 1, 18, 5, "'proto' is given twice", "write it once"},
    {"direct program a program b", 1, 18, 7, "'program' is given twice", "write it once"},
    {"bind 192.0.2.25 override override", 1, 26, 8, "'override' is given twice", "write it once"},
    {"bind 192.0.2.25 else direct else direct", 1, 29, 4, "'else' is given twice", "write it once"},
    {"direct override", 1, 8, 8, "'override' goes with bind only", bind_hint},
    {"refuse override port 25", 1, 8, 8, "'override' goes with bind only", bind_hint},
    {"refuse else direct", 1, 8, 4, "'else' goes with bind only", bind_hint},
    {"direct proto", 1, 13, 0, "proto needs a protocol", "write proto tcp, udp or any"},
    {"direct proto port 25", 1, 13, 0, "proto needs a protocol", "write proto tcp, udp or any"},
    {"direct proto sctp", 1, 14, 4, "unknown value 'sctp'", "write proto tcp, udp or any"},
    {"bind 192.0.2.25 else", 1, 21, 0, "else needs a fallback", "write else refuse or else direct"},
    {"bind 192.0.2.25 else bind", 1, 22, 4, "unknown value 'bind'",
     "write else refuse or else direct"},
    {"bind 192.0.2.25 else override", 1, 21, 0, "else needs a fallback",
     "write else refuse or else direct"},
};

const Row elements[] = {
    {"direct to", 1, 10, 0, "a destination is missing", list_hint},
    {"direct to port 25", 1, 10, 0, "a destination is missing", list_hint},
    {"direct to , 192.0.2.1", 1, 10, 0, "a destination is missing", list_hint},
    {"direct to 192.0.2.1,", 1, 20, 0, "a destination is missing", list_hint},
    {"direct to 192.0.2.1 , , 192.0.2.2", 1, 20, 0, "a destination is missing", list_hint},
    {"direct to mail.example.com", 1, 11, 16, "'mail.example.com' is not a destination",
     lookup_hint},
    {"direct to 192.0.2.0/24 , 10.0.0", 1, 26, 6, "'10.0.0' is not a destination", spelling_hint},
    {"direct to 10/8", 1, 11, 4, "'10/8' is not a destination", spelling_hint},
    {"direct to /8", 1, 11, 2, "'/8' is not a destination", spelling_hint},
    {"direct to any/0", 1, 11, 5, "'any/0' is not a destination", lookup_hint},
    {"direct to [2001:db8::]/32", 1, 11, 15, "'[2001:db8::]/32' is not a destination",
     "write the address without brackets"},
    {"direct to fe80::%eth0/64", 1, 11, 14, "'fe80::%eth0/64' is not a destination",
     "write the address without a scope"},
    {"direct to 10.0.0.0/33", 1, 11, 11, "wrong prefix length in '10.0.0.0/33'",
     "write the number of bits, 0 to 32, after the slash"},
    {"direct to 10.0.0.0/", 1, 11, 9, "wrong prefix length in '10.0.0.0/'",
     "write the number of bits, 0 to 32, after the slash"},
    {"direct to 10.0.0.0/08", 1, 11, 11, "wrong prefix length in '10.0.0.0/08'",
     "write the number of bits, 0 to 32, after the slash"},
    {"direct to 10.0.0.0/-1", 1, 11, 11, "wrong prefix length in '10.0.0.0/-1'",
     "write the number of bits, 0 to 32, after the slash"},
    {"direct to 10.0.0.0/+8", 1, 11, 11, "wrong prefix length in '10.0.0.0/+8'",
     "write the number of bits, 0 to 32, after the slash"},
    {"direct to 10.0.0.0/255.0.0.0", 1, 11, 18, "wrong prefix length in '10.0.0.0/255.0.0.0'",
     "write the number of bits, 0 to 32, after the slash"},
    {"direct to 10.0.0.0/8/8", 1, 11, 12, "wrong prefix length in '10.0.0.0/8/8'",
     "write the number of bits, 0 to 32, after the slash"},
    {"direct to 10.0.0.0/99999999999999999999", 1, 11, 29,
     "wrong prefix length in '10.0.0.0/99999999999999999999'",
     "write the number of bits, 0 to 32, after the slash"},
    {"direct to 2001:db8::/129", 1, 11, 14, "wrong prefix length in '2001:db8::/129'",
     "write the number of bits, 0 to 128, after the slash"},
    {"direct to ::ffff:10.0.0.0/95", 1, 11, 18, "wrong prefix length in '::ffff:10.0.0.0/95'",
     "write the number of bits, 96 to 128, after the slash"},
    {"direct to ::ffff:10.0.0.0/8", 1, 11, 17, "wrong prefix length in '::ffff:10.0.0.0/8'",
     "write the number of bits, 96 to 128, after the slash"},
    {"direct to 10.1.2.3/8", 1, 11, 10, "'10.1.2.3/8' has host bits beyond its prefix length",
     "probably meant: 10.0.0.0/8"},
    {"direct to 192.0.2.1/0", 1, 11, 11, "'192.0.2.1/0' has host bits beyond its prefix length",
     "probably meant: 0.0.0.0/0"},
    {"direct to 2001:db8::1/64", 1, 11, 14,
     "'2001:db8::1/64' has host bits beyond its prefix length", "probably meant: 2001:db8::/64"},
    {"direct to ::ffff:10.1.2.3/104", 1, 11, 19,
     "'::ffff:10.1.2.3/104' has host bits beyond its prefix length", "probably meant: 10.0.0.0/8"},
    {"bind 192.0.2.25 to 2001:db8::/32", 1, 20, 13,
     "'2001:db8::/32' is of a family that the rule has no source address for",
     "add an IPv6 address to bind"},
    {"bind 2001:db8::25 to any, ::ffff:10.0.0.1", 1, 27, 15,
     "'::ffff:10.0.0.1' is of a family that the rule has no source address for",
     "add an IPv4 address to bind"},
    {"bind 192.0.2.25 to ::/0", 1, 20, 4,
     "'::/0' is of a family that the rule has no source address for",
     "add an IPv6 address to bind"},
    {"direct port", 1, 12, 0, "a port is missing", list_hint},
    {"direct port to any", 1, 12, 0, "a port is missing", list_hint},
    {"direct port 25,", 1, 15, 0, "a port is missing", list_hint},
    {"direct port 0", 1, 13, 1, "'0' is not a port", port_hint},
    {"direct port 65536", 1, 13, 5, "'65536' is not a port", port_hint},
    {"direct port 025", 1, 13, 3, "'025' is not a port", port_hint},
    {"direct port -25", 1, 13, 3, "'-25' is not a port", port_hint},
    {"direct port 25-", 1, 13, 3, "'25-' is not a port", port_hint},
    {"direct port 0-25", 1, 13, 4, "'0-25' is not a port", port_hint},
    {"direct port 25-26-27", 1, 13, 8, "'25-26-27' is not a port", port_hint},
    {"direct port 25-65536", 1, 13, 8, "'25-65536' is not a port", port_hint},
    {"direct port imap", 1, 13, 4, "'imap' is not a port", port_hint},
    {"direct port SMTP", 1, 13, 4, "'SMTP' is not a port", port_hint},
    {"direct port any", 1, 13, 3, "'any' is not a port", port_hint},
    {"direct port +25", 1, 13, 3, "'+25' is not a port", port_hint},
    {"direct port 0x19", 1, 13, 4, "'0x19' is not a port", port_hint},
    {"direct port 4294967321", 1, 13, 10, "'4294967321' is not a port", port_hint},
    {"direct port smtp-smtps", 1, 13, 10, "'smtp-smtps' is a range of names",
     "write a range with numbers"},
    {"direct port 24-smtp", 1, 13, 7, "'24-smtp' is a range of names",
     "write a range with numbers"},
    {"direct port 26-25", 1, 13, 5, "'26-25' is a range from high to low",
     "write the low port first: 25-26"},
    {"direct program", 1, 15, 0, "a program name is missing", list_hint},
    {"direct program mta,", 1, 19, 0, "a program name is missing", list_hint},
    {"direct program /bin/mta", 1, 16, 8, "'/bin/mta' is not a program name", name_hint},
    {"direct program m\xc3\xbcller", 1, 16, 7, "'m\xc3\xbcller' is not a program name", name_hint},
    {"direct program mta*", 1, 16, 4, "'mta*' is not a program name", name_hint},
};

const Row control_bytes[] = {
    {bytes("direct\0"), 1, 7, 1, "control byte 0x00", byte_hint},
    {bytes("direct\0\n"), 1, 7, 1, "control byte 0x00", byte_hint},
    {bytes("# \0\ndirect"), 1, 3, 1, "control byte 0x00", byte_hint},
    {bytes("direct to\0any"), 1, 10, 1, "control byte 0x00", byte_hint},
    {"direct\rto any", 1, 7, 1, "control byte 0x0d", byte_hint},
    {"direct\r;direct", 1, 7, 1, "control byte 0x0d", byte_hint},
    {"direct\r\r\n", 1, 7, 1, "control byte 0x0d", byte_hint},
    {"direct\n\x1b\n", 2, 1, 1, "control byte 0x1b", byte_hint},
    {"direct\x7f", 1, 7, 1, "control byte 0x7f", byte_hint},
    {"direct\vto any", 1, 7, 1, "control byte 0x0b", byte_hint},
    {"direct\f", 1, 7, 1, "control byte 0x0c", byte_hint},
};

void check_error(const RuleText& rules, size_t index, const Row& row) {
  const Error& error = rules.errors().list[index];
  CHECK(error.line == row.line);
  CHECK(error.column == row.column);
  CHECK(error.length == row.length);
  CHECK(std::string(error.message) == row.message);
  CHECK(general_hint(error, rules.text()) == row.hint);
}

template <size_t n>
void check_table(const Row (&table)[n]) {
  for (const Row& row : table) {
    const std::string text(row.text);
    CAPTURE(text);
    const RuleText rules(text);
    CHECK(rules.errors().count == 1);
    check_error(rules, 0, row);
  }
}

TEST_CASE("Wrong statements") {
  check_table(statements);
}
TEST_CASE("Wrong settings") {
  check_table(settings);
}
TEST_CASE("Wrong source addresses") {
  check_table(sources);
}
TEST_CASE("Wrong clauses") {
  check_table(clauses);
}
TEST_CASE("Wrong list elements") {
  check_table(elements);
}
TEST_CASE("Control bytes") {
  check_table(control_bytes);
}

TEST_CASE("Every error of a text is reported, each at its place") {
  const RuleText rules(
      "bind 192.0.2.025 to 2001:db8::1/32, nowhere port 0 26-25\r\n"
      "direct to 192.0.2.1,\n"
      "192.0.2.2\n"
      "reload maybe ; refuse else");
  const Row expected[] = {
      {"", 1, 6, 11, "'192.0.2.025' is not an address", spelling_hint},
      {"", 1, 21, 14, "'2001:db8::1/32' has host bits beyond its prefix length",
       "probably meant: 2001:db8::/32"},
      {"", 1, 37, 7, "'nowhere' is not a destination", lookup_hint},
      {"", 1, 50, 1, "'0' is not a port", port_hint},
      {"", 1, 52, 5, "unexpected '26-25'", comma_hint},
      {"", 2, 20, 0, "a destination is missing", list_hint},
      {"", 3, 1, 9, "unknown statement '192.0.2.2'", begin_hint},
      {"", 4, 8, 5, "unknown value 'maybe'", "write reload on or reload off"},
      {"", 4, 23, 4, "'else' goes with bind only", bind_hint},
      {"", 4, 27, 0, "else needs a fallback", "write else refuse or else direct"}};
  REQUIRE(rules.errors().count == std::size(expected));
  for (size_t i = 0; i < std::size(expected); ++i) {
    CAPTURE(i);
    check_error(rules, i, expected[i]);
  }
}

TEST_CASE("A wrong source address is reported in each rule that has it") {
  const RuleText rules("bind 192.0.2 to any\nbind 192.0.2 to any\nbind 192.0.2.2 192.0.2");
  REQUIRE(rules.errors().count == 3);
  for (uint32_t i = 0; i < 3; ++i) {
    const uint32_t column = i < 2 ? 6 : 16;
    check_error(rules, i, {"", i + 1, column, 7, "'192.0.2' is not an address", spelling_hint});
  }
}

TEST_CASE("Twenty errors are kept and all are counted") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "allow\n";
  const RuleText rules(text);
  CHECK(rules.errors().count == 1000);
  CHECK(rules.errors().shown().size() == 20);
  CHECK(rules.errors().list[19].line == 20);
}

TEST_CASE("Messages of the longest words still end with a NUL, and hints stay short") {
  const std::string word(5000, 'w');
  for (const std::string& text :
       {"bind " + word, "direct to " + word + "/8", "direct port " + word, "direct to any " + word,
        word, "only " + word + "/", "direct proto " + word}) {
    const RuleText rules(text);
    REQUIRE(rules.errors().count == 1);
    const Error& error = rules.errors().list[0];
    CHECK(std::string_view(error.message).size() < sizeof error.message);
    CHECK(std::string_view(error.message).find("...'") != std::string_view::npos);
    CHECK(general_hint(error, text).size() < 160);
  }
}

}  // namespace
}  // namespace clusterbind::test
