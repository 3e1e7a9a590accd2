// Where threads wait for one another, many times a millisecond: they look for a while,
// then sleep. Internal.
//
// Thread safety: wait() by all of the threads, wake() by any.
#ifndef SGNS_BARRIER_H_
#define SGNS_BARRIER_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>

namespace sgns {

class Barrier {
 public:
  // REQUIRES: n_threads >= 1; `stop` outlives the object.
  Barrier(std::size_t n_threads, const std::atomic<bool>& stop)
      : n_threads_(n_threads), stop_(stop) {}

  // Returns true when all threads have come and the last one has run `between`; false
  // when `stop` was set before. Then the barrier is of no more use.
  bool wait(const std::function<void()>& between);

  // Call it when `stop` was set.
  void wake();

 private:
  [[nodiscard]] bool look(std::size_t turn) const;

  const std::size_t n_threads_;
  const std::atomic<bool>& stop_;
  std::atomic<std::size_t> n_waiting_{0}, turn_{0};
  std::mutex mutex_;  // held while turn_ changes, so that no sleeper misses it
  std::condition_variable changed_;
};

}  // namespace sgns

#endif  // SGNS_BARRIER_H_
