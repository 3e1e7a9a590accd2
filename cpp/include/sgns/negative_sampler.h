// Negative ids for the rows of a batch: drawn from a law, without the ids that a row
// excludes, the same whatever the threads and the cut into batches.
//
// Thread safety: immutable after construction; every call may run in any thread.
#ifndef SGNS_NEGATIVE_SAMPLER_H_
#define SGNS_NEGATIVE_SAMPLER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "sgns/exclusion.h"
#include "sgns/law.h"
#include "sgns/philox.h"

namespace sgns {

// What becomes of a draw that its row excludes.
enum class Policy {
  kResample,  // drawn again: the conditional law
  kSkip,      // the id -1
  kMask,      // it stays, and is marked
  kAllow,     // it stays
};

struct SamplerConfig {
  Policy policy = Policy::kResample;
  bool pad = false;  // -1 for rows that exclude everything, which are errors otherwise
  std::uint64_t seed = 0;
  std::size_t workers = 1;  // most threads of a call
};

// The rows of a batch, and k draws for each.
struct SampleBatch {
  std::size_t n_rows = 0, k = 0;
  std::span<const std::int64_t> rows;     // rows of the exclusion; empty without one
  std::span<const std::int64_t> row_ids;  // numbers in the stream; empty: 0, 1, 2, ...
  std::span<const WordId> positives;      // n_positives for each row
  std::size_t n_positives = 0;
  std::uint64_t step = 0;
  Purpose purpose = Purpose::kNegative;
};

// Arrays of k for each row. One of the ids is null; log_q and mask may be.
struct SampleArrays {
  std::int32_t* ids32 = nullptr;
  std::int64_t* ids64 = nullptr;
  float* log_q = nullptr;  // log probability of what was drawn, -1 included
  bool* mask = nullptr;    // whether it is excluded
};

// Runs between pieces of a long call, in the calling thread; may throw.
using Poll = std::function<void()>;

class NegativeSampler {
 public:
  // `exclusion` may be null. std::invalid_argument when it names an id outside the law.
  NegativeSampler(std::shared_ptr<const Law> law,
                  std::shared_ptr<const Exclusion> exclusion,
                  const SamplerConfig& config);

  [[nodiscard]] const SamplerConfig& config() const { return config_; }
  [[nodiscard]] const Exclusion* exclusion() const { return exclusion_.get(); }
  [[nodiscard]] const Law& law() const { return *law_; }

  // Checks all rows, then draws. std::invalid_argument before anything is written:
  // nothing is left for a row (unless config().pad).
  // REQUIRES: rows inside the exclusion, positives inside the law, row_ids <= kMaxRow,
  // step <= kMaxStep, k <= kMaxDraw + 1.
  void sample(const SampleBatch& batch, const SampleArrays& arrays,
              const Poll& poll) const;

  // log(1 - excluded mass) of each row of the batch, minus infinity when nothing is
  // left. REQUIRES: as sample(), and the policy kResample.
  void log_rest(const SampleBatch& batch, double* result) const;

  // Parts of sample(), for one row of a batch.
  [[nodiscard]] bool excludes(const SampleBatch& batch) const {
    return config_.policy != Policy::kAllow &&
           (exclusion_ != nullptr || batch.n_positives > 0);
  }
  void assign(ExcludedSet& set, const SampleBatch& batch, std::size_t row) const;
  [[nodiscard]] std::uint64_t rest(ExcludedSet& set, const SampleBatch& batch,
                                   std::size_t row) const;
  [[nodiscard]] bool is_empty(ExcludedSet& set, const SampleBatch& batch,
                              std::size_t row) const;

 private:
  void check_rows(const SampleBatch& batch) const;

  std::shared_ptr<const Law> law_;
  std::shared_ptr<const Exclusion> exclusion_;
  SamplerConfig config_;
  std::vector<std::uint64_t> rests_;  // mass that each row of the exclusion leaves
};

}  // namespace sgns

#endif  // SGNS_NEGATIVE_SAMPLER_H_
