// Holds the versions of the kernels (README.md) against the scalar table, then times
// them in turns beside the product's table, which is version 0.
//
//   sgns_lab TABLE [SHAPE [DIM [TARGETS [ROWS [ROUNDS]]]]]
#include "lab.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "../../cpp/bench/steps.h"
#include "../../cpp/bench/windows.h"
#include "sgns/kernels.h"
#include "sgns/random.h"

namespace sgns::lab {
namespace {

constexpr double kSeconds = 0.05;  // of a version in a round
constexpr double kMostDifference = 2e-6;

struct Case {
  std::string table;
  bench::Shape shape = bench::Shape::kSkipGram;
  std::size_t dim = 100, targets = 6, rows = 67'867;
  int rounds = 9;
};

// The rows after one step of `kernels` on made-up values.
std::vector<float> step(const Kernels& kernels, std::size_t dim, std::size_t n_inputs,
                        std::size_t n_targets, bool has_repeats) {
  const std::size_t n_rows = n_inputs + n_targets;
  Matrix rows(n_rows, dim), more(2, error_stride(n_targets));
  Matrix scratch(1, scratch_size(n_inputs, n_targets));
  fill_initial_input(rows, 3);
  std::vector<float*> pointers;
  for (std::size_t r = 0; r < n_rows; r++) {
    for (std::size_t d = 0; d < dim; d++) rows.row(r)[d] *= static_cast<float>(dim);
    pointers.push_back(rows.row(r));
  }
  if (has_repeats) pointers[n_inputs - 1] = pointers[0];
  if (has_repeats) pointers[n_rows - 1] = pointers[n_inputs];
  more.row(0)[0] = 1;
  kernels.tile({.inputs = pointers.data(),
                .n_inputs = n_inputs,
                .targets = pointers.data() + n_inputs,
                .n_targets = n_targets,
                .labels = more.row(0),
                .dim = dim,
                .lr = 0.05f},
               scratch.data(), nullptr);
  return {rows.data(), rows.data() + n_rows * rows.stride()};
}

// Throws std::runtime_error where a version does not do what the scalar table does.
void check(const Version& version) {
  const Kernels& scalar = kernels_by_name("scalar");
  for (const std::size_t dim : {1, 16, 100, 300}) {
    for (std::size_t inputs = 1; inputs <= 10; inputs++) {
      for (const std::size_t targets : {1, 2, 3, 4, 5, 6, 7, 11, 21}) {
        for (const bool has_repeats : {false, true}) {
          const auto expected = step(scalar, dim, inputs, targets, has_repeats);
          const auto got = step(version.kernels, dim, inputs, targets, has_repeats);
          for (std::size_t i = 0; i < got.size(); i++) {
            const double difference = std::abs(double{got[i]} - double{expected[i]});
            if (difference <= kMostDifference * std::max(1.0, std::abs(double{got[i]})))
              continue;
            throw std::runtime_error(
                "version " + std::to_string(version.number) + ": expected " +
                std::to_string(expected[i]) + ", got " + std::to_string(got[i]) +
                " with " + std::to_string(inputs) + " x " + std::to_string(targets) +
                " rows of " + std::to_string(dim));
          }
        }
      }
    }
  }
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void run(const Case& c) {
  std::size_t n = 0;
  const Version* versions =
      c.table == "avx512" ? avx512_versions(&n) : avx2_versions(&n);
  std::vector<Version> all = {{0, kernels_by_name(c.table)}};
  all.insert(all.end(), versions, versions + n);
  for (const Version& version : all) check(version);

  const bench::Windows windows(c.shape, c.rows, 0, c.targets);
  bench::Rows rows(c.rows, c.dim);
  // The first one to run would pay for pages and the clock rate.
  bench::Steps start(bench::Part::kTile, c.shape, all[0].kernels, windows, rows);
  static_cast<void>(start.run(10 * kSeconds));
  std::vector<std::vector<double>> ns(all.size()), ratios(all.size());
  for (int round = 0; round < c.rounds; round++) {
    for (std::size_t v = 0; v < all.size(); v++) {
      bench::Steps steps(bench::Part::kTile, c.shape, all[v].kernels, windows, rows);
      static_cast<void>(steps.run(kSeconds / 4));  // fills the caches
      const bench::Sample sample = steps.run(kSeconds);
      ns[v].push_back(1e9 * sample.seconds / sample.centres);
      ratios[v].push_back(ns[0].back() / ns[v].back());
    }
  }
  std::printf("%s, dim %zu, %zu targets, %zu words; all versions equal scalar\n",
              c.table.c_str(), c.dim, c.targets, c.rows);
  std::printf("version                        ns  speed / 0 (range)\n");
  for (std::size_t v = 0; v < all.size(); v++) {
    const auto [least, most] = std::minmax_element(ratios[v].begin(), ratios[v].end());
    std::printf("%d %-26s %5.0f  %.3f (%.3f-%.3f)\n", all[v].number,
                all[v].kernels.name, median(ns[v]), median(ratios[v]), *least, *most);
  }
}

Case parse(std::span<char*> args) {
  if (args.size() < 2) {
    throw std::invalid_argument(
        "usage: sgns_lab avx2|avx512 [skipgram|cbow|path [DIM [TARGETS [ROWS "
        "[ROUNDS]]]]]");
  }
  Case c{.table = args[1]};
  const auto number = [&](std::size_t i, std::size_t value) {
    return i < args.size() ? std::strtoull(args[i], nullptr, 10) : value;
  };
  const std::string shape = args.size() > 2 ? args[2] : "skipgram";
  c.shape = shape == "cbow"   ? bench::Shape::kCbow
            : shape == "path" ? bench::Shape::kPath
                              : bench::Shape::kSkipGram;
  c.dim = number(3, c.dim);
  c.targets = number(4, c.targets);
  c.rows = number(5, c.rows);
  c.rounds = static_cast<int>(number(6, 9));
  return c;
}

}  // namespace
}  // namespace sgns::lab

int main(int argc, char** argv) {
  try {
    sgns::lab::run(sgns::lab::parse(std::span(argv, static_cast<std::size_t>(argc))));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sgns_lab: %s\n", error.what());
    return 1;
  }
  return 0;
}
