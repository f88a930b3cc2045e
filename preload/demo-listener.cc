// An SMTP listener on loopback for the demo and the tests: prints its port, then the address that
// each connection comes from. It takes every message and keeps none.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace {

constexpr unsigned lifetime = 900;  // seconds; in case nobody ends it
constexpr timeval patience = {5, 0};

bool reply(int peer, std::string_view text) {
  return send(peer, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

/// Answers one line of a client. Returns false at the end of the conversation.
bool answer(int peer, std::string_view line, bool& in_message) {
  if (in_message) {
    in_message = line != ".";
    return in_message || reply(peer, "250 taken\r\n");
  }
  const std::string_view verb = line.substr(0, 4);
  if (strncasecmp(verb.data(), "QUIT", verb.size()) == 0) {
    reply(peer, "221 bye\r\n");
    return false;
  }
  in_message = verb.size() == 4 && strncasecmp(verb.data(), "DATA", 4) == 0;
  return reply(peer, in_message ? "354 go on\r\n" : "250 fine\r\n");
}

void converse(int peer) {
  setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  bool going_on = reply(peer, "220 demo ESMTP\r\n");
  bool in_message = false;
  std::string unread;
  char piece[4096];
  while (going_on) {
    const ssize_t length = recv(peer, piece, sizeof piece, 0);
    if (length <= 0) {
      return;
    }
    unread.append(piece, static_cast<size_t>(length));
    for (size_t end; going_on && (end = unread.find('\n')) != std::string::npos;
         unread.erase(0, end + 1)) {
      const bool has_return = end > 0 && unread[end - 1] == '\r';
      going_on = answer(peer, std::string_view(unread).substr(0, end - has_return), in_message);
    }
  }
}

}  // namespace

int main() {
  alarm(lifetime);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, raw, size) != 0 || listen(listener, 16) != 0 ||
      getsockname(listener, raw, &size) != 0) {
    perror("demo-listener");
    return 1;
  }
  setvbuf(stdout, nullptr, _IOLBF, 0);
  printf("port %d\n", ntohs(address.sin_port));
  for (;;) {
    size = sizeof address;
    const int peer = accept4(listener, raw, &size, SOCK_CLOEXEC);
    if (peer < 0) {
      continue;
    }
    char text[INET_ADDRSTRLEN];
    printf("%s\n", inet_ntop(AF_INET, &address.sin_addr, text, sizeof text));
    converse(peer);
    close(peer);
  }
}
