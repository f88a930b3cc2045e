// Prints the dictionary for the fuzzer of rule texts, in libFuzzer's format: the words of the rule
// language, and values that random bytes rarely form.
#include <cstdio>

#include "config/keywords.h"

namespace clusterbind::test {
namespace {

template <size_t count>
void print(const Keyword (&list)[count]) {
  for (const Keyword& word : list) std::printf("\" %s \"\n", word);
}

constexpr const char* values[] = {"mta",
                                  "192.0.2.25",
                                  "2001:db8::25",
                                  "::ffff:10.0.0.0/104",
                                  "127.0.0.0/8",
                                  "0.0.0.0/0",
                                  "::/0",
                                  "/32",
                                  "/128",
                                  "25-26",
                                  ",",
                                  "\\x0a",
                                  ";",
                                  "#"};

}  // namespace
}  // namespace clusterbind::test

int main() {
  using namespace clusterbind;
  test::print(statement_words);
  test::print(clause_words);
  test::print(protocol_words);
  test::print(fallback_words);
  test::print(level_words);
  test::print(ports_words);
  test::print(switch_words);
  for (const PortName& name : port_names) std::printf("\" %s \"\n", name.text);
  for (const char* value : test::values) std::printf("\"%s\"\n", value);
}
