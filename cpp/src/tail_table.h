// What may follow the first word of a phrase, as one number.
#ifndef SGNS_TAIL_TABLE_H_
#define SGNS_TAIL_TABLE_H_

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sgns {

// A hash table from pairs of ids to ids. Open addressing, at most half full.
//
// Thread safety: any number of threads may call find() while none calls insert().
class PairTable {
 public:
  static constexpr std::int32_t kNotFound = -1;

  PairTable() : slots_(std::size_t{1} << 4, Slot{0, kNotFound}) {}

  [[nodiscard]] std::int32_t find(std::int32_t first, std::int32_t second) const {
    const std::uint64_t key = key_of(first, second);
    std::size_t i = slot_of(key);
    while (slots_[i].value != kNotFound && slots_[i].key != key) i = next(i);
    return slots_[i].value;
  }

  // REQUIRES: the pair is not in the table; value >= 0
  void insert(std::int32_t first, std::int32_t second, std::int32_t value) {
    assert(value >= 0 && find(first, second) == kNotFound);
    if (2 * ++n_pairs_ > slots_.size()) grow();
    place({key_of(first, second), value});
  }

 private:
  struct Slot {
    std::uint64_t key;
    std::int32_t value;  // kNotFound: empty
  };

  static std::uint64_t key_of(std::int32_t first, std::int32_t second) {
    return (std::uint64_t{static_cast<std::uint32_t>(first)} << 32) |
           static_cast<std::uint32_t>(second);
  }
  // The multiplier is the fractional part of the golden ratio, made odd.
  [[nodiscard]] std::size_t slot_of(std::uint64_t key) const {
    key ^= key >> 32;
    return (key * 0x9E3779B97F4A7C15) >> shift_;
  }
  [[nodiscard]] std::size_t next(std::size_t i) const {
    return (i + 1) & (slots_.size() - 1);
  }
  void place(const Slot& slot) {
    std::size_t i = slot_of(slot.key);
    while (slots_[i].value != kNotFound) i = next(i);
    slots_[i] = slot;
  }
  void grow() {
    std::vector<Slot> old(2 * slots_.size(), Slot{0, kNotFound});
    slots_.swap(old);
    --shift_;
    for (const Slot& slot : old) {
      if (slot.value != kNotFound) place(slot);
    }
  }

  std::vector<Slot> slots_;  // a power of two of them
  int shift_ = 60;           // 64 - log2(slots_.size())
  std::size_t n_pairs_ = 0;
};

// Numbers for sequences of words behind a first word. A single word has its own row as
// its number; longer sequences are numbered from n_words in the order they are added.
//
// Thread safety: any number of threads may call what is const while none calls add().
class TailTable {
 public:
  static constexpr std::int32_t kEmpty = -1;    // the sequence of no word
  static constexpr std::int32_t kUnknown = -2;  // a sequence that was not added

  explicit TailTable(std::size_t n_words) : n_words_(n_words) {}

  // The number of `tail` and then `word`.
  [[nodiscard]] std::int32_t find(std::int32_t tail, std::int32_t word) const {
    if (tail == kEmpty) return word;
    if (tail == kUnknown) return kUnknown;
    const std::int32_t found = table_.find(tail, word);
    return found == PairTable::kNotFound ? kUnknown : found;
  }

  // The same, added when it is new. Throws std::invalid_argument when the numbers are
  // used up. REQUIRES: tail is not kUnknown
  std::int32_t add(std::int32_t tail, std::int32_t word);

  // Numbers in use, those of single words included.
  [[nodiscard]] std::size_t size() const { return n_words_ + steps_.size(); }

  // Appends the words of a sequence.
  void append_words(std::int32_t tail, std::vector<std::int32_t>& words) const;

 private:
  struct Step {
    std::int32_t tail;
    std::int32_t word;
  };

  std::size_t n_words_;
  PairTable table_;
  std::vector<Step> steps_;  // how each longer sequence is made
};

}  // namespace sgns

#endif  // SGNS_TAIL_TABLE_H_
