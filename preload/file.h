// Reads files, with system calls that are no cancellation points, and judges a rule file by the
// descriptor that it is read from.
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

  /// The same file, whatever its content.
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

/// The identity of a path or of a descriptor. False where there is none.
bool identify(const char* path, FileIdentity& identity);
bool identify(int fd, FileIdentity& identity);

/// An open file, closed at the end.
class File {
 public:
  /// Opens for reading, without blocking and without becoming the controlling terminal.
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
