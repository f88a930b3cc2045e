// Writes BPF instructions, which the kernel's Documentation/bpf/standardization/instruction-set.rst
// describes. One call writes one instruction unless its comment says otherwise.
#pragma once

#include <linux/bpf.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace clusterbind::tool {

/// r0 holds the result of a helper, r1 to r5 its arguments, which the call overwrites. r6 to r9
/// keep their values. `frame` points to the end of the stack, which has 512 bytes.
enum Register : uint8_t { r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, frame };

/// Comparisons of unsigned numbers.
enum Comparison : uint8_t {
  equal = BPF_JEQ,
  different = BPF_JNE,
  less = BPF_JLT,
  at_most = BPF_JLE,
  more = BPF_JGT,
  at_least = BPF_JGE
};

/// An operand in memory: relative to a register, or on the stack.
struct Place {
  uint8_t size;  // BPF_B, BPF_H, BPF_W or BPF_DW
  Register base;
  int offset;
};
constexpr Place half_at(Register base, size_t offset) {
  return {BPF_H, base, static_cast<int>(offset)};
}
constexpr Place word_at(Register base, size_t offset) {
  return {BPF_W, base, static_cast<int>(offset)};
}
constexpr Place quad_at(Register base, size_t offset) {
  return {BPF_DW, base, static_cast<int>(offset)};
}

class Assembler {
 public:
  /// The target of a jump. place() says where it is, before the jump is written or after.
  struct Label {
    size_t number;
  };
  Label label() {
    targets_.push_back(nowhere);
    return {targets_.size() - 1};
  }
  void place(Label label) { targets_[label.number] = list_.size(); }

  void load(Register to, Place from) {
    add(BPF_LDX | BPF_MEM | from.size, to, from.base, from.offset, 0);
  }
  void store(Place to, Register from) {
    add(BPF_STX | BPF_MEM | to.size, to.base, from, to.offset, 0);
  }
  void store(Place to, int32_t number) {
    add(BPF_ST | BPF_MEM | to.size, to.base, r0, to.offset, number);
  }
  /// Adds atomically to an eight-byte number.
  void add_to(Place to, Register from) {
    add(BPF_STX | BPF_ATOMIC | BPF_DW, to.base, from, to.offset, BPF_ADD);
  }

  void move(Register to, Register from) { alu(BPF_MOV, to, from); }
  void move(Register to, int32_t number) { alu(BPF_MOV, to, number); }
  void add(Register to, Register from) { alu(BPF_ADD, to, from); }
  void add(Register to, int32_t number) { alu(BPF_ADD, to, number); }
  void subtract(Register to, Register from) { alu(BPF_SUB, to, from); }
  void subtract(Register to, int32_t number) { alu(BPF_SUB, to, number); }
  void modulo(Register to, Register from) { alu(BPF_MOD, to, from); }
  void exclusive_or(Register to, Register from) { alu(BPF_XOR, to, from); }
  void shift_left(Register to, Register bits) { alu(BPF_LSH, to, bits); }
  void mask(Register to, Register from) { alu(BPF_AND, to, from); }
  void mask(Register to, int32_t number) { alu(BPF_AND, to, number); }
  void shift_right(Register to, int32_t bits) { alu(BPF_RSH, to, bits); }
  /// Copies the sign bit into all bits: all ones if the number is negative, otherwise 0.
  void spread_sign(Register to) { alu(BPF_ARSH, to, 63); }
  /// Loads a number of 32 bits; the upper half of the register becomes 0.
  void move_word(Register to, int32_t number) { add(BPF_ALU | BPF_K | BPF_MOV, to, r0, 0, number); }
  /// Clears the upper half of the register.
  void cut_to_word(Register which) { add(BPF_ALU | BPF_X | BPF_MOV, which, which, 0, 0); }
  /// Converts from network byte order to that of the host, or back.
  void swap(Register which, int bits) { add(BPF_ALU | BPF_END | BPF_TO_BE, which, r0, 0, bits); }
  /// Loads the address of a place on the stack.
  void address_of(Register to, int offset) {  // two instructions
    move(to, frame);
    add(to, offset);
  }

  void jump(Label to) {
    note(to);
    add(BPF_JMP | BPF_JA, r0, r0, 0, 0);
  }
  void jump_if(Register a, Comparison how, Register b, Label to) {
    note(to);
    add(BPF_JMP | BPF_X | how, a, b, 0, 0);
  }
  void jump_if(Register a, Comparison how, int32_t number, Label to) {
    note(to);
    add(BPF_JMP | BPF_K | how, a, r0, 0, number);
  }
  /// Compares the lower 32 bits.
  void jump_if_word(Register a, Comparison how, int32_t number, Label to) {
    note(to);
    add(BPF_JMP32 | BPF_K | how, a, r0, 0, number);
  }

  void call(int helper) { add(BPF_JMP | BPF_CALL, r0, r0, 0, helper); }
  /// r0 = the address of the element whose key is at this place of the stack, or 0.
  void look_up(int map, int key) {  // five instructions
    add(BPF_LD | BPF_IMM | BPF_DW, r1, static_cast<Register>(BPF_PSEUDO_MAP_FD), 0, map);
    add(0, r0, r0, 0, 0);
    address_of(r2, key);
    call(BPF_FUNC_map_lookup_elem);
  }
  /// Loads the address of the only element of an array map.
  void element_of(Register to, int map) {  // two instructions
    add(BPF_LD | BPF_IMM | BPF_DW, to, static_cast<Register>(BPF_PSEUDO_MAP_VALUE), 0, map);
    add(0, r0, r0, 0, 0);
  }
  void exit(int32_t result) {  // two instructions
    move(r0, result);
    add(BPF_JMP | BPF_EXIT, r0, r0, 0, 0);
  }

  /// The instructions, with the offsets of all jumps filled in.
  std::vector<bpf_insn> finish() {
    for (const auto& [at, target] : jumps_) {
      if (targets_[target] == nowhere) {
        throw std::logic_error("a jump to nowhere");
      }
      list_[at].off =
          static_cast<int16_t>(static_cast<long>(targets_[target]) - static_cast<long>(at) - 1);
    }
    return list_;
  }

 private:
  static constexpr size_t nowhere = SIZE_MAX;
  struct Jump {
    size_t at, target;
  };

  void note(Label to) { jumps_.push_back({list_.size(), to.number}); }
  void alu(int operation, Register to, Register from) {
    add(BPF_ALU64 | BPF_X | operation, to, from, 0, 0);
  }
  void alu(int operation, Register to, int32_t number) {
    add(BPF_ALU64 | BPF_K | operation, to, r0, 0, number);
  }
  void add(int code, Register to, Register from, int offset, int32_t number) {
    bpf_insn one{};
    one.code = static_cast<uint8_t>(code);
    one.dst_reg = to & 0xf;
    one.src_reg = from & 0xf;
    one.off = static_cast<int16_t>(offset);
    one.imm = number;
    list_.push_back(one);
  }

  std::vector<bpf_insn> list_;
  std::vector<size_t> targets_;  // for each label: the index of an instruction
  std::vector<Jump> jumps_;
};

}  // namespace clusterbind::tool
