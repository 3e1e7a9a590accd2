#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace sgns {
namespace {

class Work {
 public:
  Work(std::size_t n, std::size_t grain,
       const std::function<void(std::size_t, std::size_t)>& body)
      : n_(n), grain_(grain), body_(body) {}

  // Takes ranges until there are none or someone failed.
  void run(const std::function<void()>& between) {
    try {
      while (!failed_) {
        const std::size_t begin = next_.fetch_add(grain_);
        if (begin >= n_) return;
        body_(begin, std::min(begin + grain_, n_));
        if (between) between();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failed_.exchange(true)) error_ = std::current_exception();
    }
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::size_t n_, grain_;
  const std::function<void(std::size_t, std::size_t)>& body_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::exception_ptr error_;
};

}  // namespace

void for_ranges(std::size_t n, std::size_t grain, std::size_t workers,
                const std::function<void(std::size_t, std::size_t)>& body,
                const std::function<void()>& poll) {
  assert(grain >= 1 && workers >= 1);
  if (n <= grain) {
    if (n > 0) body(0, n);
    return;
  }
  Work work(n, grain, body);
  {
    std::vector<std::jthread> threads;
    const std::size_t n_threads = std::min(workers, (n + grain - 1) / grain);
    threads.reserve(n_threads - 1);
    for (std::size_t t = 1; t < n_threads; t++) {
      threads.emplace_back([&work] { work.run(nullptr); });
    }
    work.run(poll);
  }
  work.rethrow();
}

}  // namespace sgns
