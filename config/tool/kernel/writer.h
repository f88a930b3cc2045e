// Writes the kernel's program, block by block: program.cc reads the connection, lookup.cc finds the
// rule, action.cc does what it says. Only these three files include this one.
#pragma once

#include "config/tool/kernel/program.h"

namespace clusterbind::tool {

class Writer {
 public:
  explicit Writer(const ProgramTraits& traits) : traits_(traits) {}

  std::vector<bpf_insn> connect(Family hook);
  std::vector<bpf_insn> question();

 private:
  using Label = Assembler::Label;

  // Places on the stack: eight bytes each, except the socket address and the name, which comes
  // last.
  enum Slot : int {
    socket_address = -32,  // a sockaddr_in or sockaddr_in6
    high = -40,            // the destination as a number; IPv4 as IPv4-mapped
    low = -48,
    port = -56,
    table = -64,
    none = -72,
    parent = -80,
    depth = -88,
    cells = -96,
    half = -104,
    steps = -112,
    counts = -120,
    scratch = -128,
    key = -136,
    first = -144,    // the rule's addresses of the destination's family
    left = -152,     // how many of them are untried
    untried = -160,  // which ones: one bit for each
    at = -168,
  };
  static constexpr Place slot(Slot which) { return {BPF_DW, frame, which}; }
  static constexpr Register context = r6;
  int name() const { return at - static_cast<int>(traits_.name_size); }

  // program.cc
  void read_destination(Family hook);
  void read_name();
  void clear_name();
  void jump_if_ipv6(Label to);
  void follow(int offset);
  void read_kernel(Place to, int size);

  // lookup.cc
  void find_rule(Family widest, int protocol_offset);
  void find_view();
  template <typename Compare>
  void search_intervals(int map, size_t node_offset, const Compare& jump_if_before);
  void walk_outwards(int protocol_offset);
  void count_from_table(Register offset);
  void find_cell();
  void read_match(int protocol_offset);
  void element(int map, Register index);

  // action.cc
  void apply_rule(Family hook);
  void bind_socket(Family hook);
  void jump_if_unbound(Family hook, Label to);
  void find_sources(Family hook);
  void jump_if_own_source(Label to);
  void choose_source(Label to);
  void draw_source();
  void jump_if_connected(Label to);
  void jump_if_nonlocal(Label to);
  void jump_if_bound_by_nobody(Label to);
  void read_socket();
  void write_source(Family hook);
  void count(size_t member);
  void refuse(int error);
  void go_on() { code_.exit(1); }

  const ProgramTraits& traits_;
  Assembler code_;
  Label decided_ = code_.label();   // r8 = the rule, or no_rule
  Label excluded_ = code_.label();  // by `only`, or because the address has another family
  Label broken_ = code_.label();    // a loop or an index goes beyond what the maps allow
};

}  // namespace clusterbind::tool
