#include "sgns/exclusion.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace sgns {
namespace {

constexpr std::int64_t kMaxId = std::numeric_limits<WordId>::max() - 1;

[[noreturn]] void fail(const std::string& message) {
  throw std::invalid_argument(message);
}

// Text like "indices[3]".
std::string place(const char* name, std::size_t i) {
  return std::string(name) + "[" + std::to_string(i) + "]";
}

WordId checked_id(const char* name, std::size_t i, std::int64_t id) {
  if (id < 0 || id > kMaxId) {
    fail(place(name, i) + " must be an id from 0 to " + std::to_string(kMaxId) +
         ", got " + std::to_string(id));
  }
  return static_cast<WordId>(id);
}

}  // namespace

Exclusion Exclusion::csr(std::span<const std::int64_t> indptr,
                         std::span<const std::int64_t> indices) {
  if (indptr.empty() || indptr[0] != 0) fail("indptr must start with 0");
  for (std::size_t r = 0; r + 1 < indptr.size(); r++) {
    if (indptr[r + 1] < indptr[r]) {
      fail("indptr must not fall, got " + std::to_string(indptr[r]) + " and then " +
           std::to_string(indptr[r + 1]) + " at " + place("indptr", r + 1));
    }
  }
  if (static_cast<std::size_t>(indptr.back()) != indices.size()) {
    fail("indptr must end with the number of indices, " +
         std::to_string(indices.size()) + ", got " + std::to_string(indptr.back()));
  }
  Exclusion exclusion;
  exclusion.offsets_.assign(indptr.begin(), indptr.end());
  exclusion.ids_.resize(indices.size());
  for (std::size_t i = 0; i < indices.size(); i++) {
    exclusion.ids_[i] = checked_id("indices", i, indices[i]);
  }
  exclusion.normalise();
  return exclusion;
}

Exclusion Exclusion::pairs(std::span<const std::int64_t> rows,
                           std::span<const std::int64_t> ids, std::size_t n_rows) {
  if (rows.size() != ids.size()) {
    fail("rows and ids must have the same length, got " + std::to_string(rows.size()) +
         " and " + std::to_string(ids.size()));
  }
  for (std::size_t i = 0; i < rows.size(); i++) {
    if (rows[i] < 0 || static_cast<std::size_t>(rows[i]) >= n_rows) {
      fail(place("rows", i) + " must be >= 0 and below n_rows=" +
           std::to_string(n_rows) + ", got " + std::to_string(rows[i]));
    }
  }
  Exclusion exclusion;
  exclusion.offsets_.resize(n_rows + 1);
  for (const std::int64_t row : rows) {
    exclusion.offsets_[static_cast<std::size_t>(row) + 1]++;
  }
  for (std::size_t r = 0; r < n_rows; r++) {
    exclusion.offsets_[r + 1] += exclusion.offsets_[r];
  }
  std::vector<std::uint64_t> next(exclusion.offsets_.begin(), exclusion.offsets_.end());
  exclusion.ids_.resize(ids.size());
  for (std::size_t i = 0; i < ids.size(); i++) {
    const std::uint64_t at = next[static_cast<std::size_t>(rows[i])]++;
    exclusion.ids_[at] = checked_id("ids", i, ids[i]);
  }
  exclusion.normalise();
  return exclusion;
}

void Exclusion::normalise() {
  std::size_t used = 0;
  for (std::size_t r = 0; r < n_rows(); r++) {
    const auto begin = ids_.begin() + static_cast<std::ptrdiff_t>(offsets_[r]);
    auto end = ids_.begin() + static_cast<std::ptrdiff_t>(offsets_[r + 1]);
    offsets_[r] = used;
    const bool is_ascending =
        std::adjacent_find(begin, end, std::greater_equal<>()) == end;
    if (!is_ascending) {
      std::sort(begin, end);
      end = std::unique(begin, end);
    }
    const auto to = ids_.begin() + static_cast<std::ptrdiff_t>(used);
    if (to != begin) std::copy(begin, end, to);
    used += static_cast<std::size_t>(end - begin);
  }
  offsets_.back() = used;
  ids_.resize(used);
  filter_ = RowFilter(offsets_, ids_);
}

void ExcludedSet::assign(std::span<const WordId> listed, std::span<const WordId> own) {
  listed_ = listed;
  own_ = own;
  n_given_ = listed.size() + own.size();
  is_merged_ = false;
  is_cumulated_ = false;
  if (own.size() > kFewIds) merge();
}

std::uint64_t ExcludedSet::rest_beside(std::uint64_t rest_of_listed) {
  if (is_cumulated_ || is_merged_) return rest();
  for (std::size_t i = 0; i < own_.size(); i++) {
    const auto before = own_.first(i);
    const bool is_new =
        std::find(before.begin(), before.end(), own_[i]) == before.end() &&
        !is_among(listed_, own_[i]);
    if (is_new) rest_of_listed -= law_.masses().of(own_[i]);
  }
  return rest_of_listed;
}

// Makes one list of both.
void ExcludedSet::merge() {
  if (own_.empty()) return;
  std::vector<WordId> merged(listed_.begin(), listed_.end());
  merged.insert(merged.end(), own_.begin(), own_.end());
  std::sort(merged.begin(), merged.end());
  merged.erase(std::unique(merged.begin(), merged.end()), merged.end());
  merged_ = std::move(merged);
  listed_ = merged_;
  own_ = {};
  is_merged_ = true;
}

void ExcludedSet::cumulate() {
  if (is_cumulated_) return;
  merge();
  const Masses& masses = law_.masses();
  allowed_.resize(listed_.size());
  std::uint64_t excluded = 0;
  for (std::size_t i = 0; i < listed_.size(); i++) {
    const std::uint64_t before = masses.before(listed_[i]);
    allowed_[i] = before - excluded;
    excluded += masses.before(listed_[i] + 1) - before;
  }
  rest_ = masses.total() - excluded;
  is_cumulated_ = true;
}

std::uint64_t ExcludedSet::rest() {
  cumulate();
  return rest_;
}

WordId ExcludedSet::draw(std::uint64_t bits) {
  cumulate();
  assert(rest_ > 0);
  const std::uint64_t wanted = multiply_high(bits, rest_);
  // The excluded ids that lie below the one to be found.
  const auto next = std::upper_bound(allowed_.begin(), allowed_.end(), wanted);
  std::uint64_t skipped = 0;
  if (next != allowed_.begin()) {
    // before(last + 1) is what is allowed below `last` and what is excluded up to it.
    const WordId last = listed_[static_cast<std::size_t>(next - allowed_.begin()) - 1];
    skipped = law_.masses().before(last + 1) - *(next - 1);
  }
  return law_.masses().find(wanted + skipped);
}

}  // namespace sgns
