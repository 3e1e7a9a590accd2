#include "word_merge.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <string>

#include "utf8.h"

namespace sgns {
namespace {

// Words of the tables in one share: what is known of them stays in the cache.
constexpr std::size_t kShareWords = 2048;

// Counts the word's valid form in place of the word itself; returns its id.
std::int32_t replace(WordTable& table, std::int32_t id) {
  std::string valid = replace_invalid_utf8(table.word(id));
  return table.add(WordKey(std::string_view(valid)), table.take_count(id));
}

std::size_t n_shares_of(std::span<const WordTable> tables) {
  std::size_t n_words = 0;
  for (const WordTable& table : tables) n_words += table.size();
  return n_words / kShareWords + 1;
}

}  // namespace

WordMerge::WordMerge(std::span<WordTable> tables, std::int64_t min_count)
    : tables_(tables),
      min_count_(min_count),
      words_(n_shares_of(tables)),
      members_(words_.size()),
      highest_counts_(words_.size()),
      first_numbers_(words_.size()),
      replacements_(tables.size()),
      maps_(tables.size()) {
  assert(!tables.empty() && min_count >= 1);
}

void WordMerge::start(std::size_t table) {
  WordTable& own = tables_[table];
  const auto size = static_cast<std::int32_t>(own.size());
  for (std::int32_t id = 0; own.has_invalid() && id < size; ++id) {
    if (own.is_invalid(id)) replacements_[table].push_back({id, replace(own, id)});
  }
  maps_[table].assign(own.size(), -1);
}

void WordMerge::merge(std::size_t share) {
  std::vector<Member> members = members_of(share);
  std::vector<Word> words = different_words(members);
  keep(share, words);
  for (const Member& member : members) {
    const std::int32_t kept = words[static_cast<std::size_t>(member.word)].kept;
    if (kept < 0) continue;
    members_[share].push_back(member);
    members_[share].back().word = kept;
  }
}

std::vector<WordMerge::Member> WordMerge::members_of(std::size_t share) const {
  const std::uint64_t begin = (std::uint64_t{share} << 32) / n_shares();
  const std::uint64_t end = (std::uint64_t{share + 1} << 32) / n_shares();
  std::vector<Member> members;
  members.reserve(2 * kShareWords);
  for (std::uint32_t t = 0; t < n_tables(); ++t) {
    tables_[t].visit_hashes(begin, end, [&](std::int32_t id, std::uint32_t hash) {
      members.push_back({hash, t, id, 0});
    });
  }
  return members;
}

std::vector<WordMerge::Word> WordMerge::different_words(
    std::span<Member> members) const {
  std::vector<Word> words;
  words.reserve(members.size());
  // Words by the last bits of their hashes; -1 is an empty slot.
  std::vector<std::int32_t> slots(std::bit_ceil(2 * members.size() + 2), -1);
  const std::size_t last = slots.size() - 1;
  for (Member& member : members) {
    const auto is_other = [&](const Word& word) {
      const WordTable& table = tables_[word.first.table];
      return word.first.hash != member.hash ||
             !table.is(word.first.id, tables_[member.table], member.id);
    };
    std::size_t i = member.hash & last;
    while (slots[i] >= 0 && is_other(words[static_cast<std::size_t>(slots[i])])) {
      i = (i + 1) & last;
    }
    if (slots[i] < 0) {
      slots[i] = static_cast<std::int32_t>(words.size());
      words.push_back({member, 0, -1});
    }
    member.word = slots[i];
    words[static_cast<std::size_t>(slots[i])].count +=
        tables_[member.table].count_of(member.id);
  }
  return words;
}

void WordMerge::keep(std::size_t share, std::span<Word> words) {
  std::vector<MergedWord>& kept = words_[share];
  std::int64_t highest = 0;
  for (Word& word : words) {
    highest = std::max(highest, word.count);
    if (word.count < min_count_) continue;
    word.kept = static_cast<std::int32_t>(kept.size());
    const WordTable& table = tables_[word.first.table];
    const std::string_view text = table.word(word.first.id);
    kept.push_back({word.count, table.first_bytes(word.first.id), text.data(),
                    static_cast<std::uint32_t>(text.size()), 0});
  }
  highest_counts_[share] = highest;
}

void WordMerge::number_words() {
  std::int32_t number = 0;
  for (std::size_t s = 0; s < n_shares(); ++s) {
    first_numbers_[s] = number;
    for (MergedWord& word : words_[s]) word.number = number++;
  }
}

void WordMerge::set_rows(std::size_t share, std::span<const std::int32_t> rows) {
  for (const Member& member : members_[share]) {
    const std::int32_t number = first_numbers_[share] + member.word;
    maps_[member.table][static_cast<std::size_t>(member.id)] =
        rows[static_cast<std::size_t>(number)];
  }
}

void WordMerge::end(std::size_t table) {
  PagedIds& map = maps_[table];
  for (const auto [invalid, valid] : replacements_[table]) {
    map[static_cast<std::size_t>(invalid)] = map[static_cast<std::size_t>(valid)];
  }
}

std::int64_t WordMerge::highest_count() const {
  return *std::max_element(highest_counts_.begin(), highest_counts_.end());
}

}  // namespace sgns
