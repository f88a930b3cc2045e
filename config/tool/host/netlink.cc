#include "config/tool/host/netlink.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "config/tool/host/sockets.h"

namespace clusterbind::tool {
namespace {

template <typename T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

void append(std::vector<std::byte>& message, std::span<const std::byte> piece) {
  message.insert(message.end(), piece.begin(), piece.end());
  message.resize(NLMSG_ALIGN(message.size()));
}

/// The state of the kernel's answer after one datagram: whether more messages will come.
struct Progress {
  bool done = false;
  int error = 0;
};

Progress read_messages(
    std::span<const std::byte> data,
    const std::function<void(const nlmsghdr&, std::span<const std::byte>)>& take) {
  Progress progress;
  while (data.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header = {};
    std::memcpy(&header, data.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > data.size()) {
      return {true, EPROTO};
    }
    const auto body = data.subspan(sizeof header, header.nlmsg_len - sizeof header);
    if (header.nlmsg_type == NLMSG_DONE) {
      return {true, 0};
    }
    if (header.nlmsg_type == NLMSG_ERROR) {
      int error = -EPROTO;
      std::memcpy(&error, body.data(), std::min(sizeof error, body.size()));
      return {true, -error};
    }
    take(header, body);
    progress.done = (header.nlmsg_flags & NLM_F_MULTI) == 0;
    data = data.subspan(std::min<size_t>(NLMSG_ALIGN(header.nlmsg_len), data.size()));
  }
  return progress;
}

}  // namespace

int ask_kernel(int protocol, uint16_t type, uint16_t flags, std::span<const std::byte> body,
               const std::function<void(const nlmsghdr&, std::span<const std::byte>)>& take) {
  const Descriptor netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!netlink.valid()) {
    return errno;
  }
  nlmsghdr header = {};
  header.nlmsg_len = static_cast<uint32_t>(sizeof header + body.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  std::vector<std::byte> message;
  append(message, bytes_of(header));
  append(message, body);
  if (send(netlink.get(), message.data(), message.size(), 0) < 0) {
    return errno;
  }
  std::vector<std::byte> answer(size_t{1} << 18);  // the kernel sends up to 32 KB at a time
  Progress progress;
  while (!progress.done) {
    const ssize_t got = recv(netlink.get(), answer.data(), answer.size(), 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return got < 0 ? errno : EPROTO;
    }
    progress = read_messages(std::span(answer).first(static_cast<size_t>(got)), take);
  }
  return progress.error;
}

void for_each_attribute(std::span<const std::byte> attributes,
                        const std::function<void(uint16_t, std::span<const std::byte>)>& take) {
  while (attributes.size() >= sizeof(rtattr)) {
    rtattr header = {};
    std::memcpy(&header, attributes.data(), sizeof header);
    if (header.rta_len < sizeof header || header.rta_len > attributes.size()) {
      return;
    }
    take(header.rta_type, attributes.subspan(sizeof header, header.rta_len - sizeof header));
    attributes = attributes.subspan(std::min<size_t>(RTA_ALIGN(header.rta_len), attributes.size()));
  }
}

}  // namespace clusterbind::tool
