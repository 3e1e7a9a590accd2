#include "barrier.h"

#include <chrono>

namespace sgns {
namespace {

// Lets the other thread of the core go first. No yield to other programs: on a busy
// machine they would keep the processor for milliseconds, a sleeper is woken sooner.
void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

bool Barrier::wait(const std::function<void()>& between) {
  const std::size_t turn = turn_;
  if (++n_waiting_ == n_threads_) {
    n_waiting_ = 0;
    between();
    const std::lock_guard lock(mutex_);
    turn_ = turn + 1;
    changed_.notify_all();
    return !stop_;
  }
  if (!look(turn)) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return turn_ != turn || stop_; });
  }
  return turn_ != turn && !stop_;
}

// Whether the wait ended within the time that waking a sleeping thread takes.
bool Barrier::look(std::size_t turn) const {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::microseconds kPatience{30};
  const Clock::time_point end = Clock::now() + kPatience;
  while (turn_ == turn && !stop_) {
    if (Clock::now() >= end) return false;
    relax();
  }
  return true;
}

void Barrier::wake() {
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

}  // namespace sgns
