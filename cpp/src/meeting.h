// Where threads that train without locks meet: now and then each of them sleeps until
// another one passes by and wakes it. Schedulers put a woken thread near the one that
// woke it, but spread threads that never sleep over groups of cores, between which each
// line that both write travels far (benchmarks/lab/README.md, Two threads). Internal.
//
// Thread safety: all functions by any thread.
#ifndef SGNS_MEETING_H_
#define SGNS_MEETING_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace sgns {

class Meeting {
 public:
  // Sleeps until another thread passes, but not longer than kPatience: all may sleep.
  void wait() {
    std::unique_lock lock(mutex_);
    const std::uint64_t before = n_passed_;
    is_awaited_ = true;
    passed_.wait_for(lock, kPatience, [&] { return n_passed_ != before; });
  }

  // Wakes the threads that sleep.
  void pass() {
    if (!is_awaited_.load(std::memory_order_relaxed)) return;
    const std::lock_guard lock(mutex_);
    is_awaited_ = false;
    n_passed_++;
    passed_.notify_all();
  }

 private:
  static constexpr std::chrono::milliseconds kPatience{4};

  std::mutex mutex_;  // guards the members below
  std::condition_variable passed_;
  std::uint64_t n_passed_ = 0;  // while a thread slept
  std::atomic<bool> is_awaited_{false};
};

}  // namespace sgns

#endif  // SGNS_MEETING_H_
