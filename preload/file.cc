#include "preload/file.h"

#include <errno.h>

#include "preload/kernel.h"

namespace clusterbind {

FileIdentity identity_of(const struct stat& status) {
  return {status.st_dev, status.st_ino, status.st_size, status.st_mtim, status.st_ctim};
}

bool identify(const char* path, FileIdentity& identity) {
  struct stat status;
  if (kernel::stat(path, status) != 0) return false;
  identity = identity_of(status);
  return true;
}

bool identify(int fd, FileIdentity& identity) {
  struct stat status;
  if (kernel::fstat(fd, status) != 0) return false;
  identity = identity_of(status);
  return true;
}

File::File(const char* path) : fd_(kernel::open_for_reading(path)), error_(fd_ < 0 ? errno : 0) {}

File::~File() {
  if (fd_ >= 0) kernel::close(fd_);
}

bool File::status(struct stat& status) const {
  return kernel::fstat(fd_, status) == 0;
}

long File::read(std::span<char> out) const {
  size_t done = 0;
  while (done < out.size()) {
    const long count = kernel::read(fd_, out.data() + done, out.size() - done);
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    done += static_cast<size_t>(count);
  }
  return static_cast<long>(done);
}

}  // namespace clusterbind
