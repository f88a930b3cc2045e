// Reads files, with system calls that are not cancellation points (pthreads(7)), and identifies
// them.
#pragma once

#include <sys/stat.h>
#include <time.h>

#include <cstddef>
#include <span>

namespace clusterbind {

/// What identifies a file and its content, from stat(2).
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec modified = {};
  timespec changed = {};

  /// Whether it is the same file, whatever its content.
  bool same_file(const FileIdentity& other) const {
    return device == other.device && inode == other.inode;
  }
  bool operator==(const FileIdentity& other) const {
    return same_file(other) && size == other.size && modified.tv_sec == other.modified.tv_sec &&
           modified.tv_nsec == other.modified.tv_nsec && changed.tv_sec == other.changed.tv_sec &&
           changed.tv_nsec == other.changed.tv_nsec;
  }
};

FileIdentity identity_of(const struct stat& status);

/// The identity of the file of a path or of a descriptor. False if there is none.
bool identify(const char* path, FileIdentity& identity);
bool identify(int fd, FileIdentity& identity);

/// An open file; the destructor closes it.
class File {
 public:
  /// Opens a file for reading. Does not block, and a terminal does not become the controlling one.
  explicit File(const char* path);
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  /// The errno of open(2), or 0.
  int error() const { return error_; }

  bool status(struct stat& status) const;

  /// Reads up to the end of the file or of `out`. Returns the bytes, or -1 with errno set.
  long read(std::span<char> out) const;

 private:
  int fd_;
  int error_;
};

}  // namespace clusterbind
