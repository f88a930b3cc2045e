// The driver's sockets: what can be seen of each, and what must be left out of a trace because it
// may differ under the library.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace clusterbind::test {

/// An errno by name; `untouched` where a call set none.
std::string name_of_error(int error);
constexpr int untouched = 4321;  // errno before each call: no error has this number

/// The state of a TCP socket, 0 of any other. FIN-WAIT-1 counts as FIN-WAIT-2: a delayed
/// acknowledgement is all that lies between them.
int tcp_state(int fd);

class Sockets {
 public:
  /// `forget`: the rules match, so the sockets that were bound for the program leave the traces
  /// where LIMITS in libclusterbind(8) says that they keep something.
  explicit Sockets(bool forget) : forget_(forget) {}

  size_t count() const { return descriptors_.size(); }
  int at(size_t index) const { return descriptors_[index].fd; }

  void keep(int fd);
  void keep_duplicate(size_t of, int fd);
  /// Closes one descriptor; returns what close(2) does.
  int close_at(size_t index);

  /// What can be seen of a socket. SO_ERROR and IP_BIND_ADDRESS_NO_PORT are left out: reading the
  /// first changes the socket, and the second is set on a socket that was bound for the program.
  std::string state(int fd);

  /// Waits for the end of a handshake, so that time has no part in the trace. Once it was waited
  /// for in vain, or is with full_port, it is not waited for again.
  void settle(int fd, long result, int error, const std::string& destination);

  /// Whether a socket that could have been bound for the program is closed: a connection that
  /// failed at once leaves its local address to be seen until the next call, if the kernel chose it
  /// (ours is unbound instead), and one that is over leaves the source address.
  bool is_over(int fd) const;

  /// Lets go of a socket whose connection is over: it keeps its source address.
  void note_end(int fd);

  /// How often the source of the rules was seen.
  size_t bound() const { return bound_; }
  void saw_source() { ++bound_; }

 private:
  /// Several descriptors may be one socket (dup).
  struct Descriptor {
    int fd;
    size_t socket;
  };
  struct Socket {
    bool began = false;  // a connection was begun or made
    bool hangs = false;  // ... and will not be answered
    bool tried = false;  // so that the library may have bound the socket
  };

  Socket* find(int fd);
  const Socket* find(int fd) const;
  void let_go(size_t socket);

  bool forget_;
  std::vector<Descriptor> descriptors_;
  std::vector<Socket> sockets_;
  size_t bound_ = 0;
};

}  // namespace clusterbind::test
