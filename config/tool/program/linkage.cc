#include "config/tool/program/linkage.h"

#include <bit>
#include <map>

#include "config/tool/program/image.h"

namespace clusterbind::tool {
namespace {

// No real file has more. The limit stops at damaged files.
constexpr unsigned most_versions = 4096;
constexpr uint64_t most_symbols = 1U << 20;

template <typename Elf>
class LinkageReader {
 public:
  explicit LinkageReader(const Image& image) : image_(image) {}

  std::optional<Linkage> read() {
    if (!read_segments() || !read_dynamic()) {
      return std::nullopt;
    }
    read_needs();
    read_definitions();
    read_symbols();
    return out_;
  }

 private:
  bool read_segments() {
    typename Elf::Header header = {};
    if (!image_.get(0, header)) {
      return false;
    }
    for (unsigned i = 0; i < header.e_phnum; ++i) {
      typename Elf::Segment segment = {};
      if (!image_.get(header.e_phoff + uint64_t{i} * header.e_phentsize, segment)) {
        return false;
      }
      segments_.push_back(segment);
    }
    for (unsigned i = 0; i < header.e_shnum; ++i) {
      typename Elf::Section section = {};
      if (image_.get(header.e_shoff + uint64_t{i} * header.e_shentsize, section) &&
          section.sh_type == SHT_DYNSYM && section.sh_entsize == sizeof(typename Elf::Symbol)) {
        symbol_count_ = section.sh_size / section.sh_entsize;
      }
    }
    return true;
  }

  bool read_dynamic() {
    for (const auto& segment : segments_) {
      if (segment.p_type != PT_DYNAMIC) {
        continue;
      }
      const std::string section = image_.bytes(segment.p_offset, segment.p_filesz);
      std::vector<uint64_t> names;
      for (size_t at = 0; at + sizeof(typename Elf::Entry) <= section.size();
           at += sizeof(typename Elf::Entry)) {
        typename Elf::Entry entry = {};
        std::memcpy(&entry, section.data() + at, sizeof entry);
        if (entry.d_tag == DT_NULL) {
          break;
        }
        entry.d_tag == DT_NEEDED
            ? names.push_back(entry.d_un.d_val)
            : void(values_[static_cast<int64_t>(entry.d_tag)] = entry.d_un.d_val);
      }
      strings_ = image_.bytes(file_offset(value(DT_STRTAB)), value(DT_STRSZ));
      for (const uint64_t name : names) {
        out_.needed.push_back(text(name));
      }
      const uint64_t search = values_.contains(DT_RUNPATH) ? value(DT_RUNPATH) : value(DT_RPATH);
      out_.search = search == 0 ? std::string() : text(search);
      return !strings_.empty();
    }
    return false;
  }

  void read_needs() {
    uint64_t at = file_offset(value(DT_VERNEED));
    for (uint64_t i = 0; i < std::min<uint64_t>(value(DT_VERNEEDNUM), most_versions); ++i) {
      typename Elf::Need need = {};
      if (!image_.get(at, need)) {
        return;
      }
      uint64_t entry_at = at + need.vn_aux;
      for (unsigned k = 0; k < need.vn_cnt; ++k) {
        typename Elf::NeedEntry entry = {};
        if (!image_.get(entry_at, entry)) {
          return;
        }
        if ((entry.vna_flags & VER_FLG_WEAK) == 0) {
          out_.versions.push_back({text(need.vn_file), text(entry.vna_name)});
        }
        entry_at += entry.vna_next;
      }
      at += need.vn_next;
    }
  }

  void read_definitions() {
    uint64_t at = file_offset(value(DT_VERDEF));
    for (uint64_t i = 0; i < std::min<uint64_t>(value(DT_VERDEFNUM), most_versions); ++i) {
      typename Elf::Definition definition = {};
      typename Elf::DefinitionEntry entry = {};
      if (!image_.get(at, definition) || !image_.get(at + definition.vd_aux, entry)) {
        return;
      }
      out_.defines.insert(text(entry.vda_name));
      at += definition.vd_next;
    }
  }

  void read_symbols() {
    const uint64_t table = value(DT_SYMTAB);
    uint64_t count = symbol_count_;
    if (count == 0 && value(DT_STRTAB) > table) {
      // Without section headers the end of the symbols is found by what linkers put right after
      // them: the strings.
      count = (value(DT_STRTAB) - table) / sizeof(typename Elf::Symbol);
    }
    const uint64_t offset = file_offset(table);
    const std::string bytes =
        image_.bytes(offset, std::min(count, most_symbols) * sizeof(typename Elf::Symbol));
    for (size_t at = 0; at + sizeof(typename Elf::Symbol) <= bytes.size();
         at += sizeof(typename Elf::Symbol)) {
      typename Elf::Symbol symbol = {};
      std::memcpy(&symbol, bytes.data() + at, sizeof symbol);
      const unsigned binding = symbol.st_info >> 4;
      if (symbol.st_name == 0 || binding == STB_LOCAL) {
        continue;
      }
      if (symbol.st_shndx != SHN_UNDEF) {
        out_.exports.insert(text(symbol.st_name));
      } else if (binding != STB_WEAK) {
        out_.imports.insert(text(symbol.st_name));
      }
    }
  }

  uint64_t value(int64_t tag) const {
    const auto found = values_.find(tag);
    return found == values_.end() ? 0 : found->second;
  }

  std::string text(uint64_t offset) const {
    return offset < strings_.size() ? until_nul(std::string_view(strings_).substr(offset))
                                    : std::string();
  }

  /// If no segment has the address, the offset is beyond the end of every file.
  uint64_t file_offset(uint64_t address) const {
    for (const auto& segment : segments_) {
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
          address - segment.p_vaddr < segment.p_filesz) {
        return address - segment.p_vaddr + segment.p_offset;
      }
    }
    return UINT64_MAX;
  }

  const Image& image_;
  Linkage out_;
  std::vector<typename Elf::Segment> segments_;
  std::map<int64_t, uint64_t> values_;  // the dynamic section, by tag
  std::string strings_;
  uint64_t symbol_count_ = 0;
};

}  // namespace

std::optional<Linkage> read_linkage(const std::string& path) {
  const Image image(path);
  const std::string identity = image.is_open() ? image.bytes(0, EI_NIDENT) : std::string();
  constexpr char own_order = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  if (identity.size() != EI_NIDENT || !identity.starts_with(ELFMAG) ||
      identity[EI_DATA] != own_order) {
    return std::nullopt;
  }
  return identity[EI_CLASS] == ELFCLASS64 ? LinkageReader<Elf64>(image).read()
                                          : LinkageReader<Elf32>(image).read();
}

}  // namespace clusterbind::tool
