#include "preload/log.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "config/text.h"
#include "config/utf8.h"
#include "preload/choice.h"
#include "preload/clock.h"
#include "preload/kernel.h"
#include "preload/load.h"
#include "preload/socket.h"

namespace clusterbind {
namespace {

constexpr size_t line_most = 768;
constexpr size_t program_most = 256;  // NAME_MAX and the final NUL
constexpr size_t header_most = 64;    // priority, "clusterbind[PID]: "
constexpr int64_t repeat_ms = 1000;

constinit std::atomic<uint64_t> last_error = 0;  // the hash of the line
constinit std::atomic<int64_t> last_error_ms = 0;
constinit std::atomic<uint32_t> more_of_last_error = 0;
constinit std::atomic<bool> wrong_rules_logged = false;

/// A text that the library has not written itself; the part that has room in a line is shown.
std::string_view cut(const char* text) {
  return {text, strnlen(text, 400)};
}

/// Puts a line together. Every line fits: addresses and reasons are short, names and messages are
/// cut.
class Line {
 public:
  Line() = default;
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  template <typename Piece>
  Line& operator<<(Piece piece) {
    text_ << piece;
    return *this;
  }
  Line& operator<<(const Address& address) {
    char text[address_text_size];
    return *this << write_address(address, text);
  }
  Line& operator<<(const Target& target) {
    char text[address_text_size];
    return *this << write_endpoint(target.address, target.port, text);
  }

  /// Appends the place of the rule: " (NAME:LINE)".
  Line& at(const Rules& rules, const Rule& rule) {
    text_ << " (" << cut(rules.name) << ":" << uint64_t{rule.line} << ")";
    return *this;
  }

  std::string_view view() const { return text_.view(); }

