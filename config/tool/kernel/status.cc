#include "config/tool/kernel/status.h"

#include <fmt/format.h>

#include "config/parse.h"
#include "config/text.h"
#include "config/tool/command/options.h"
#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/rules/report.h"

namespace clusterbind::tool {
namespace {

std::string_view name_of(FileState state) {
  switch (state) {
    case FileState::same:
      return "same";
    case FileState::changed:
      return "changed";
    case FileState::unreadable:
      return "unreadable";
    case FileState::none:
      break;
  }
  return "none";
}

std::string age_text(uint64_t seconds) {
  constexpr uint64_t minute = 60, hour = 60 * minute, day = 24 * hour;
  if (seconds < 2 * minute) {
    return fmt::format("{} s", seconds);
  }
  if (seconds < 2 * hour) {
    return fmt::format("{} min", seconds / minute);
  }
  return seconds < 2 * day ? fmt::format("{} h", seconds / hour)
                           : fmt::format("{} days", seconds / day);
}

std::string families_text(const Attachment& attachment) {
  if (attachment.has_ipv4 && attachment.has_ipv6) {
    return "covered: IPv4 and IPv6";
  }
  return attachment.has_ipv4 ? "not covered: IPv6 has no program"
                             : "not covered: IPv4 has no program";
}

std::string counts_line(const RuleCounts& counts, std::string_view what) {
  return fmt::format("{:>10} {:>10} {:>10}  {}\n", counts.decided, counts.kept, counts.missing,
                     what);
}

bool is_whole(const Attachment& attachment) {
  return attachment.has_ipv4 && attachment.has_ipv6;
}

}  // namespace

FileState file_state(const Attachment& attachment) {
  if (!attachment.name.starts_with('/')) {
    return FileState::none;
  }
  const auto text = read_file(attachment.name, text_limit + 1);
  if (!text) {
    return FileState::unreadable;
  }
  return without_mark(*text) == attachment.text ? FileState::same : FileState::changed;
}

std::string attachment_text(const Attachment& attachment) {
  const RuleText rules(attachment.name, attachment.text);
  const size_t count = rules.parsed().rules.size();
  std::string text =
      fmt::format("{}: {} of {}, for {}\n", printable(attachment.group), counted(count, "rule"),
                  printable(attachment.name), age_text(attachment.age));
  const FileState state = file_state(attachment);
  if (state == FileState::changed) {
    text += "the file has changed since: these are still the old rules\n";
  } else if (state == FileState::unreadable) {
    text += "the file cannot be read now\n";
  }
  text += fmt::format("{:>10} {:>10} {:>10}  rule\n", "decided", "left", "no source");
  for (uint32_t i = 0; i < count && i + 1 < attachment.counts.size(); ++i) {
    text += counts_line(attachment.counts[i + 1],
                        fmt::format("{}: {}", rules.place(i), rule_text(rules, i)));
  }
  text += counts_line(attachment.counts[0], "no rule");
  return text + families_text(attachment) + "\n";
}

void add_attachment(Json& json, const Attachment& attachment) {
  const RuleText rules(attachment.name, attachment.text);
  const auto add_counts = [&](const RuleCounts& counts) {
    json.add("decided", counts.decided);
    json.add("left", counts.kept);
    json.add("no_source", counts.missing);
  };
  json.add("group", attachment.group);
  json.add("source", attachment.name);
  json.add("file", name_of(file_state(attachment)));
  json.add("seconds", attachment.age);
  json.add("ipv4", attachment.has_ipv4);
  json.add("ipv6", attachment.has_ipv6);
  json.array("rules");
  for (uint32_t i = 0; i < rules.parsed().rules.size() && i + 1 < attachment.counts.size(); ++i) {
    json.object();
    add_rule(json, rules, i);
    add_counts(attachment.counts[i + 1]);
    json.end();
  }
  json.end();
  json.add("no_rule", attachment.counts[0].decided);
}

int show_groups(const std::vector<std::string>& groups, bool as_json) {
  bool good = !groups.empty();
  std::string text;
  Json json;
  json.object();
  json.array("groups");
  for (const std::string& group : groups) {
    const auto attachment = attachment_of(group);
    good = good && attachment && is_whole(*attachment);
    append(
        text,
        attachment ? attachment_text(*attachment) : fmt::format("{}: no rules\n", printable(group)),
        "\n");
    json.object();
    if (attachment) {
      add_attachment(json, *attachment);
    } else {
      json.add("group", group);
      json.add_null("source");
    }
    json.end();
  }
  json.end();
  json.end();
  if (as_json) {
    fmt::print("{}\n", json.text());
  } else {
    fmt::print("{}", groups.empty() ? "no group has rules\n" : text);
  }
  return good ? exit_good : exit_bad;
}

}  // namespace clusterbind::tool
