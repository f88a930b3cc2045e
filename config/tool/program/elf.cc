#include "config/tool/program/elf.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "config/tool/host/files.h"
#include "config/tool/program/image.h"

namespace clusterbind::tool {
namespace {

constexpr std::string_view go_magic = "\xff Go buildinf:";

/// "go1.19.8" from a block of build information, which Go's package debug/buildinfo describes.
std::string go_version_in(std::string_view block) {
  constexpr size_t flags_at = 15;
  constexpr size_t version_at = 32;
  constexpr unsigned has_inline_version = 2;
  if (block.size() <= version_at ||
      (static_cast<unsigned>(block[flags_at]) & has_inline_version) == 0) {
    return {};
  }
  // The length is a varint; all versions are shorter than 128 bytes.
  const auto length = static_cast<unsigned char>(block[version_at]);
  return length < 128 ? std::string(block.substr(version_at + 1, length)) : std::string();
}

template <typename Elf>
class Reader {
 public:
  Reader(const Image& image, ElfFile& out) : image_(image), out_(out) {}

  bool read() {
    if (!image_.get(0, header_)) {
      return false;
    }
    out_.machine = header_.e_machine;
    for (unsigned i = 0; i < header_.e_phnum; ++i) {
      typename Elf::Segment segment = {};
      if (!image_.get(header_.e_phoff + uint64_t{i} * header_.e_phentsize, segment)) {
        return false;
      }
      segments_.push_back(segment);
    }
    for (const auto& segment : segments_) {
      read_segment(segment);
    }
    out_.is_program = header_.e_type == ET_EXEC ||
                      (header_.e_type == ET_DYN && (!out_.interpreter.empty() || out_.is_pie));
    read_go();
    return header_.e_type == ET_EXEC || header_.e_type == ET_DYN;
  }

 private:
  void read_segment(const typename Elf::Segment& segment) {
    if (segment.p_type == PT_INTERP) {
      out_.interpreter =
          until_nul(image_.bytes(segment.p_offset, std::min<uint64_t>(segment.p_filesz, 4096)));
    } else if (segment.p_type == PT_DYNAMIC) {
      out_.is_dynamic = true;
      read_dynamic(image_.bytes(segment.p_offset, segment.p_filesz));
    }
  }

  void read_dynamic(const std::string& section) {
    std::vector<uint64_t> names;
    uint64_t strings = 0;
    for (size_t at = 0; at + sizeof(typename Elf::Entry) <= section.size();
         at += sizeof(typename Elf::Entry)) {
      typename Elf::Entry entry = {};
      std::memcpy(&entry, section.data() + at, sizeof entry);
      switch (entry.d_tag) {
        case DT_NULL:
          at = section.size();
          break;
        case DT_NEEDED:
          names.push_back(entry.d_un.d_val);
          break;
        case DT_STRTAB:
          strings = file_offset(entry.d_un.d_ptr);
          break;
        case DT_FLAGS_1:
          out_.is_pie = (entry.d_un.d_val & DF_1_PIE) != 0;
          break;
        default:
          break;
      }
    }
    for (const uint64_t name : names) {
      out_.needed.push_back(until_nul(image_.bytes(strings + name, 256)));
    }
  }

  uint64_t file_offset(uint64_t address) const {
    for (const auto& segment : segments_) {
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
          address - segment.p_vaddr < segment.p_filesz) {
        return address - segment.p_vaddr + segment.p_offset;
      }
    }
    return 0;
  }

  /// Go's linker writes a section of its own. If the section table was stripped, its contents are
  /// still near the start of the writable data.
  void read_go() {
    std::string block = section_named(".go.buildinfo");
    if (!block.starts_with(go_magic)) {
      block = in_writable_data();
    }
    out_.is_go = block.starts_with(go_magic) || !section_named(".note.go.buildid").empty();
    out_.go_version = out_.is_go ? go_version_in(block) : std::string();
  }

  std::string in_writable_data() const {
    constexpr uint64_t most = uint64_t{1} << 20;
    for (const auto& segment : segments_) {
      if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) != 0) {
        const std::string data =
            image_.bytes(segment.p_offset, std::min<uint64_t>(segment.p_filesz, most));
        const size_t at = data.find(go_magic);
        return at == data.npos ? std::string() : data.substr(at, 256);
      }
    }
    return {};
  }

  std::string section_named(std::string_view wanted) const {
    typename Elf::Section names = {};
    if (header_.e_shoff == 0 || !section(header_.e_shstrndx, names)) {
      return {};
    }
    const std::string table = image_.bytes(names.sh_offset, names.sh_size);
    for (unsigned i = 0; i < header_.e_shnum; ++i) {
      typename Elf::Section one = {};
      if (section(i, one) && one.sh_name < table.size() &&
          until_nul(std::string_view(table).substr(one.sh_name)) == wanted) {
        return image_.bytes(one.sh_offset, std::min<uint64_t>(one.sh_size, 4096));
      }
    }
    return {};
  }

  bool section(unsigned index, typename Elf::Section& out) const {
    return image_.get(header_.e_shoff + uint64_t{index} * header_.e_shentsize, out);
  }

  const Image& image_;
  ElfFile& out_;
  typename Elf::Header header_ = {};
  std::vector<typename Elf::Segment> segments_;
};

}  // namespace

std::optional<ElfFile> read_elf(const std::string& path) {
  const Image image(path);
  if (!image.is_open()) {
    return std::nullopt;
  }
  errno = 0;
  const std::string identity = image.bytes(0, EI_NIDENT);
  if (identity.size() != EI_NIDENT || !identity.starts_with(ELFMAG)) {
    return std::nullopt;
  }
  ElfFile elf;
  elf.elf_class = identity[EI_CLASS] == ELFCLASS64 ? 64 : 32;
  constexpr char own_order = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  if (identity[EI_DATA] != own_order) {
    elf.is_foreign = true;
    return elf;
  }
  const bool read =
      elf.elf_class == 64 ? Reader<Elf64>(image, elf).read() : Reader<Elf32>(image, elf).read();
  return read ? std::optional(elf) : std::nullopt;
}

std::string machine_name(unsigned machine, int elf_class) {
  switch (machine) {
    case EM_X86_64:
      return elf_class == 64 ? "x86-64" : "x32";
    case EM_386:
      return "i386";
    case EM_AARCH64:
      return "arm64";
    case EM_ARM:
      return "arm";
    case EM_PPC64:
      return "ppc64";
    case EM_S390:
      return "s390x";
    case EM_RISCV:
      return "riscv";
    default:
      return fmt::format("machine {}", machine);
  }
}

bool is_musl(const ElfFile& elf) {
  return base_name(elf.interpreter).starts_with("ld-musl");
}

std::string elf_text(const ElfFile& elf) {
  if (elf.is_foreign) {
    return fmt::format("ELF, {}-bit, of another byte order", elf.elf_class);
  }
  const char* const linked = !elf.interpreter.empty() ? "dynamic"
                             : !elf.is_program        ? "a shared library"
                             : elf.is_dynamic         ? "static-pie"
                                                      : "static";
  std::string text = fmt::format("ELF, {}-bit {}, {}", elf.elf_class,
                                 machine_name(elf.machine, elf.elf_class), linked);
  if (elf.is_go) {
    text += fmt::format(", {}", elf.go_version.empty() ? "Go" : "Go (" + elf.go_version + ")");
  }
  return elf.interpreter.empty() ? text : fmt::format("{}, {}", text, elf.interpreter);
}

}  // namespace clusterbind::tool
