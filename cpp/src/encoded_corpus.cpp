#include "sgns/encoded_corpus.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace sgns {
namespace {

void check_offsets(std::span<const std::int64_t> offsets, std::size_t n_ids) {
  if (offsets.empty() || offsets[0] != 0) {
    throw std::invalid_argument(
        "offsets must start at 0, got " +
        (offsets.empty() ? "no offset" : std::to_string(offsets[0])));
  }
  for (std::size_t i = 1; i < offsets.size(); ++i) {
    if (offsets[i] < offsets[i - 1]) {
      throw std::invalid_argument("offsets must not decrease, got " +
                                  std::to_string(offsets[i]) + " at index " +
                                  std::to_string(i) + " after " +
                                  std::to_string(offsets[i - 1]));
    }
  }
  if (static_cast<std::uint64_t>(offsets.back()) != n_ids) {
    throw std::invalid_argument("offsets must end at " + std::to_string(n_ids) +
                                ", the number of ids, got " +
                                std::to_string(offsets.back()));
  }
}

}  // namespace

Corpus::Corpus(const StorageRule& rule, std::uint64_t n_ids, std::uint64_t n_sentences)
    : storage(rule) {
  const std::uint64_t bytes =
      n_ids * sizeof(std::int32_t) + n_sentences * sizeof(std::uint64_t);
  if (bytes > rule.memory_limit) {
    ids.use_file(rule.folder);
    sentence_ends.use_file(rule.folder);
  }
  ids.reserve(n_ids);
  sentence_ends.reserve(n_sentences);
}

void Corpus::finish() {
  ids.finish();
  sentence_ends.finish();
}

Corpus make_corpus(std::span<const std::int32_t> ids,
                   std::span<const std::int64_t> offsets, std::int64_t n_words,
                   const StorageRule& storage) {
  check_offsets(offsets, ids.size());
  Corpus corpus(storage, ids.size(), offsets.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::int32_t id = ids[i];  // a copy, which nobody else changes
    corpus.ids.push_back(id);
    if (id < 0 || id >= n_words) {
      throw std::invalid_argument(
          "id " + std::to_string(i) + " must be an int from 0 to " +
          std::to_string(n_words - 1) + ", got " + std::to_string(id));
    }
  }
  for (std::size_t i = 1; i < offsets.size(); ++i) {
    if (offsets[i] > offsets[i - 1]) {
      corpus.sentence_ends.push_back(static_cast<std::uint64_t>(offsets[i]));
    }
  }
  corpus.finish();
  return corpus;
}

Corpus renamed(const Corpus& corpus, std::span<const std::int32_t> rows) {
  Corpus result(corpus.storage, corpus.ids.size(), corpus.sentence_ends.size());
  std::size_t i = 0;
  for (std::size_t sentence = 0; sentence < corpus.sentence_ends.size(); ++sentence) {
    const std::uint64_t end = corpus.sentence_ends[sentence];
    const std::size_t before = result.ids.size();
    for (; i < end; ++i) {
      const auto id = static_cast<std::size_t>(corpus.ids[i]);
      assert(id < rows.size() && rows[id] >= -1);
      if (rows[id] >= 0) result.ids.push_back(rows[id]);
    }
    if (result.ids.size() == before) continue;
    result.sentence_ends.push_back(result.ids.size());
    if (!corpus.sentence_weights.empty()) {
      result.sentence_weights.push_back(corpus.sentence_weights[sentence]);
    }
  }
  result.finish();
  return result;
}

Corpus chosen_sentences(const Corpus& corpus, std::span<const std::uint8_t> chosen) {
  assert(chosen.size() == corpus.sentence_ends.size());
  Corpus result(corpus.storage, corpus.ids.size(), corpus.sentence_ends.size());
  std::uint64_t begin = 0;
  for (std::size_t sentence = 0; sentence < chosen.size(); ++sentence) {
    const std::uint64_t end = corpus.sentence_ends[sentence];
    if (chosen[sentence] != 0) {
      result.ids.append({corpus.ids.begin() + begin, corpus.ids.begin() + end});
      result.sentence_ends.push_back(result.ids.size());
      if (!corpus.sentence_weights.empty()) {
        result.sentence_weights.push_back(corpus.sentence_weights[sentence]);
      }
    }
    begin = end;
  }
  result.finish();
  return result;
}

std::vector<std::int64_t> count_ids(const Corpus& corpus, std::size_t n_words) {
  std::vector<std::int64_t> counts(n_words);
  for (const std::int32_t id : corpus.ids) ++counts[static_cast<std::size_t>(id)];
  return counts;
}

void WordList::append(std::string_view word) {
  bytes_.append(word);
  ends_.push_back(bytes_.size());
}

std::string WordList::format(const Corpus& corpus, std::size_t begin,
                             std::size_t end) const {
  assert(begin <= end && end <= corpus.ids.size());
  std::string text;
  const auto& ends = corpus.sentence_ends;
  const std::uint64_t* sentence = std::upper_bound(ends.begin(), ends.end(), begin);
  for (std::size_t i = begin; i < end; ++i) {
    const auto id = static_cast<std::size_t>(corpus.ids[i]);
    if (id >= size()) {
      throw std::invalid_argument("id " + std::to_string(i) + " must be below " +
                                  std::to_string(size()) + ", the number of words");
    }
    text.append(bytes_, ends_[id], ends_[id + 1] - ends_[id]);
    const bool is_last = i + 1 == *sentence;
    text.push_back(is_last ? '\n' : ' ');
    if (is_last) ++sentence;
  }
  return text;
}

}  // namespace sgns
