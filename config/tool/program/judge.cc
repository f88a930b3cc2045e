#include "config/tool/program/judge.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "config/tool/host/files.h"
#include "config/tool/program/access.h"
#include "config/tool/program/library.h"
#include "config/tool/program/loader.h"

namespace clusterbind::tool {
namespace {

constexpr const char* preload_list = "/etc/ld.so.preload";

bool fits(const std::string& library, const ElfFile& elf) {
  const auto other = read_elf(library);
  return other && other->elf_class == elf.elf_class && other->machine == elf.machine;
}

bool is_setuid(const std::string& path) {
  struct stat facts = {};
  return stat(path.c_str(), &facts) == 0 && (facts.st_mode & S_ISUID) != 0;
}

/// Our entry in /etc/ld.so.preload, whose entries are separated by blanks or colons; `#` begins a
/// comment: ld.so(8).
std::string listed_entry() {
  const std::string text = read_file(preload_list, size_t{1} << 16).value_or("");
  for (const std::string_view line : split(text, "\n")) {
    for (const std::string_view entry : split(line.substr(0, line.find('#')), " \t:")) {
      if (base_name(entry) == library_name) {
        return std::string(entry);
      }
    }
  }
  return {};
}

Verdict no(std::string text) {
  return {Verdict::no, "not reachable: " + std::move(text)};
}
Verdict by_kernel_alone(std::string text) {
  Verdict verdict = no(std::move(text));
  verdict.kernel_can = true;
  return verdict;
}
Verdict yes(std::string text) {
  return {Verdict::yes, "reachable: " + std::move(text)};
}

std::string how_to_install_secure() {
  return fmt::format(
      "install it with `cmake -D CLUSTERBIND_SECURE=ON` (mode 4755, in ld.so's own "
      "folder), or name it in {} with an `only` statement in the rules",
      preload_list);
}

Verdict judge_secure(const Program& program, const Libraries& libraries, bool through_itself) {
  const std::string why =
      through_itself ? "it runs itself again in secure execution"
                     : fmt::format("it runs in secure execution ({})", rights_text(program.rights));
  if (libraries.secure.empty()) {
    return by_kernel_alone(fmt::format("{}, where ld.so takes only a setuid library: {}", why,
                                       how_to_install_secure()));
  }
  return yes(
      fmt::format("{}: start it with LD_PRELOAD={}; rules come from /etc/clusterbind.conf "
                  "alone",
                  why, library_name));
}

}  // namespace

std::string obstacle(const ElfFile& elf) {
  if (elf.is_go) {
    return "a Go program: it connects without the C library";
  }
  if (!elf.is_program && !elf.is_foreign) {
    return "a shared library, not a program";
  }
  if (elf.interpreter.empty() && !elf.is_foreign) {
    return "statically linked: no library can be loaded into it";
  }
  return {};
}

Libraries find_libraries(const ElfFile& elf) {
  Libraries found;
  const auto take = [&](const std::string& path) {
    const bool fitting = found.fitting.empty() && exists(path) && fits(path, elf);
    found.fitting = fitting ? path : found.fitting;
  };
  if (is_musl(elf)) {
    for (const std::string& folder : musl_folders(elf)) {
      take(folder + '/' + library_name);
    }
  } else {
    found.listed = listed_entry();  // musl's loader does not read /etc/ld.so.preload
    std::ranges::for_each(cached_paths(library_name), take);
    // In secure execution ld.so searches only the system's folders, and not its cache.
    for (const std::string& folder : system_folders(elf.elf_class, elf.machine)) {
      const std::string path = folder + '/' + library_name;
      take(path);
      if (found.secure.empty() && exists(path) && fits(path, elf) && is_setuid(path)) {
        found.secure = path;
      }
    }
  }
  found.is_named = !found.fitting.empty();
  if (const auto own = own_library()) {
    take(*own);
  }
  return found;
}

Verdict judge(const Program& program, const std::optional<Mta>& mta, const Libraries& libraries) {
  if (!program.trouble.empty()) {
    return {Verdict::unknown, "could not find out: " + program.trouble};
  }
  if (!program.broken.empty()) {
    return no(program.broken);
  }
  if (!program.is_executable) {
    return no(fmt::format("{} is not executable for this user", program.path));
  }
  if (!program.elf) {
    return no(fmt::format("{} is neither an ELF file nor a script", program.file));
  }
  if (const std::string why = obstacle(*program.elf); !why.empty()) {
    return program.elf->is_program ? by_kernel_alone(why) : no(why);
  }
  if (!program.elf->is_foreign && !exists(program.elf->interpreter)) {
    return no(fmt::format("its interpreter {} is not on this host", program.elf->interpreter));
  }
  if (libraries.fitting.empty() && link_target("/proc/self/exe").empty()) {
    return {Verdict::unknown,
            "could not find out which library belongs to this tool: /proc is missing"};
  }
  if (libraries.fitting.empty()) {
    return no(fmt::format(
        "the loader finds no {} for {}: install it for that architecture too, and run ldconfig",
        library_name,
        program.elf->is_foreign ? "its byte order"
                                : machine_name(program.elf->machine, program.elf->elf_class)));
  }
  const std::string& library = libraries.fitting;
  if (const std::string why = hidden_from_users(library); !why.empty()) {
    return no(
        fmt::format("{}, so a program that one of them runs would start without {}, and nothing "
                    "would say so: install it, or move it",
                    why, library));
  }
  const Fit fit = fit_of(library, program.file, *program.elf);
  if (fit.outcome == Fit::ends) {
    return by_kernel_alone(fit.text);
  }
  if (fit.outcome == Fit::unknown) {
    return {Verdict::unknown, "could not find out whether the library loads there: " + fit.text};
  }
  if (!libraries.listed.empty()) {
    return yes(fmt::format("{} names the library, in every program", preload_list));
  }
  const bool through_itself = mta && mta->runs_itself_secure && !program.rights.is_secure;
  if (program.rights.is_secure && is_musl(*program.elf)) {
    return by_kernel_alone(
        fmt::format("it runs in secure execution ({}), where musl's loader loads no preloaded "
                    "library",
                    rights_text(program.rights)));
  }
  if (program.rights.is_secure || through_itself) {
    return judge_secure(program, libraries, through_itself);
  }
  return yes("start it with: clusterbind-run " + program.path);
}

}  // namespace clusterbind::tool
