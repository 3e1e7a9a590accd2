#include "sgns/token_text.h"

#include <algorithm>
#include <cassert>

#include "parallel.h"
#include "sgns/random.h"

namespace sgns {
namespace {

// Tokens in a task: about a millisecond of work.
constexpr std::size_t kTaskTokens = std::size_t{1} << 17;

}  // namespace

std::size_t TokenText::sentence_of(std::size_t token) const {
  assert(token < ids.size());
  return static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), token) -
                                  ends.begin());
}

TokenRange TokenText::around(std::size_t sentence, std::size_t token,
                             std::int64_t window) const {
  const std::size_t first = begin_of(sentence), last = ends[sentence];
  assert(first <= token && token < last);
  if (window == kWholeSentence) return {first, last};
  const auto w = static_cast<std::size_t>(window);
  return {token - std::min(w, token - first), std::min(last, token + w + 1)};
}

SubsampledText::SubsampledText(const TokenText& text,
                               std::span<const std::uint32_t> keep,
                               std::uint64_t token_key, std::size_t n_threads,
                               const Poll& poll)
    : ends_(text.ends.size()) {
  const std::size_t n = text.ids.size();
  const std::size_t n_tasks = (n + kTaskTokens - 1) / kTaskTokens;
  // Calls visit(token) for the kept tokens of a task.
  const auto walk = [&](std::size_t task, auto visit) {
    const std::size_t end = std::min(n, (task + 1) * kTaskTokens);
    for (std::size_t t = task * kTaskTokens; t < end; t++) {
      const auto word = static_cast<std::size_t>(text.ids[t]);
      if ((draw(token_key, t) >> 32) <= keep[word]) visit(t);
    }
  };
  std::vector<std::size_t> begins(n_tasks + 1);
  const auto count = [&](std::size_t task, std::size_t) {
    std::size_t kept = 0;
    walk(task, [&](std::size_t) { kept++; });
    begins[task + 1] = kept;
  };
  for_ranges(n_tasks, 1, n_threads, count, poll);
  for (std::size_t i = 0; i < n_tasks; i++) begins[i + 1] += begins[i];
  ids_.resize(begins.back());
  positions_.resize(begins.back());
  const auto fill = [&](std::size_t task, std::size_t) {
    std::size_t at = begins[task];
    walk(task, [&](std::size_t t) {
      ids_[at] = text.ids[t];
      positions_[at++] = t;
    });
  };
  for_ranges(n_tasks, 1, n_threads, fill, poll);
  auto last = positions_.begin();
  for (std::size_t s = 0; s < ends_.size(); s++) {
    last = std::lower_bound(last, positions_.end(), text.ends[s]);
    ends_[s] = static_cast<std::uint64_t>(last - positions_.begin());
  }
}

}  // namespace sgns
