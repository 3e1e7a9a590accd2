// A hash table from words to provisional ids, with counts.
#ifndef SGNS_WORD_TABLE_H_
#define SGNS_WORD_TABLE_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "sgns/page_allocator.h"

namespace sgns {

// Bytes that must be readable from the first byte of a word that is looked up,
// however short the word is.
inline constexpr std::size_t kWordPadding = 16;

// Eight bytes as a number, the first byte lowest.
inline std::uint64_t load_8_bytes(const char* bytes) {
  std::uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::endian::native == std::endian::big) {
    value = __builtin_bswap64(value);
  }
  return value;
}

// Fewer than eight bytes likewise, none beyond the last. REQUIRES: 1 <= n < 8
inline std::uint64_t load_few_bytes(const char* bytes, std::size_t n) {
  const auto byte = [&](std::size_t i) {
    return std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  };
  // Both ends and the middle: no loop, whose length would be predicted badly.
  if (n < 4) return byte(0) | byte(n / 2) | byte(n - 1);
  std::uint32_t first, last;
  std::memcpy(&first, bytes, sizeof first);
  std::memcpy(&last, bytes + n - sizeof last, sizeof last);
  if constexpr (std::endian::native == std::endian::big) {
    first = __builtin_bswap32(first);
    last = __builtin_bswap32(last);
  }
  return first | std::uint64_t{last} << (8 * (n - sizeof last));
}

// kFirstBytes[n] keeps the first n bytes of a number read by load_8_bytes. A table,
// because a branch on the length of a word is predicted badly.
inline constexpr std::array<std::uint64_t, 9> kFirstBytes = [] {
  std::array<std::uint64_t, 9> masks{};
  for (std::size_t i = 1; i <= 8; ++i) masks[i] = (masks[i - 1] << 8) | 0xFF;
  return masks;
}();

// A word made ready for a look-up. Does not own its bytes.
struct WordKey {
  const char* data = nullptr;
  std::size_t size = 0;
  std::uint64_t low = 0;   // bytes 0..7, zeros after the end
  std::uint64_t high = 0;  // bytes 8..15, likewise
  std::uint32_t hash = 0;

  WordKey() = default;
  // REQUIRES: size >= 1; kWordPadding bytes are readable from data
  WordKey(const char* word, std::size_t n_bytes);
  // The same key of a word behind which nothing may be read. REQUIRES: size >= 1
  explicit WordKey(std::string_view word);

 private:
  void make_hash();
};

// An open-addressing hash table from words to 0, 1, 2, ... in the order of their
// insertion, with a count for each. A slot holds the hash and the id; an entry holds
// count, length and 16 bytes of the word, so that one slot and one entry decide about
// nearly every word of a text. The slots are in the order of the hashes, but for words
// that had to give way to others: so tables of any size can be gone through side by
// side. Owns the bytes of its words.
//
// Thread safety: none.
class alignas(64) WordTable {
 public:
  static constexpr std::int32_t kNotFound = -1;

  WordTable();

  // Bring to the cache what count() will read: first the slot of the word, later,
  // with the slot there, its entry.
  void prefetch_slot(const WordKey& key) const;
  void prefetch_entry(const WordKey& key) const;

  // Adds 1 to the count of the word and returns its id, or kNotFound.
  std::int32_t count(const WordKey& key);

  // Adds a word that is not in the table. Throws std::invalid_argument when the
  // table is full (2^31 - 2 words).
  // REQUIRES: key.size <= kMaxEntryBytes
  std::int32_t insert(const WordKey& key, std::int64_t count, bool invalid);

  // Adds to the count of a word, inserted before when it is new; returns its id.
  std::int32_t add(const WordKey& key, std::int64_t count);

  // Takes one occurrence back. REQUIRES: the count is at least 1
  void forget(std::int32_t id);
  // Sets the count to 0 and returns what it was.
  std::int64_t take_count(std::int32_t id);

  // Takes the words out that occur less than min_count times. Gives the new id of each
  // word, kNotFound for those that are gone; the order stays.
  std::vector<std::int32_t> prune(std::int64_t min_count);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::int64_t count_of(std::int32_t id) const { return entry(id).count; }
  // Whether the word, or any word, was marked invalid when it was inserted.
  [[nodiscard]] bool is_invalid(std::int32_t id) const {
    return (entry(id).place & kInvalidBit) != 0;
  }
  [[nodiscard]] bool has_invalid() const { return has_invalid_; }
  // The word, with kWordPadding readable bytes; valid until the next insertion.
  [[nodiscard]] std::string_view word(std::int32_t id) const {
    return {bytes_.data() + offset(entry(id)), length(entry(id))};
  }

  // The first 8 bytes of the word, the first one highest, zeros after the end: they are
  // in the order of the words.
  [[nodiscard]] std::uint64_t first_bytes(std::int32_t id) const;
  // Whether a word is the same as one of another table.
  [[nodiscard]] bool is(std::int32_t id, const WordTable& other,
                        std::int32_t other_id) const;

  // Calls visit(id, hash) for each word whose hash is in [begin, end), end being at
  // most 2^32. REQUIRES: begin < end
  template <typename Visit>
  void visit_hashes(std::uint64_t begin, std::uint64_t end, const Visit& visit) const;

  static constexpr std::size_t kMaxEntryBytes = (std::size_t{1} << 24) - 1;

