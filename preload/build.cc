#include "preload/build.h"

#include <errno.h>
#include <string.h>

#include <new>

#include "config/compile.h"
#include "config/parse.h"
#include "config/text.h"
#include "preload/errors.h"
#include "preload/memory.h"
#include "preload/ownership.h"

namespace clusterbind {
namespace {

/// What rules are made from.
struct Source {
  const Process& process;
  std::string_view name;  // for messages: the path of the file, or CLUSTERBIND_RULES
  bool is_file = false;   // else CLUSTERBIND_RULES, which never changes
  FileIdentity file;      // of the file that was read, if there was one
};

/// A new Rules, with room for its name and `size` bytes after it.
struct NewRules {
  NewRules(const Source& source, size_t size)
      : pages(Pages::padded<Rules>(1) + Pages::padded<char>(source.name.size() + 1) + size,
              &own.kept) {
    if (!pages) return;
    rules = new (pages.take<Rules>(1).data()) Rules;
    rules->process = &source.process;
    rules->log = source.process.log;
    rules->file = source.file;
    char* const copy = pages.take<char>(source.name.size() + 1).data();
    source.name.copy(copy, source.name.size());
    rules->name = copy;
  }

  Pages pages;
  Rules* rules = nullptr;

  const Rules* finish() {
    if (rules != nullptr) pages.keep_all();
    return rules;
  }
};

/// Rules for a process in which the library does nothing.
const Rules* inactive_rules(const Process& process) {
  NewRules made({process, {}, false, {}}, 0);
  if (made.rules != nullptr) made.rules->inactive = made.rules->silent = true;
  return made.finish();
}

/// Rules that refuse every TCP connection, with the message "NAME:LINE:COLUMN: error: what". The
/// line and column are left out if `line` is 0; the text of `error`, an errno, follows unless it is
/// 0.
const Rules* wrong(const Source& source, const char* what, int error, uint64_t line = 0,
                   uint64_t column = 0) {
  constexpr size_t message_most = 384;
  NewRules made(source, message_most);
  if (made.rules == nullptr) return nullptr;
  const auto message = made.pages.take<char>(message_most);
  Text text(message);
  text << source.name << ":";
  if (line != 0) text << line << ":" << column << ":";
  text << " error: " << what;
  if (error != 0) text << ": " << std::string_view(ErrorText(error));
  made.rules->wrong = true;
  made.rules->watched = source.is_file;
  made.rules->message = message.data();
  return made.finish();
}

/// The bytes of the lists that are needed only until the rules are compiled. Bytes that are never
/// written to cost no memory.
size_t lists_size(const Counts& counts) {
  return Pages::padded<Clauses>(counts.rules) + Pages::padded<Address>(counts.sources) +
         Pages::padded<Destination>(counts.destinations) + Pages::padded<PortRange>(counts.ports) +
         Pages::padded<std::string_view>(counts.programs);
}

void place(ParsedRules& parsed, const Counts& counts, Pages& lists) {
  parsed.clauses = lists.take<Clauses>(counts.rules);
  parsed.sources = lists.take<Address>(counts.sources);
  parsed.destinations = lists.take<Destination>(counts.destinations);
  parsed.ports = lists.take<PortRange>(counts.ports);
  lists.prepare(lists.taken());
  parsed.programs = lists.take<std::string_view>(counts.programs);
}

/// The name of the program. Only rule texts that name programs need it.
struct ProgramName {
  std::string_view name;
  char text[256];

