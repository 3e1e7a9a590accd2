// Calls that leave the GIL to others for a while, and what the end of the process does
// to them.
//
// The interpreter does not wait for daemon threads. Up to Python 3.13, one that asks
// for the GIL after its end is ended by force, which unwinds the stack without the GIL
// and through destructors that must not throw: the process would abort. So an exit hook
// stops the calls and waits for them, and a thread that comes too late sleeps until the
// process is gone.
//
// Thread safety: all of it; each WithoutGil belongs to the thread that made it.
#ifndef SGNS_BINDINGS_CALLS_H_
#define SGNS_BINDINGS_CALLS_H_

#include <pybind11/pybind11.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#ifdef __GLIBCXX__
#include <cxxabi.h>
#endif

namespace sgns {

struct Calls {
  std::atomic<int> running{0};
  std::atomic<bool> stop{false};
};

inline Calls& calls() {
  static Calls calls;
  return calls;
}

// Leaves a call because the process ends. SystemExit in Python, which ends a thread
// without a word.
struct Stopped {};

inline void throw_if_stopped() {
  if (calls().stop) throw Stopped();
}

// Result of a function that waits for the GIL or runs Python; does not return when the
// interpreter ends meanwhile.
template <class Function>
decltype(auto) or_sleep(Function&& function) {
#ifdef __GLIBCXX__
  try {
    return std::forward<Function>(function)();
  } catch (const abi::__forced_unwind&) {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }
#else
  return std::forward<Function>(function)();
#endif
}

// Gives the GIL to others for its lifetime, as a call that the exit hook waits for.
class WithoutGil {
 public:
  WithoutGil() {
    calls().running++;
    state_ = PyEval_SaveThread();
  }
  ~WithoutGil() {
    restore();
    calls().running--;
  }
  WithoutGil(const WithoutGil&) = delete;
  WithoutGil& operator=(const WithoutGil&) = delete;

  // Runs a function with the GIL, unless the process ends.
  template <class Function>
  void with_gil(Function&& function) {
    throw_if_stopped();
    restore();
    const SavedAgain saved_again{state_};
    std::forward<Function>(function)();
  }

 private:
  struct SavedAgain {
    PyThreadState*& state;
    ~SavedAgain() { state = PyEval_SaveThread(); }
  };

  void restore() {
    or_sleep([this] { PyEval_RestoreThread(state_); });
  }

  PyThreadState* state_;
};

// The exit hook: stops the calls of other threads and waits until they have the GIL
// back, but not for one whose Python code does not return.
inline void stop_calls() {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kPause{2}, kPatience{1500};
  const auto end = Clock::now() + kPatience;
  calls().stop = true;
  PyThreadState* const state = PyEval_SaveThread();
  while (calls().running > 0 && Clock::now() < end) std::this_thread::sleep_for(kPause);
  PyEval_RestoreThread(state);
  calls().stop = false;
}

// For the child of a fork, which has none of its parent's other threads.
inline void forget_calls() { calls().running = 0; }

}  // namespace sgns

#endif  // SGNS_BINDINGS_CALLS_H_
