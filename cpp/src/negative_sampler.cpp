#include "sgns/negative_sampler.h"

#include <cassert>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "parallel.h"
#include "sample_run.h"
#include "sgns/kernels.h"

namespace sgns {
namespace {

// Pairs of draws that are worth a thread.
constexpr std::size_t kGrain = std::size_t{1} << 15;

template <class Id>
void draw_all(const NegativeSampler& sampler, const SampleBatch& batch,
              const SampleArrays& arrays, Id* ids, const Poll& poll) {
  const Philox functions = philox_functions(default_kernels().name);
  const auto draw = [&](std::size_t begin, std::size_t end) {
    SampleRun<Id>(sampler, batch, arrays, ids, functions).run(begin, end);
  };
  const std::size_t n_pairs = batch.n_rows * ((batch.k + 1) / 2);
  for_ranges(n_pairs, kGrain, sampler.config().workers, draw, poll);
}

}  // namespace

void write_log_q(const NegativeSampler& sampler, const SampleBatch& batch,
                 ExcludedSet& set, std::size_t first, std::span<const WordId> words,
                 float* log_q) {
  const auto shares = sampler.law().log_shares();
  const std::size_t stride = shares.size() == 1 ? 0 : 1;
  const Policy policy = sampler.config().policy;
  for (std::size_t i = 0; i < words.size(); i++) {
    log_q[i] = words[i] < 0 ? 0 : shares[static_cast<std::size_t>(words[i]) * stride];
  }
  if (!sampler.excludes(batch) || policy == Policy::kMask) return;
  const auto total = static_cast<double>(sampler.law().masses().total());
  for_row_draws(sampler, batch, set, first, words.size(),
                [&](std::size_t row, std::size_t, std::size_t at, std::size_t n) {
                  const auto rest = static_cast<double>(sampler.rest(set, batch, row));
                  const double log_rest = std::log(rest / total);
                  for (std::size_t i = at; i < at + n; i++) {
                    if (policy == Policy::kResample && words[i] >= 0) {
                      log_q[i] = static_cast<float>(double{log_q[i]} - log_rest);
                    } else if (policy == Policy::kSkip && words[i] < 0) {
                      log_q[i] = static_cast<float>(std::log((total - rest) / total));
                    }
                  }
                });
}

NegativeSampler::NegativeSampler(std::shared_ptr<const Law> law,
                                 std::shared_ptr<const Exclusion> exclusion,
                                 const SamplerConfig& config)
    : law_(std::move(law)), exclusion_(std::move(exclusion)), config_(config) {
  assert(law_ != nullptr);
  if (exclusion_ == nullptr) return;
  for (const WordId id : exclusion_->ids()) {
    if (static_cast<std::size_t>(id) >= law_->size()) {
      throw std::invalid_argument("exclude has the id " + std::to_string(id) +
                                  ", expected ids from 0 to " +
                                  std::to_string(law_->size() - 1));
    }
  }
  if (config_.policy != Policy::kResample && config_.policy != Policy::kSkip) return;
  const Masses& masses = law_->masses();
  rests_.resize(exclusion_->n_rows());
  for (std::size_t row = 0; row < rests_.size(); row++) {
    rests_[row] = masses.total();
    for (const WordId id : exclusion_->row(row)) rests_[row] -= masses.of(id);
  }
}

void NegativeSampler::assign(ExcludedSet& set, const SampleBatch& batch,
                             std::size_t row) const {
  std::span<const WordId> listed;
  if (exclusion_) listed = exclusion_->row(static_cast<std::size_t>(batch.rows[row]));
  set.assign(listed,
             batch.positives.subspan(row * batch.n_positives, batch.n_positives));
}

std::uint64_t NegativeSampler::rest(ExcludedSet& set, const SampleBatch& batch,
                                    std::size_t row) const {
  return set.rest_beside(exclusion_ ? rests_[static_cast<std::size_t>(batch.rows[row])]
                                    : law_->masses().total());
}

bool NegativeSampler::is_empty(ExcludedSet& set, const SampleBatch& batch,
                               std::size_t row) const {
  return set.n_given() >= law_->support() && rest(set, batch, row) == 0;
}

void NegativeSampler::check_rows(const SampleBatch& batch) const {
  ExcludedSet set(*law_);
  for (std::size_t row = 0; row < batch.n_rows; row++) {
    assign(set, batch, row);
    if (is_empty(set, batch, row)) {
      throw std::invalid_argument("row " + std::to_string(row) + ": all " +
                                  std::to_string(law_->support()) +
                                  " items are excluded");
    }
  }
}

void NegativeSampler::sample(const SampleBatch& batch, const SampleArrays& arrays,
                             const Poll& poll) const {
  if (batch.k == 0) return;
  const bool must_leave_some = config_.policy == Policy::kResample && !config_.pad;
  if (must_leave_some && excludes(batch)) check_rows(batch);
  if (arrays.ids32) {
    draw_all(*this, batch, arrays, arrays.ids32, poll);
  } else {
    draw_all(*this, batch, arrays, arrays.ids64, poll);
  }
}

void NegativeSampler::log_rest(const SampleBatch& batch, double* result) const {
  ExcludedSet set(*law_);
  const auto total = static_cast<double>(law_->masses().total());
  for (std::size_t row = 0; row < batch.n_rows; row++) {
    assign(set, batch, row);
    result[row] = std::log(static_cast<double>(rest(set, batch, row)) / total);
  }
}

}  // namespace sgns
