// Training whose result does not depend on the number of threads. Internal.
//
// A round is a stretch of the corpus, cut in streams, which do not see each other: each
// trains its tokens on copies of the rows that other streams use too, then the changes
// of all streams are added to the shared rows in the order of the streams. All of it
// follows from positions in the corpus; threads only share out the streams, and then
// the rows. The random choices of the next round are made in between, as they tell
// which rows need copies.
//
// Thread safety: run() by several threads, once; wake() by any.
#ifndef SGNS_ROUNDS_H_
#define SGNS_ROUNDS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "barrier.h"
#include "round_rows.h"
#include "worker.h"

namespace sgns {

// Tokens of one round: streams that change a row without seeing each other must not
// overshoot together.
[[nodiscard]] std::size_t round_tokens(std::span<const std::int64_t> counts,
                                       std::span<const std::uint32_t> keep,
                                       const TrainConfig& config);

class Rounds {
 public:
  static constexpr std::size_t kMostStreams = 16;

  // REQUIRES: `shared` outlives the object; n_threads from 1 to kMostStreams.
  Rounds(SharedState& shared, std::size_t n_threads);

  // One thread's share of the epoch; `add` gets the sums of some rounds, from one
  // thread at a time. Returns early when `stop` of the shared state is set.
  void run(std::size_t thread, const std::function<void(const EpochReport&)>& add);

  // Call it when `stop` was set.
  void wake() { barrier_.wake(); }

 private:
  // Things that threads take, each one its own first, which lie in its cache.
  template <std::size_t kMost>
  class Shares {
   public:
    void put_back() {
      for (std::atomic<bool>& taken : taken_) taken = false;
    }
    template <class Function>
    void take(std::size_t n, std::size_t first, Function&& use) {
      for (std::size_t k = 0; k < n; k++) {
        const std::size_t i = (first + k) % n;
        if (!taken_[i] && !taken_[i].exchange(true)) use(i);
      }
    }

   private:
    std::array<std::atomic<bool>, kMost> taken_{};
  };
  static constexpr std::size_t kMostParts = 4 * RoundRows::kParts;

  // Everything of one round. While one is trained, the next one is drawn.
  struct Round {
    std::vector<std::unique_ptr<Worker<RoundRows>>> streams;
    std::vector<std::vector<RoundRows*>> tables;  // each as all streams see it
    std::array<RoundPart, kMostParts> parts;
  };

  void train_and_draw(std::size_t stream);
  void merge_and_plan(std::size_t part, RoundPlanner& planner);
  void end_round(const std::function<void(const EpochReport&)>& add);
  Round& trained() { return rounds_[n_rounds_ % 2]; }
  Round& drawn() { return rounds_[(n_rounds_ + 1) % 2]; }

  SharedState& shared_;
  const std::size_t n_tokens_, n_streams_, stream_tokens_, n_threads_;
  std::array<Round, 2> rounds_;
  std::size_t n_parts_ = 0;
  std::size_t n_rounds_ = 0;          // that have ended
  std::size_t drawn_ = 0;             // tokens of the rounds before the drawn one
  std::uint64_t trained_ = 0;         // tokens
  std::vector<EpochReport> reports_;  // of the streams
  EpochReport sum_;                   // of the rounds not yet told
  Shares<kMostStreams> free_streams_;
  Shares<kMostParts> free_parts_;
  Barrier barrier_;
};

}  // namespace sgns

#endif  // SGNS_ROUNDS_H_
