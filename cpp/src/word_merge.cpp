#include "word_merge.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <string>

#include "utf8.h"

namespace sgns {
namespace {

// Members between asking for the memory of a slot and using it.
constexpr std::size_t kPrefetchDistance = 8;

// Counts the word's valid form in place of the word itself; returns its id.
std::int32_t replace(WordTable& table, std::int32_t id) {
  std::string valid = replace_invalid_utf8(table.word(id));
  return table.add(WordKey(std::string_view(valid)), table.take_count(id));
}

}  // namespace

WordMerge::WordMerge(std::span<WordTable> tables, std::size_t n_shares)
    : tables_(tables),
      words_(n_shares),
      members_(tables.size() * n_shares),
      replacements_(tables.size()) {
  assert(!tables.empty() && n_shares >= 1);
}

void WordMerge::share(std::size_t table) {
  WordTable& own = tables_[table];
  const auto size = static_cast<std::int32_t>(own.size());
  for (std::int32_t id = 0; id < size; ++id) {
    if (own.is_invalid(id)) replacements_[table].push_back({id, replace(own, id)});
  }
  for (std::size_t s = 0; s < n_shares(); ++s) {
    members(table, s).reserve(own.size() / n_shares() * 9 / 8 + 64);
  }
  for (std::size_t i = 0; i < own.size(); ++i) {
    const auto id = static_cast<std::int32_t>(i);
    if (own.is_invalid(id)) continue;
    const std::uint64_t hash = own.key(id).hash;
    members(table, share_of(hash)).push_back({hash, id, 0});
  }
}

void WordMerge::merge(std::size_t share) {
  if (n_tables() == 1) return keep_all(share);
  std::size_t n_members = 0;
  for (std::size_t t = 0; t < n_tables(); ++t) n_members += members(t, share).size();
  std::vector<MergedWord>& words = words_[share];
  // Words by the high bits of their hashes; -1 is an empty slot.
  std::vector<std::int32_t> slots(std::bit_ceil(2 * n_members + 2), -1);
  const std::size_t last = slots.size() - 1;
  const int shift = 64 - std::countr_zero(slots.size());
  for (std::size_t t = 0; t < n_tables(); ++t) {
    std::vector<Member>& own = members(t, share);
    for (std::size_t m = 0; m < own.size(); ++m) {
      const std::size_t coming = std::min(m + kPrefetchDistance, own.size() - 1);
      __builtin_prefetch(&slots[own[coming].hash >> shift]);
      const std::int64_t count = tables_[t].count_of(own[m].id);
      const WordKey key = tables_[t].key(own[m].id);
      std::size_t i = key.hash >> shift;
      const auto is_other = [&](const MergedWord& word) {
        return !tables_[word.table].is(word.id, key);
      };
      while (slots[i] >= 0 && is_other(words[static_cast<std::size_t>(slots[i])])) {
        i = (i + 1) & last;
      }
      if (slots[i] < 0) {
        slots[i] = static_cast<std::int32_t>(words.size());
        words.push_back({0, static_cast<std::uint32_t>(t), own[m].id});
      }
      own[m].word = slots[i];
      words[static_cast<std::size_t>(slots[i])].count += count;
    }
  }
}

void WordMerge::keep_all(std::size_t share) {
  std::vector<MergedWord>& words = words_[share];
  for (Member& member : members(0, share)) {
    member.word = static_cast<std::int32_t>(words.size());
    words.push_back({tables_[0].count_of(member.id), 0, member.id});
  }
}

std::vector<std::int32_t> WordMerge::rows_of(
    std::size_t table, std::span<const std::vector<std::int32_t>> rows) const {
  std::vector<std::int32_t> result(tables_[table].size());
  for (std::size_t s = 0; s < n_shares(); ++s) {
    for (const Member& member : members_[table * n_shares() + s]) {
      result[static_cast<std::size_t>(member.id)] =
          rows[s][static_cast<std::size_t>(member.word)];
    }
  }
  for (const auto [invalid, valid] : replacements_[table]) {
    result[static_cast<std::size_t>(invalid)] = result[static_cast<std::size_t>(valid)];
  }
  return result;
}

}  // namespace sgns
