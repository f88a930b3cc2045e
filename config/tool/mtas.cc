#include "config/tool/mtas.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "config/tool/files.h"
#include "config/tool/terminal.h"

namespace clusterbind::tool {
namespace {

/// A name ends with `/` where any program in such a folder counts.
struct Known {
  std::vector<std::string_view> files;
  Mta mta;
};

const std::vector<Known>& known_programs() {
  static const std::vector<Known> list = {
      {{"postfix", "/postfix/"},
       {"Postfix",
        "smtp_bind_address, smtp_bind_address6 and smtp_bind_address_enforce in main.cf",
        {"`clusterbind-run postfix start`: its smtp processes get a cleaned environment, which "
         "CLUSTERBIND_FOLLOW=1 repairs; stop a running Postfix first: `postfix reload` keeps its "
         "master process as it is"},
        false}},
      {{"exim", "exim4"},
       {"Exim",
        "interface on the smtp transport (Debian: REMOTE_SMTP_INTERFACE, for remote_smtp only, not "
        "for the smarthost)",
        {"it runs itself again through its setuid file to deliver: the library must be installed "
         "with mode 4755, or be named in /etc/ld.so.preload",
         "it cleans the environment: add_environment must name LD_PRELOAD=libclusterbind.so "
         "(Debian: "
         "MAIN_ADD_ENVIRONMENT in exim4.conf.localmacros)",
         "rules come from /etc/clusterbind.conf alone; write `program exim4` there if they are for "
         "mail only"},
        true}},
      {{"sendmail", "/sm.bin/", "/libexec/sendmail/"},
       {"Sendmail",
        "CLIENT_OPTIONS(`Family=inet,Addr=...') in sendmail.mc",
        {"setgid: start the daemon with the real group smmsp (`setpriv --regid smmsp`), or install "
         "the library with mode 4755, or use /etc/ld.so.preload",
         "its submission program connects to 127.0.0.1: leave loopback out of the rules"},
        false}},
      {{"smtpd", "smtpctl"},
       {"OpenSMTPD", "`relay ... src` in smtpd.conf", {"it keeps the environment"}, false}},
      {{"courier", "courierd", "courieresmtp", "/courier/"},
       {"Courier",
        "ipout and ip6out in its configuration folder",
        {"it starts its modules with `env -i`, which CLUSTERBIND_FOLLOW=1 repairs"},
        false}},
      {{"qmail-send", "qmail-remote", "qmail-rspawn", "qmail-start", "/qmail/"},
       {"qmail", "", {"qmail-remote connects; it inherits the environment of qmail-start"}, false}},
      {{"nullmailer-send", "/nullmailer/"},
       {"nullmailer", "--source in its remotes file", {}, false}},
      {{"msmtp", "msmtpd"}, {"msmtp", "source_ip in msmtprc", {}, false}},
      {{"dma"},
       {"dma",
        "",
        {"setgid: install the library with mode 4755, or use /etc/ld.so.preload"},
        false}},
      {{"ssmtp"},
       {"ssmtp",
        "",
        {"setgid: install the library with mode 4755, or use /etc/ld.so.preload"},
        false}},
      {{"esmtp"}, {"esmtp", "", {}, false}},
  };
  return list;
}

bool is_named(const Known& known, std::string_view path) {
  return std::any_of(known.files.begin(), known.files.end(), [&](std::string_view file) {
    return file.starts_with('/') ? path.find(file) != path.npos : base_name(path) == file;
  });
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  return first == text.npos ? std::string_view()
                            : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// A parameter of Postfix's main.cf: the last assignment counts, and a line that begins with a
/// blank continues the one before; postconf(5).
std::string postfix_parameter(std::string_view text, std::string_view name) {
  std::string value;
  bool is_ours = false;
  for (std::string_view line : split(text, "\n")) {
    const bool continues = line.front() == ' ' || line.front() == '\t';
    if (trimmed(line).empty() || trimmed(line).front() == '#') {
      continue;
    }
    if (!continues) {
      const size_t sign = line.find('=');
      is_ours = sign != line.npos && trimmed(line.substr(0, sign)) == name;
      line = is_ours ? line.substr(sign + 1) : std::string_view();
      value = is_ours ? std::string() : value;
    }
    if (is_ours) {
      append(value, trimmed(line), " ");
    }
  }
  return value;
}

/// Postfix binds its client to inet_interfaces where that is one single address.
void add_postfix_notes(Mta& mta) {
  const char* const folder = std::getenv("MAIL_CONFIG");
  const std::string path = fmt::format("{}/main.cf", folder == nullptr ? "/etc/postfix" : folder);
  const auto text = read_file(path, size_t{1} << 20);
  if (!text) {
    return;
  }
  const std::string interfaces = postfix_parameter(*text, "inet_interfaces");
  const auto list = split(interfaces, " \t,");
  constexpr std::string_view harmless[] = {"all", "loopback-only", "localhost", "127.0.0.1", "::1"};
  if (list.size() == 1 &&
      std::find(std::begin(harmless), std::end(harmless), list[0]) == std::end(harmless)) {
    mta.notes.push_back(
        fmt::format("{}: inet_interfaces = {}: one single address, to which smtp binds itself: the "
                    "rule needs `override`",
                    path, interfaces));
  }
  for (const char* const name : {"smtp_bind_address", "smtp_bind_address6"}) {
    const std::string value = postfix_parameter(*text, name);
    if (!value.empty()) {
      mta.notes.push_back(
          fmt::format("{}: {} = {}: its smtp binds itself, and the library leaves "
                      "that alone unless the rule says `override`",
                      path, name, value));
    }
  }
}

bool is_postfix_by_libraries(const Program& program) {
  return program.elf &&
         std::any_of(program.elf->needed.begin(), program.elf->needed.end(),
                     [](const std::string& library) { return library.starts_with("libpostfix-"); });
}

}  // namespace

std::optional<Mta> known_mta(const Program& program) {
  // Every mail program brings a `sendmail`; what it is linked with, or where it really lies, tells.
  const std::string path = program.scripts.empty() ? program.file : program.scripts[0].path;
  const std::string named = is_postfix_by_libraries(program) ? "postfix" : resolved(path);
  for (const Known& known : known_programs()) {
    if (!is_named(known, named)) {
      continue;
    }
    Mta mta = known.mta;
    if (mta.name == "Sendmail" && !program.rights.setgid) {
      return std::nullopt;  // a stand-in for it
    }
    if (mta.name == "Postfix") {
      add_postfix_notes(mta);
    }
    return mta;
  }
  return std::nullopt;
}

}  // namespace clusterbind::tool
