// Reads parts of a file whose contents are not trusted, and names the structures of both ELF
// classes.
#pragma once

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "config/tool/host/sockets.h"

namespace clusterbind::tool {

/// Reads parts of a file whose contents are not trusted.
class Image {
 public:
  explicit Image(const std::string& path)
      : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}

  bool is_open() const { return file_.valid(); }

  /// Up to `size` bytes from `offset` on; fewer if the file ends before.
  std::string bytes(uint64_t offset, uint64_t size) const {
    constexpr uint64_t most = uint64_t{16} << 20;
    if (offset > INT64_MAX - most) {
      return {};
    }
    std::string out(std::min(size, most), '\0');
    size_t filled = 0;
    while (filled < out.size()) {
      const ssize_t got = pread(file_.get(), out.data() + filled, out.size() - filled,
                                static_cast<off_t>(offset + filled));
      if (got <= 0) {
        break;
      }
      filled += static_cast<size_t>(got);
    }
    out.resize(filled);
    return out;
  }

  /// Reads a structure at an offset; false if the file ends before.
  template <typename T>
  bool get(uint64_t offset, T& out) const {
    const std::string piece = bytes(offset, sizeof out);
    if (piece.size() != sizeof out) {
      return false;
    }
    std::memcpy(&out, piece.data(), sizeof out);
    return true;
  }

 private:
  Descriptor file_;
};

inline std::string until_nul(std::string_view text) {
  return std::string(text.substr(0, text.find('\0')));
}

struct Elf32 {
  using Header = Elf32_Ehdr;
  using Segment = Elf32_Phdr;
  using Section = Elf32_Shdr;
  using Entry = Elf32_Dyn;
  using Symbol = Elf32_Sym;
  using Need = Elf32_Verneed;
  using NeedEntry = Elf32_Vernaux;
  using Definition = Elf32_Verdef;
  using DefinitionEntry = Elf32_Verdaux;
};
struct Elf64 {
  using Header = Elf64_Ehdr;
  using Segment = Elf64_Phdr;
  using Section = Elf64_Shdr;
  using Entry = Elf64_Dyn;
  using Symbol = Elf64_Sym;
  using Need = Elf64_Verneed;
  using NeedEntry = Elf64_Vernaux;
  using Definition = Elf64_Verdef;
  using DefinitionEntry = Elf64_Verdaux;
};

}  // namespace clusterbind::tool