 private:
  struct Slot {
    std::uint32_t hash;  // its first bits give the slot
    std::int32_t id;     // kNotFound: empty
  };
  struct Entry {
    std::int64_t count;
    std::uint64_t low;
    std::uint64_t high;
    std::uint64_t place;  // offset << 25 | invalid << 24 | length
  };
  static constexpr std::uint64_t kInvalidBit = std::uint64_t{1} << 24;

  static std::size_t offset(const Entry& entry) { return entry.place >> 25; }
  static std::size_t length(const Entry& entry) { return entry.place & kMaxEntryBytes; }
  [[nodiscard]] const Entry& entry(std::int32_t id) const {
    assert(id >= 0 && static_cast<std::size_t>(id) < entries_.size());
    return entries_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] bool holds(const Entry& entry, const WordKey& key) const;
  [[nodiscard]] std::int32_t find(const WordKey& key) const;
  void place(Slot slot);
  void grow();

  Paged<Slot> slots_;  // a power of two of them
  int shift_;          // 32 - log2(slots_.size())
  Paged<Entry> entries_;
  Paged<char> bytes_;  // all words, then kWordPadding bytes
  bool has_invalid_ = false;
};

// The multipliers are the fractional bits of sqrt(2), sqrt(3) and sqrt(5), made odd.
inline WordKey::WordKey(const char* word, std::size_t n_bytes)
    : data(word),
      size(n_bytes),
      low(load_8_bytes(word) & kFirstBytes[std::min<std::size_t>(n_bytes, 8)]),
      high(load_8_bytes(word + 8) &
           kFirstBytes[std::clamp<std::size_t>(n_bytes, 8, 16) - 8]) {
  make_hash();
}

inline WordKey::WordKey(std::string_view word) : data(word.data()), size(word.size()) {
  if (size < 8) {
    low = load_few_bytes(data, size);
  } else {
    low = load_8_bytes(data);
    if (size >= 16) {
      high = load_8_bytes(data + 8);
    } else if (size > 8) {
      high = load_8_bytes(data + size - 8) >> (8 * (16 - size));
    }
  }
  make_hash();
}

inline void WordKey::make_hash() {
  assert(size >= 1);
  std::uint64_t mixed = (low ^ (size * 0x6A09E667F3BCC909)) * 0xBB67AE8584CAA73B;
  mixed = (mixed ^ (mixed >> 32) ^ high) * 0x3C6EF372FE94F82B;
  for (std::size_t i = 16; i < size; i += 8) {
    mixed ^= mixed >> 32;
    mixed ^= load_8_bytes(data + (i + 8 <= size ? i : size - 8));
    mixed *= 0x3C6EF372FE94F82B;
  }
  hash = static_cast<std::uint32_t>(mixed >> 32);
}

inline bool WordTable::holds(const Entry& entry, const WordKey& key) const {
  return entry.low == key.low && entry.high == key.high && length(entry) == key.size &&
         (key.size <= 16 || std::memcmp(bytes_.data() + offset(entry) + 16,
                                        key.data + 16, key.size - 16) == 0);
}

inline std::int32_t WordTable::find(const WordKey& key) const {
  const std::size_t last = slots_.size() - 1;
  for (std::size_t i = key.hash >> shift_;; i = (i + 1) & last) {
    const Slot slot = slots_[i];
    if (slot.id == kNotFound) return kNotFound;
    if (slot.hash == key.hash &&
        holds(entries_[static_cast<std::size_t>(slot.id)], key)) {
      return slot.id;
    }
  }
}

inline void WordTable::prefetch_slot(const WordKey& key) const {
  __builtin_prefetch(&slots_[key.hash >> shift_]);
}

inline void WordTable::prefetch_entry(const WordKey& key) const {
  const std::int32_t id = slots_[key.hash >> shift_].id;
  if (id != kNotFound) __builtin_prefetch(&entries_[static_cast<std::size_t>(id)], 1);
}

inline std::int32_t WordTable::count(const WordKey& key) {
  const std::int32_t id = find(key);
  if (id != kNotFound) ++entries_[static_cast<std::size_t>(id)].count;
  return id;
}

inline std::uint64_t WordTable::first_bytes(std::int32_t id) const {
  return __builtin_bswap64(entry(id).low);
}

template <typename Visit>
void WordTable::visit_hashes(std::uint64_t begin, std::uint64_t end,
                             const Visit& visit) const {
  assert(begin < end && end <= std::uint64_t{1} << 32);
  constexpr std::size_t kPrefetchDistance = 8;
  const std::size_t last = slots_.size() - 1;
  const std::size_t first = begin >> shift_;
  const std::size_t last_home = (end - 1) >> shift_;
  // A word stands in its own slot or behind it with no empty slot between.
  for (std::size_t i = first; i <= first + last; ++i) {
    const Slot slot = slots_[i & last];
    if (slot.id == kNotFound && i >= last_home) return;
    const std::int32_t coming = slots_[(i + kPrefetchDistance) & last].id;
    if (coming != kNotFound) {
      __builtin_prefetch(&entries_[static_cast<std::size_t>(coming)]);
    }
    if (slot.id != kNotFound && slot.hash >= begin && slot.hash < end) {
      visit(slot.id, slot.hash);
    }
  }
}

}  // namespace sgns

#endif  // SGNS_WORD_TABLE_H_
