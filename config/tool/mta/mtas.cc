#include "config/tool/mta/mtas.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "config/tool/host/files.h"
#include "config/tool/mta/postfix.h"

namespace clusterbind::tool {
namespace {

/// A name that ends with `/` stands for all programs in a folder of that name.
struct Known {
  std::vector<std::string_view> files;
  Mta mta;
};

const std::vector<Known>& known_programs() {
  static const std::vector<Known> list = {
      {{"postfix", "/postfix/"},
       {"Postfix",
        "smtp_bind_address, smtp_bind_address6 and smtp_bind_address_enforce in main.cf",
        {"`clusterbind-run postfix start`: Postfix cleans the environment of its smtp processes, "
         "and "
         "CLUSTERBIND_FOLLOW=1 puts the library back; stop a running Postfix first: `postfix "
         "reload` keeps the old master process"},
        false}},
      {{"exim", "exim4"},
       {"Exim",
        "interface on the smtp transport (Debian: REMOTE_SMTP_INTERFACE, for remote_smtp only, not "
        "for the smarthost)",
        {"it executes its own setuid file again to deliver: the library must be installed "
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
        {"it starts its modules with `env -i`; CLUSTERBIND_FOLLOW=1 puts the library back"},
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

bool is_postfix_by_libraries(const Program& program) {
  return program.elf &&
         std::any_of(program.elf->needed.begin(), program.elf->needed.end(),
                     [](const std::string& library) { return library.starts_with("libpostfix-"); });
}

}  // namespace

std::optional<Mta> known_mta(const Program& program) {
  // Every mail program installs a `sendmail`: the path without links, or the library that it is
  // linked with, shows which one it is.
  const std::string path = program.scripts.empty() ? program.file : program.scripts[0].path;
  const std::string named = is_postfix_by_libraries(program) ? "postfix" : resolved(path);
  for (const Known& known : known_programs()) {
    if (!is_named(known, named)) {
      continue;
    }
    Mta mta = known.mta;
    if (mta.name == "Sendmail" && !program.rights.setgid) {
      return std::nullopt;  // another mail program's replacement for it
    }
    if (mta.name == "Postfix") {
      std::ranges::move(postfix_notes(), std::back_inserter(mta.notes));
    }
    return mta;
  }
  return std::nullopt;
}

}  // namespace clusterbind::tool
