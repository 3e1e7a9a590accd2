// How two threads get in each other's way on this machine: how long a cache line that
// one core wrote takes to the other, and what it costs to change random rows, all their
// lines, when both threads use all of them or each its own (README.md, "Two threads").
//
//   sgns_two_threads [LINES [ROWS [ROUNDS]]]
//
// LINES: cache lines of a row, ROWS: a power of two.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "sgns/page_allocator.h"
#include "sgns/random.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLineFloats = 16;
constexpr std::size_t kAhead = 16;  // rows that are fetched early
constexpr int kBoth = -1;           // every row is used by both threads

struct Case {
  std::string name;
  std::size_t n_threads;
  int owner_bit;             // of a row's number: tells its thread; or kBoth
  std::size_t gap;           // unused lines between rows
  bool shuffled;             // lines of a row not in their order
  std::vector<double> ns{};  // a row and thread, by rounds
};

struct Work {
  std::vector<std::size_t> order;  // lines of a row
  std::size_t n_rows, stride;      // floats
  int owner_bit;
  float* rows;
};

// Nanoseconds until what one core wrote is seen by the other.
double latency() {
  constexpr int kTurns = 50'000;
  alignas(128) static std::atomic<int> turn;
  turn = 0;
  const auto start = Clock::now();
  std::jthread other([] {
    for (int i = 1; i < 2 * kTurns; i += 2) {
      while (turn.load() != i) {
      }
      turn.store(i + 1);
    }
  });
  for (int i = 0; i < 2 * kTurns; i += 2) {
    while (turn.load() != i) {
    }
    turn.store(i + 1);
  }
  other.join();
  const std::chrono::duration<double, std::nano> passed = Clock::now() - start;
  return passed.count() / (2 * kTurns);
}

// Changes random rows until told to stop; their number.
std::size_t change_rows(const Work& work, std::size_t thread,
                        const std::atomic<bool>& stop) {
  std::uint64_t counter = 0;
  std::array<float*, kAhead> next{};
  const auto choose = [&](float*& row) {
    std::size_t r = sgns::draw(thread, counter++) & (work.n_rows - 1);
    if (work.owner_bit != kBoth) {
      const std::size_t bit = std::size_t{1} << work.owner_bit;
      r = (r & ~bit) | (thread << work.owner_bit);
    }
    row = work.rows + r * work.stride;
    for (const std::size_t line : work.order) {
      __builtin_prefetch(row + line * kLineFloats, 1);
    }
  };
  for (float*& row : next) choose(row);
  std::size_t n = 0;
  for (; !stop.load(std::memory_order_relaxed); n += kAhead) {
    for (float*& row : next) {
      for (const std::size_t line : work.order) row[line * kLineFloats] += 1e-9f;
      choose(row);
    }
  }
  return n;
}

double time_of(const Case& c, std::size_t n_lines, std::size_t n_rows) {
  constexpr auto kTime = std::chrono::milliseconds(50);
  const std::size_t stride = (n_lines + c.gap) * kLineFloats;
  sgns::Table<float> rows(n_rows * stride, 1.0f);
  Work work{.order = std::vector<std::size_t>(n_lines),
            .n_rows = n_rows,
            .stride = stride,
            .owner_bit = c.owner_bit,
            .rows = rows.data()};
  std::iota(work.order.begin(), work.order.end(), 0);
  if (c.shuffled) {
    std::ranges::sort(work.order, {}, [](auto line) { return sgns::mix64(line); });
  }
  std::atomic<bool> stop{false};
  std::array<std::size_t, 2> n{};
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < c.n_threads; t++) {
      threads.emplace_back([&, t] { n[t] = change_rows(work, t, stop); });
    }
    std::this_thread::sleep_for(kTime);
    stop = true;
  }
  const double all = static_cast<double>(n[0] + n[1]);
  return 1e9 * std::chrono::duration<double>(kTime).count() *
         static_cast<double>(c.n_threads) / all;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, std::size_t other) {
    return argc > i ? std::strtoull(argv[i], nullptr, 10) : other;
  };
  const std::size_t n_lines = argument(1, 7), n_rows = argument(2, 4096);
  const std::size_t n_rounds = argument(3, 9);
  if (n_lines == 0 || n_rounds == 0 || n_rows < 256 || (n_rows & (n_rows - 1)) != 0) {
    std::fprintf(stderr,
                 "usage: sgns_two_threads [LINES [ROWS [ROUNDS]]], "
                 "ROWS a power of two from 256 on\n");
    return 2;
  }
  std::vector<Case> cases = {
      {"one thread", 1, kBoth, 0, false},
      {"all rows used by both", 2, kBoth, 0, false},
      {"the same, lines shuffled", 2, kBoth, 0, true},
      {"owners in turn", 2, 0, 0, false},
      {"the same, lines shuffled", 2, 0, 0, true},
      {"owner changes every 4 rows", 2, 2, 0, false},
      {"owner changes every 16 rows", 2, 4, 0, false},
      {"owner changes every 64 rows", 2, 6, 0, false},
      {"owners in turn, 3 unused lines", 2, 0, 3, false},
      {"owners in turn, 9 unused lines", 2, 0, 9, false},
  };
  std::vector<double> latencies{latency()};
  for (std::size_t round = 0; round < n_rounds; round++) {
    for (Case& c : cases) c.ns.push_back(time_of(c, n_lines, n_rows));
    latencies.push_back(latency());
  }
  std::printf("a line to the other core: %.0f ns (%.0f to %.0f)\n", median(latencies),
              std::ranges::min(latencies), std::ranges::max(latencies));
  for (const Case& c : cases) {
    std::printf("%-32s %6.1f ns a row\n", c.name.c_str(), median(c.ns));
  }
  return 0;
}
