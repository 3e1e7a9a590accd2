// A distribution over 0..n-1 whose probabilities are known: an alias table (a uniform
// one needs none), the probabilities it was made from, and the integer masses that it
// really draws by.
//
// Thread safety: immutable; the masses are made at first use, by one thread.
#ifndef SGNS_LAW_H_
#define SGNS_LAW_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sgns/distribution.h"
#include "sgns/philox.h"
#include "sgns/random.h"

namespace sgns {

// What a law draws by, in units of 2^-32 slot: an id is drawn with probability
// of(id) / total(), exactly. An id has mass if and only if its weight is > 0.
class Masses {
 public:
  explicit Masses(std::size_t n) : n_(n) {}
  explicit Masses(const Distribution& table);

  [[nodiscard]] std::uint64_t total() const { return std::uint64_t{n_} << 32; }
  // Mass of all ids below `id`, which may be n.
  [[nodiscard]] std::uint64_t before(WordId id) const {
    const auto i = static_cast<std::size_t>(id);
    return before_.empty() ? std::uint64_t{i} << 32 : before_[i];
  }
  [[nodiscard]] std::uint64_t of(WordId id) const {
    return before(id + 1) - before(id);
  }
  // The id with before(id) <= x < before(id + 1), in constant time when no slot's mass
  // is shared by many. REQUIRES: x < total().
  [[nodiscard]] WordId find(std::uint64_t x) const;
  // find() for all `masses`; the ids go to `ids`.
  void find(std::span<const std::uint64_t> masses, WordId* ids) const;
  // log(of(id) / total()); minus infinity for an id without mass.
  [[nodiscard]] double log_share(WordId id) const;

 private:
  std::size_t n_;
  // Masses that a search looks at together.
  static constexpr std::size_t kAtOnce = 8;

  Table<std::uint64_t> before_;  // n + 1, and kAtOnce times the end; empty: uniform
  Table<WordId> firsts_;         // find(slot << 32); n + 1 of them, the last n - 1
};

class Law {
 public:
  // Probabilities proportional to `weights`, which are >= 0 and finite, not all zero.
  // std::invalid_argument also when a weight > 0 has no probability > 0 in double.
  static Law from_weights(std::vector<double> weights);
  // Proportional to count^alpha; what was never counted is never drawn.
  static Law unigram(std::span<const std::int64_t> counts, double alpha);
  static Law uniform(std::size_t n);
  // P(i) = log((i + 2) / (i + 1)) / log(n + 1): Zipf's law for ids sorted by frequency.
  static Law log_uniform(std::size_t n);

  [[nodiscard]] std::size_t size() const { return n_; }
  // Ids with a probability > 0.
  [[nodiscard]] std::size_t support() const { return support_; }
  [[nodiscard]] double probability(WordId id) const {
    return uniform_ ? 1.0 / static_cast<double>(n_)
                    : probabilities_[static_cast<std::size_t>(id)];
  }

  // A draw in two steps, so that the table can be prefetched: the place that 64 random
  // bits stand for, slot in the upper half and coin in the lower, and the id there.
  [[nodiscard]] std::uint64_t place(std::uint64_t bits) const {
    return place_of(bits, n_);
  }
  [[nodiscard]] WordId at(std::uint64_t place) const {
    return uniform_ ? static_cast<WordId>(place >> 32) : table_->at(place);
  }
  // Inline by force, as the fetch() of Distribution.
  [[gnu::always_inline]] inline void fetch(std::uint64_t place) const {
    if (table_) table_->fetch(place);
  }
  [[nodiscard]] bool is_uniform() const { return uniform_; }
  [[nodiscard]] const Distribution* table() const {
    return table_ ? &*table_ : nullptr;
  }

  [[nodiscard]] const Masses& masses() const;
  // masses().log_share() of every id as float; a uniform law has one for all.
  [[nodiscard]] std::span<const float> log_shares() const;

 private:
  struct Lazy;
  explicit Law(std::size_t n);

  std::size_t n_, support_;
  bool uniform_ = true;
  std::optional<Distribution> table_;
  std::vector<double> probabilities_;
  std::shared_ptr<Lazy> lazy_;
};

}  // namespace sgns

#endif  // SGNS_LAW_H_