  [[gnu::noinline]] void learn() {
    Pages path(4096);  // not on the stack: a signal handler's may be small
    if (!path) return;
    const std::string_view found = program_name(path.take<char>(4096));
    if (found.size() > sizeof text) return;
    memcpy(text, found.data(), found.size());
    name = {text, found.size()};
  }
};

/// Keeps the source addresses of rules that have lists of them. False if there is no memory.
bool keep_sources(ParsedRules& parsed) {
  const auto read = parsed.sources.first(parsed.counts.sources);
  parsed.sources = {};
  if (read.empty()) return true;
  Pages kept(Pages::padded<Address>(read.size()), &own.kept);
  if (!kept) return false;
  parsed.sources = kept.take<Address>(read.size());
  memcpy(parsed.sources.data(), read.data(), read.size_bytes());
  kept.keep_all();
  return true;
}

const Rules* compiled(const Source& source, const ParsedRules& parsed) {
  const MemoryNeeded needed = memory_needed(parsed);
  Pages scratch(needed.scratch, &own.scratch);
  NewRules made(source, needed.result);
  if (!scratch || made.rules == nullptr) return nullptr;
  Rules& rules = *made.rules;
  const auto memory = made.pages.take<std::byte>(needed.result);
  size_t used = 0;
  ProgramName program;
  if (parsed.counts.programs != 0) program.learn();
  rules.ruleset = compile(parsed, program.name, memory, scratch.all(), used);
  rules.list = parsed.rules;
  rules.sources = parsed.sources;
  if (parsed.settings.log_given && !source.process.log_given) rules.log = parsed.settings.log;
  rules.spread = parsed.settings.ports_spread;
  rules.watched = source.is_file && parsed.settings.reload;
  rules.silent = !rules.watched && rules.log < LogLevel::info;
  made.pages.keep(static_cast<size_t>(memory.data() - made.pages.all().data()) + used);
  return &rules;
}

const Rules* from_text(const Source& source, std::string_view text) {
  const Counts most = at_most(text);
  Pages scratch(lists_size(most) + Pages::padded<Errors>(1), &own.scratch);
  Pages list(Pages::padded<Rule>(most.rules), &own.kept);
  if (!scratch || !list) return nullptr;
  ParsedRules parsed;
  place(parsed, most, scratch);
  parsed.rules = list.take<Rule>(most.rules);
  list.prepare(parsed.rules.size_bytes());
  Errors& errors = scratch.take<Errors>(1)[0];
  // With an empty name, this tells whether there is an `only` statement at all.
  if (excludes(text, {}, errors)) {
    ProgramName program;
    program.learn();
    if (excludes(text, program.name, errors)) return inactive_rules(source.process);
  }
  parse(text, parsed, errors);
  const Error& error = errors.list[0];
  if (errors.count != 0) return wrong(source, error.message, 0, error.line, error.column);
  parsed.rules = parsed.rules.first(parsed.counts.rules);
  if (!keep_sources(parsed)) return nullptr;
  const Rules* const rules = compiled(source, parsed);
  if (rules != nullptr) list.keep(parsed.rules.size_bytes());
  return rules;
}

}  // namespace

const Rules* build_rules_from(const Process& process, const char* path,
                              const FileIdentity* awaited) {
  Source source = {process, path, true, {}};
  const File file(path);
  const bool is_first = awaited == nullptr;
  if (file.error() == ENOENT && is_first && process.reader.is_default)
    return inactive_rules(process);
  if (file.error() == EACCES)
    identify(path, source.file);  // so that a later change of owner or mode is noticed
  else if (file.error() != 0 && !is_first)
    return nullptr;  // too many open files, for example
  if (file.error() != 0) return wrong(source, "cannot open", file.error());
  struct stat status;
  if (!file.status(status)) return wrong(source, "cannot read", errno);
  source.file = identity_of(status);
  if (!is_first && !(source.file == *awaited)) return nullptr;
  Reader reader = process.reader;
  reader.has_rules = !is_first;
  if (const char* why = distrust(status, reader)) return wrong(source, why, 0);
  const auto size = static_cast<uint64_t>(status.st_size);
  // One byte more than the limit, so that a file that is too large is noticed.
  Pages pages(static_cast<size_t>(size < text_limit ? size : text_limit + 1), &own.scratch);
  if (!pages) return nullptr;
  const auto memory = pages.all();
  pages.prepare(memory.size());
  const long read = file.read({reinterpret_cast<char*>(memory.data()), memory.size()});
  if (read < 0) return wrong(source, "cannot read", errno);
  struct stat after;
  const bool same = file.status(after) && identity_of(after) == source.file;
  if (!same) return wrong(source, "changed while it was read: replace it by rename", 0);
  return from_text(source, without_mark({reinterpret_cast<const char*>(memory.data()),
                                         static_cast<size_t>(read)}));
}

const Rules* build_rules(Process& process) {
  if (!learn(process)) return nullptr;
  const Origin origin = choose_origin(rule_variables(), process.reader.secure);
  FileIdentity file;
  if (origin.optional && !identify(origin.path, file) && errno == ENOENT)
    return inactive_rules(process);
  learn_identity(process);
  process.reader.is_default = origin.optional;
  if (origin.wrong != nullptr) return wrong({process, origin.path, false, {}}, origin.wrong, 0);
  if (origin.text != nullptr) return from_text({process, rules_variable, false, {}}, origin.text);
  return build_rules_from(process, origin.path, nullptr);
}

}  // namespace clusterbind
