#include "preload/build.h"

#include <errno.h>
#include <string.h>

#include <new>

#include "config/parse.h"
#include "config/text.h"
#include "preload/memory.h"

namespace clusterbind {
namespace {

/// A new Rules, with room for its name and `size` bytes behind it.
struct Fresh {
  Fresh(const Process& process, std::string_view name, size_t size)
      : pages(Pages::padded<Rules>(1) + Pages::padded<char>(name.size() + 1) + size) {
    if (!pages) return;
    rules = new (pages.take<Rules>(1).data()) Rules;
    char* copy = pages.take<char>(name.size() + 1).data();
    name.copy(copy, name.size());
    rules->name = copy;
    rules->process = &process;
    rules->log = process.log;
  }

  Pages pages;
  Rules* rules = nullptr;

  const Rules* finish() {
    if (rules != nullptr) pages.keep_all();
    return rules;
  }
};

const Rules* idle(const Process& process) {
  Fresh fresh(process, {}, 0);
  if (fresh.rules != nullptr) fresh.rules->idle = fresh.rules->silent = true;
  return fresh.finish();
}

/// Rules that are wrong as a whole: "NAME: error: what: why".
const Rules* wrong(const Process& process, std::string_view name, std::string_view what,
                   int error) {
  Fresh fresh(process, name, 0);
  if (fresh.rules == nullptr) return nullptr;
  fresh.rules->wrong = true;
  Text text(fresh.rules->message);
  text << name << ": error: " << what;
  if (error != 0) text << ": " << strerrordesc_np(error);
  return fresh.finish();
}

const Rules* wrong(const Process& process, std::string_view name, const Error& error) {
  Fresh fresh(process, name, 0);
  if (fresh.rules == nullptr) return nullptr;
  fresh.rules->wrong = true;
  Text text(fresh.rules->message);
  text << name << ":";
  if (error.line != 0) text << uint64_t{error.line} << ":" << uint64_t{error.column} << ":";
  text << " error: " << std::string_view(error.message);
  return fresh.finish();
}

/// Pages for the lists of a syntax; those that are not written to cost nothing.
Pages lists_for(const Counts& counts) {
  return Pages(Pages::padded<Rule>(counts.rules) + Pages::padded<Clauses>(counts.rules) +
               Pages::padded<Destination>(counts.destinations) +
               Pages::padded<PortRange>(counts.ports) +
               Pages::padded<std::string_view>(counts.programs));
}

void place(Syntax& syntax, const Counts& counts, Pages& pages) {
  syntax.rules = pages.take<Rule>(counts.rules);
  syntax.clauses = pages.take<Clauses>(counts.rules);
  syntax.destinations = pages.take<Destination>(counts.destinations);
  syntax.ports = pages.take<PortRange>(counts.ports);
  syntax.programs = pages.take<std::string_view>(counts.programs);
}

const Rules* compiled(const Process& process, std::string_view name, const Syntax& syntax,
                      const FileIdentity& file) {
  const size_t needed = memory_needed(syntax);
  Fresh fresh(process, name, needed);
  if (fresh.rules == nullptr) return nullptr;
  Rules& rules = *fresh.rules;
  const auto memory = fresh.pages.take<std::byte>(needed);
  size_t used = 0;
  rules.ruleset = compile(syntax, process.program, memory, used);
  rules.list = rules.ruleset.rules();
  rules.file = file;
  if (syntax.settings.log_given && !process.log_given) rules.log = syntax.settings.log;
  rules.spread = syntax.settings.ports_spread;
  rules.reload = syntax.settings.reload;
  rules.silent = !rules.reload && rules.log < LogLevel::info;
  fresh.pages.keep(static_cast<size_t>(memory.data() - fresh.pages.all().data()) + used);
  return &rules;
}

const Rules* from_text(const Process& process, std::string_view name, std::string_view text,
                       const FileIdentity& file) {
  Pages report(Pages::padded<Errors>(1));
  if (!report) return nullptr;
  Errors& errors = report.take<Errors>(1)[0];
  if (spares(text, process.program, errors)) return idle(process);
  const Counts most = at_most(text);
  Pages lists = lists_for(most);
  if (!lists) return nullptr;
  Syntax syntax;
  place(syntax, most, lists);
  parse(text, syntax, errors);
  if (errors.count != 0) return wrong(process, name, errors.list[0]);
  return compiled(process, name, syntax, file);
}

}  // namespace

const Rules* build_rules_from(const Process& process, const char* path, bool optional) {
  const File file(path);
  if (file.error() == ENOENT && optional) return idle(process);
  if (file.error() != 0) return wrong(process, path, "cannot open", file.error());
  struct stat status;
  if (!file.status(status)) return wrong(process, path, "cannot read", errno);
  if (const char* why = distrust(status, process.privileged)) return wrong(process, path, why, 0);
  const auto size = static_cast<uint64_t>(status.st_size);
  // One byte more than it should have: a file that grows meanwhile, or is too large, shows.
  Pages pages(static_cast<size_t>(size < text_limit ? size : text_limit) + 1);
  if (!pages) return nullptr;
  const auto memory = pages.all();
  const long read = file.read({reinterpret_cast<char*>(memory.data()), memory.size()});
  if (read < 0) return wrong(process, path, "cannot read", errno);
  struct stat after;
  const bool same = file.status(after) && identity_of(after) == identity_of(status);
  if (!same) return wrong(process, path, "changed while it was read: replace it by rename", 0);
  return from_text(process, path,
                   {reinterpret_cast<const char*>(memory.data()), static_cast<size_t>(read)},
                   identity_of(status));
}

const Rules* build_rules(const Process& process) {
  const Origin origin = choose_origin(rule_variables(), process.secure);
  if (origin.wrong != nullptr) return wrong(process, origin.path, origin.wrong, 0);
  if (origin.text != nullptr) return from_text(process, rules_variable, origin.text, {});
  return build_rules_from(process, origin.path, origin.optional);
}

}  // namespace clusterbind
