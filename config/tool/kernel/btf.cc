#include "config/tool/kernel/btf.h"

#include <linux/btf.h>

#include <bit>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "config/tool/host/files.h"

namespace clusterbind::tool {
namespace {

/// A member of a structure: its offset from the structure's beginning.
struct Member {
  uint32_t bit = 0;
  uint32_t bits = 0;  // width of a bit field; 0 for other members
  uint32_t type = 0;
  int byte() const { return static_cast<int>(bit / 8); }
};

/// The kernel's types, as far as they are needed to find members of structures.
class Types {
 public:
  explicit Types(const std::string& data) : data_(data) {
    if (data.size() < sizeof header_) {
      return;
    }
    std::memcpy(&header_, data.data(), sizeof header_);
    size_t at = size_t{header_.hdr_len} + header_.type_off;
    const size_t end = at + header_.type_len;
    if (header_.magic != BTF_MAGIC || end > data.size()) {
      return;
    }
    starts_.push_back(0);  // type 0 is void, which has no entry
    while (at + sizeof(btf_type) <= end) {
      starts_.push_back(at);
      at += sizeof(btf_type) + bytes_behind(type(starts_.size() - 1));
    }
  }

  /// Finds a member of a member of a structure: {"sysctl", "ip_nonlocal_bind"}.
  std::optional<Member> find(std::string_view structure,
                             std::initializer_list<std::string_view> path) const {
    Member result;
    for (size_t id = 1; id < starts_.size() && result.type == 0; ++id) {
      if (is_structure(id) && text(type(id).name_off) == structure) {
        result.type = static_cast<uint32_t>(id);
      }
    }
    for (const std::string_view name : path) {
      const auto inner = member(plain(result.type), name);
      if (!inner) {
        return std::nullopt;
      }
      result = {result.bit + inner->bit, inner->bits, inner->type};
    }
    return result;
  }

  /// The size of an integer type in bytes; 0 for any other type.
  int integer_size(uint32_t id) const {
    const uint32_t which = plain(id);
    const bool is_integer = which != 0 && BTF_INFO_KIND(type(which).info) == BTF_KIND_INT;
    return is_integer ? static_cast<int>(type(which).size) : 0;
  }

 private:
  btf_type type(size_t id) const {
    btf_type result;
    std::memcpy(&result, data_.data() + starts_[id], sizeof result);
    return result;
  }

  std::string_view text(uint32_t at) const {
    const size_t place = size_t{header_.hdr_len} + header_.str_off + at;
    return place < data_.size() ? data_.c_str() + place : "";
  }

  bool is_structure(size_t id) const {
    const auto kind = BTF_INFO_KIND(type(id).info);
    return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
  }

  /// The type without typedefs and qualifiers.
  uint32_t plain(uint32_t id) const {
    for (int i = 0; i < 16 && id != 0 && id < starts_.size(); ++i) {
      switch (BTF_INFO_KIND(type(id).info)) {
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_TYPE_TAG:
          id = type(id).type;
          break;
        default:
          return id;
      }
    }
    return 0;
  }

  /// How many bytes follow the btf_type of this entry.
  static size_t bytes_behind(const btf_type& one) {
    const size_t count = BTF_INFO_VLEN(one.info);
    switch (BTF_INFO_KIND(one.info)) {
      case BTF_KIND_INT:
      case BTF_KIND_VAR:
      case BTF_KIND_DECL_TAG:
        return sizeof(uint32_t);
      case BTF_KIND_ARRAY:
        return sizeof(btf_array);
      case BTF_KIND_ENUM:
        return count * sizeof(btf_enum);
      case BTF_KIND_FUNC_PROTO:
        return count * sizeof(btf_param);
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
        return count * sizeof(btf_member);
      case BTF_KIND_DATASEC:
        return count * sizeof(btf_var_secinfo);
      case BTF_KIND_ENUM64:
        return count * sizeof(btf_enum64);
      default:
        return 0;
    }
  }

  /// Finds a member by its name, also within members that have no name of their own.
  std::optional<Member> member(uint32_t id, std::string_view name, int depth = 0) const {
    if (id == 0 || id >= starts_.size() || !is_structure(id) || depth > 8) {
      return std::nullopt;
    }
    const btf_type one = type(id);
    for (size_t i = 0; i < BTF_INFO_VLEN(one.info); ++i) {
      btf_member raw;
      std::memcpy(&raw, data_.data() + starts_[id] + sizeof one + i * sizeof raw, sizeof raw);
      const bool has_bit_fields = BTF_INFO_KFLAG(one.info) != 0;
      const Member found = {has_bit_fields ? BTF_MEMBER_BIT_OFFSET(raw.offset) : raw.offset,
                            has_bit_fields ? BTF_MEMBER_BITFIELD_SIZE(raw.offset) : 0, raw.type};
      if (text(raw.name_off) == name) {
        return found;
      }
      if (text(raw.name_off).empty()) {
        if (const auto inner = member(plain(raw.type), name, depth + 1)) {
          return Member{found.bit + inner->bit, inner->bits, inner->type};
        }
      }
    }
    return std::nullopt;
  }

  const std::string& data_;
  btf_header header_{};
  std::vector<size_t> starts_;  // for each type: its offset
};

std::optional<NameOffsets> name_offsets(const Types& types) {
  const auto mm = types.find("task_struct", {"mm"});
  const auto exe_file = types.find("mm_struct", {"exe_file"});
  const auto dentry = types.find("file", {"f_path", "dentry"});
  const auto name = types.find("dentry", {"d_name", "name"});
  if (!mm || !exe_file || !dentry || !name) {
    return std::nullopt;
  }
  return NameOffsets{mm->byte(), exe_file->byte(), dentry->byte(), name->byte()};
}

std::optional<SocketOffsets> socket_offsets(const Types& types) {
  const auto context = types.find("bpf_sock_addr_kern", {"sk"});
  const auto userlocks = types.find("sock", {"sk_userlocks"});
  const auto net = types.find("sock", {"__sk_common", "skc_net", "net"});
  const auto nonlocal = types.find("net", {"ipv6", "sysctl", "ip_nonlocal_bind"});
  // The program takes the socket from the beginning of its context, so it must be the first member.
  if (!context || context->bit != 0 || !userlocks || !net || !nonlocal) {
    return std::nullopt;
  }
  // sk_userlocks has four bits of a byte before Linux 6.13, and a whole byte since then.
  constexpr int lock_bits = 4;
  int shift = 0;
  if (userlocks->bits == lock_bits) {
    const auto in_byte = static_cast<int>(userlocks->bit % 8);
    shift = std::endian::native == std::endian::little ? in_byte : lock_bits - in_byte;
  } else if (userlocks->bits != 0 || types.integer_size(userlocks->type) != 1) {
    return std::nullopt;
  }
  const int size = types.integer_size(nonlocal->type);
  if (shift < 0 || shift > lock_bits || size < 1 || size > 8) {
    return std::nullopt;
  }
  return SocketOffsets{userlocks->byte(), shift, net->byte(), nonlocal->byte(), size};
}

KernelOffsets read_types() {
  constexpr size_t most = size_t{64} << 20;
  const auto data = read_file("/sys/kernel/btf/vmlinux", most);
  if (!data) {
    return {};
  }
  const Types types(*data);
  return {name_offsets(types), socket_offsets(types)};
}

}  // namespace

const KernelOffsets& read_kernel_offsets() {
  static const KernelOffsets offsets = read_types();
  return offsets;
}

}  // namespace clusterbind::tool
