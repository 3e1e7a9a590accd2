// Long calls of the core without the GIL. Thread safety: see calls.h.
#ifndef SGNS_BINDINGS_WITHOUT_GIL_H_
#define SGNS_BINDINGS_WITHOUT_GIL_H_

#include <pybind11/pybind11.h>

#include <chrono>

#include "calls.h"
#include "sgns/negative_sampler.h"

namespace sgns {

// Runs function(poll) without the GIL; `poll` looks for Ctrl-C now and then.
template <class Function>
void without_gil(Function&& function) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kPause{50};
  WithoutGil gil;
  auto next = Clock::now() + kPause;
  function(Poll([&] {
    if (Clock::now() < next) return;
    gil.with_gil([] {
      if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
    });
    next = Clock::now() + kPause;
  }));
}

}  // namespace sgns

#endif  // SGNS_BINDINGS_WITHOUT_GIL_H_
