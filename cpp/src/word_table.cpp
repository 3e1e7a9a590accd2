#include "word_table.h"

#include <limits>
#include <stdexcept>
#include <utility>

namespace sgns {
namespace {

constexpr int kFirstSlotBits = 10;
constexpr std::size_t kMaxWords = std::numeric_limits<std::int32_t>::max() - 1;

}  // namespace

WordTable::WordTable()
    : slots_(std::size_t{1} << kFirstSlotBits, Slot{0, kNotFound}),
      shift_(32 - kFirstSlotBits),
      bytes_(kWordPadding) {}

std::int32_t WordTable::insert(const WordKey& key, std::int64_t count, bool invalid) {
  assert(key.size <= kMaxEntryBytes);
  if (entries_.size() == kMaxWords) {
    throw std::invalid_argument("the text has more than 2,147,483,646 distinct words");
  }
  // At most 5/8 of the slots are used: short runs, and a growth doubles the room.
  if (8 * (entries_.size() + 1) > 5 * slots_.size()) grow();
  const std::size_t offset = bytes_.size() - kWordPadding;
  bytes_.resize(bytes_.size() + key.size);
  std::memcpy(bytes_.data() + offset, key.data, key.size);
  const auto id = static_cast<std::int32_t>(entries_.size());
  entries_.push_back({count, key.low, key.high,
                      (std::uint64_t{offset} << 25) | (invalid ? kInvalidBit : 0) |
                          std::uint64_t{key.size}});
  place({key.hash, id});
  has_invalid_ = has_invalid_ || invalid;
  return id;
}

std::int32_t WordTable::add(const WordKey& key, std::int64_t count) {
  const std::int32_t id = find(key);
  if (id == kNotFound) return insert(key, count, false);
  entries_[static_cast<std::size_t>(id)].count += count;
  return id;
}

void WordTable::forget(std::int32_t id) {
  assert(entry(id).count >= 1);
  --entries_[static_cast<std::size_t>(id)].count;
}

std::int64_t WordTable::take_count(std::int32_t id) {
  const std::int64_t count = entry(id).count;
  entries_[static_cast<std::size_t>(id)].count = 0;
  return count;
}

std::vector<std::int32_t> WordTable::prune(std::int64_t min_count) {
  WordTable kept;
  std::vector<std::int32_t> ids(size(), kNotFound);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto id = static_cast<std::int32_t>(i);
    if (count_of(id) < min_count) continue;
    const std::string_view text = word(id);
    ids[i] =
        kept.insert(WordKey(text.data(), text.size()), count_of(id), is_invalid(id));
  }
  *this = std::move(kept);
  return ids;
}

bool WordTable::is(std::int32_t id, const WordTable& other,
                   std::int32_t other_id) const {
  const Entry& mine = entry(id);
  const Entry& theirs = other.entry(other_id);
  return mine.low == theirs.low && mine.high == theirs.high &&
         length(mine) == length(theirs) &&
         (length(mine) <= 16 || word(id) == other.word(other_id));
}

void WordTable::place(Slot slot) {
  std::size_t i = slot.hash >> shift_;
  while (slots_[i].id != kNotFound) i = (i + 1) & (slots_.size() - 1);
  slots_[i] = slot;
}

void WordTable::grow() {
  Paged<Slot> fewer(2 * slots_.size(), Slot{0, kNotFound});
  slots_.swap(fewer);
  --shift_;
  // In the order of the hashes, so that memory is written from front to back.
  for (const Slot slot : fewer) {
    if (slot.id != kNotFound) place(slot);
  }
}

}  // namespace sgns