 private:
  char buffer_[line_most];
  Text text_{buffer_};
};

/// The syslog priority: the facility mail and a severity (RFC 3164, 4.1.1).
uint64_t priority(LogLevel level) {
  constexpr unsigned mail = 2;
  constexpr unsigned severities[] = {3, 3, 6, 7};  // err, err, info, debug
  return mail * 8 + severities[static_cast<unsigned>(level)];
}

void send_to_syslog(std::string_view line) {
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  constexpr char path[] = "/dev/log";
  memcpy(name.sun_path, path, sizeof path);
  const int fd = kernel::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  kernel::sendto(fd, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL, &name, sizeof name);
  kernel::close(fd);
}

/// Whether descriptor 2 is the file that it was at load. By now it may be anything, even a mail
/// session.
bool is_standard_error(const Process& process) {
  struct stat now;
  if (kernel::fstat(STDERR_FILENO, now) != 0) return false;
  if (now.st_dev != process.standard_error.device || now.st_ino != process.standard_error.inode) {
    return false;
  }
  if (!S_ISSOCK(now.st_mode)) return true;
  return int_option(STDERR_FILENO, SOL_SOCKET, SO_DOMAIN) == AF_UNIX;
}

/// Writes to descriptor 2, if that neither blocks nor raises SIGPIPE.
void send_to_stderr(const Process& process, std::string_view line) {
  if (!is_standard_error(process)) return;
  pollfd ready = {STDERR_FILENO, POLLOUT, 0};
  if (kernel::poll_at_once(ready) != 1 || ready.revents != POLLOUT) return;
  const int sent = kernel::sendto(STDERR_FILENO, line.data(), line.size(),
                                  MSG_DONTWAIT | MSG_NOSIGNAL, nullptr, 0);
  if (sent < 0 && errno == ENOTSOCK) kernel::write(STDERR_FILENO, line.data(), line.size());
}

/// Replaces each control character, and each byte that is not UTF-8, with `?`, because a terminal
/// that shows the log might obey them. Returns the end of the line, which may become shorter.
char* hide_controls(char* text, const char* end) {
  char* out = text;
  while (text != end) {
    const std::string_view rest(text, static_cast<size_t>(end - text));
    const size_t length = std::max<size_t>(utf8_length(rest), 1);
    const size_t shown = printable_length(rest);
    if (shown == 0) *out++ = '?';
    for (size_t i = 0; i < shown; ++i) *out++ = text[i];
    text += length;
  }
  return out;
}

void send(const Process& process, LogLevel level, std::string_view body) {
  char path[512];
  std::string_view program = program_name(path);
  if (program.empty()) program = process.started_as;
  char line[header_most + program_most + line_most];
  Text text(line);
  if (!process.log_to_stderr) text << "<" << priority(level) << ">";
  text << "clusterbind[" << static_cast<uint64_t>(getpid())
       << "]: " << std::string_view(program.data(), std::min(program.size(), program_most)) << ": "
       << body;
  char* end = hide_controls(line, line + text.view().size());
  if (process.log_to_stderr) *end++ = '\n';
  const std::string_view all(line, static_cast<size_t>(end - line));
  process.log_to_stderr ? send_to_stderr(process, all) : send_to_syslog(all);
}

uint64_t hash(std::string_view text) {  // FNV-1a
  uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

/// Whether this error was logged less than a second ago. Before a line that is not a repetition,
/// one line says how often the last error was repeated.
bool is_repeated(const Process& process, std::string_view body) {
  const uint64_t error = hash(body);
  const int64_t now = now_ms();
  if (error == last_error.load(std::memory_order_relaxed) &&
      now - last_error_ms.load(std::memory_order_relaxed) < repeat_ms) {
    more_of_last_error.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  last_error.store(error, std::memory_order_relaxed);
  last_error_ms.store(now, std::memory_order_relaxed);
  if (const uint32_t more = more_of_last_error.exchange(0, std::memory_order_relaxed)) {
    char text[64];
    Text(text) << "last message repeated " << uint64_t{more} << (more == 1 ? " time" : " times");
    send(process, LogLevel::error, text);
  }
  return false;
}

void log(const Rules& rules, LogLevel level, const Line& line) {
  if (level == LogLevel::error && is_repeated(*rules.process, line.view())) return;
  send(*rules.process, level, line.view());
}

}  // namespace

void log_bound(const Rules& rules, const Rule& rule, const Address& source, const Target& target) {
  log(rules, LogLevel::info, (Line() << "bound " << source << " -> " << target).at(rules, rule));
}

void log_direct(const Rules& rules, const Rule& rule, const Target& target) {
  if (!logs(rules, LogLevel::info)) return;
  log(rules, LogLevel::info, (Line() << "direct " << target).at(rules, rule));
}

void log_no_rule(const Rules& rules, const Target& target) {
  if (!logs(rules, LogLevel::debug)) return;
  log(rules, LogLevel::debug, Line() << "no rule " << target);
}

void log_refused(const Rules& rules, const Rule& rule, const Target& target) {
  if (!logs(rules, LogLevel::error)) return;
  log(rules, LogLevel::error, (Line() << "refused " << target).at(rules, rule));
}

void log_cannot_bind(const Rules& rules, const Rule& rule, const Target& target,
                     std::string_view reason) {
  if (!logs(rules, LogLevel::error)) return;
  const Family family = target.address.family;
  Line line;
  line << (rule.fallback == Fallback::refuse ? "refused " : "direct ") << target << ": cannot bind "
       << source_of(rule, family);
  const unsigned count = choices_of(rule, family, rules.sources);
  if (count > 1) line << " (first of " << uint64_t{count} << ")";
  log(rules, LogLevel::error, (line << ": " << reason).at(rules, rule));
}

void log_ports_used_up(const Rules& rules, const Rule& rule, const Address& source,
                       const Target& target) {
  if (!logs(rules, LogLevel::error)) return;
  log(rules, LogLevel::error,
      (Line() << "failed " << target << ": the ports of " << source << " are used up")
          .at(rules, rule));
}

void log_wrong_rules(const Rules& rules, const Target& target) {
  if (!logs(rules, LogLevel::error)) return;
  if (wrong_rules_logged.exchange(true, std::memory_order_relaxed)) return;
  log(rules, LogLevel::error,
      Line() << "refused " << target << ": wrong rules: " << cut(rules.message));
}

void log_rejected_rules(const Rules& rules, const Rules& rejected) {
  if (!logs(rules, LogLevel::error)) return;
  const char* const what = rules.wrong ? "still wrong rules: " : "wrong rules, the old ones stay: ";
  log(rules, LogLevel::error, Line() << what << cut(rejected.message));
}

void log_hand_over(const Rules& rules, const char* verb, const char* unit) {
  if (!logs(rules, LogLevel::error)) return;
  log(rules, LogLevel::error,
      Line() << "has systemd " << verb << " " << cut(unit)
             << ", which goes without these rules: see clusterbind enable");
}

void log_error(const Rules& rules, std::string_view text) {
  if (!logs(rules, LogLevel::error)) return;
  log(rules, LogLevel::error, Line() << text);
}

}  // namespace clusterbind
