// Inner parts of the core for tests and benchmarks: one tile, the random streams.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "arrays.h"
#include "draws.h"
#include "sgns/kernels.h"
#include "sgns/philox.h"
#include "sgns/random.h"
#include "sgns/train.h"

namespace py = pybind11;

namespace sgns {
namespace {

constexpr float kCanary = -12345.678f;

// Rows on their own aligned memory, padding zero, a cache line of canaries behind each.
class GuardedRows {
 public:
  explicit GuardedRows(const InputArray<float>& rows)
      : n_rows_(static_cast<std::size_t>(rows.shape(0))),
        dim_(static_cast<std::size_t>(rows.shape(1))),
        stride_(padded(dim_) + kRowAlignment),
        matrix_(n_rows_, stride_) {
    for (std::size_t r = 0; r < n_rows_; r++) {
      std::copy_n(rows.data() + r * dim_, dim_, matrix_.row(r));
      std::fill_n(matrix_.row(r) + padded(dim_), kRowAlignment, kCanary);
    }
  }

  float* row(std::int64_t r) {
    if (r < 0 || static_cast<std::size_t>(r) >= n_rows_) {
      throw std::invalid_argument("row out of range: " + std::to_string(r));
    }
    return matrix_.row(static_cast<std::size_t>(r));
  }

  py::array_t<float> checked_array() {
    py::array_t<float> result({n_rows_, dim_});
    for (std::size_t r = 0; r < n_rows_; r++) {
      const float* const row = matrix_.row(r);
      std::copy_n(row, dim_, result.mutable_data() + r * dim_);
      for (std::size_t d = dim_; d < stride_; d++) {
        const float expected = d < padded(dim_) ? 0.0f : kCanary;
        // NaN spreads from a row to its own padding: 0 * NaN; that is no overrun.
        if (row[d] != expected && !(d < padded(dim_) && row[d] != row[d])) {
          throw std::invalid_argument("the tile wrote beyond column " +
                                      std::to_string(dim_) + " of row " +
                                      std::to_string(r));
        }
      }
    }
    return result;
  }

 private:
  std::size_t n_rows_, dim_, stride_;
  Matrix matrix_;
};

py::array_t<float> unpadded(const float* rows, std::size_t n, std::size_t columns) {
  py::array_t<float> result({n, columns});
  for (std::size_t i = 0; i < n; i++) {
    std::copy_n(rows + i * error_stride(columns), columns,
                result.mutable_data() + i * columns);
  }
  return result;
}

std::vector<float*> pick(GuardedRows& rows, const InputArray<std::int64_t>& indices) {
  std::vector<float*> pointers;
  for (const std::int64_t r : as_span(indices)) pointers.push_back(rows.row(r));
  return pointers;
}

py::tuple tile_step(const std::string& kernel, const InputArray<float>& inputs,
                    const InputArray<std::int64_t>& input_rows,
                    const InputArray<float>& targets,
                    const InputArray<std::int64_t>& target_rows,
                    const InputArray<float>& labels, float lr) {
  if (inputs.ndim() != 2 || targets.ndim() != 2 ||
      inputs.shape(1) != targets.shape(1) || labels.size() != target_rows.size() ||
      labels.size() == 0 || input_rows.size() == 0) {
    throw std::invalid_argument("shapes do not fit");
  }
  GuardedRows x_rows(inputs), y_rows(targets);
  const std::vector<float*> x = pick(x_rows, input_rows), y = pick(y_rows, target_rows);
  Matrix padded_labels(1, error_stride(y.size()));
  std::copy_n(labels.data(), y.size(), padded_labels.data());
  const Tile tile{.inputs = x.data(),
                  .n_inputs = x.size(),
                  .targets = y.data(),
                  .n_targets = y.size(),
                  .labels = padded_labels.data(),
                  .dim = static_cast<std::size_t>(inputs.shape(1)),
                  .lr = lr,
                  .next = x.data(),
                  .n_next = x.size()};
  const std::size_t n_errors = error_size(x.size(), y.size());
  Matrix errors(1, n_errors), scores(1, n_errors), alone(1, n_errors);
  Matrix scratch(1, scratch_size(x.size(), y.size()));
  const Kernels& kernels = kernels_by_name(kernel);
  kernels.errors(tile, errors.data(), nullptr);
  kernels.scores(tile, alone.data());
  kernels.tile(tile, scratch.data(), scores.data());
  for (std::size_t i = 0; i < x.size(); i++) {
    const float* const row = scores.data() + i * error_stride(y.size());
    // Bytes: NaN is equal to itself here.
    if (std::memcmp(row, alone.data() + (row - scores.data()), 4 * y.size()) != 0) {
      throw std::logic_error("scores() and tile() differ");
    }
  }
  return py::make_tuple(x_rows.checked_array(), y_rows.checked_array(),
                        unpadded(scores.data(), x.size(), y.size()),
                        unpadded(errors.data(), x.size(), y.size()));
}

// From scores to errors by labels, weights and offsets of the targets.
py::array_t<float> score_step(const std::string& kernel, const std::string& loss,
                              const InputArray<float>& scores,
                              const InputArray<float>& labels,
                              const InputArray<float>& weights,
                              const InputArray<float>& offsets, float lr) {
  if (scores.ndim() != 2 || scores.shape(1) != labels.size() ||
      weights.size() != labels.size() || offsets.size() != labels.size() ||
      scores.size() == 0) {
    throw std::invalid_argument("shapes do not fit");
  }
  const auto n = static_cast<std::size_t>(scores.shape(0));
  const auto n_targets = static_cast<std::size_t>(scores.shape(1));
  const std::size_t stride = error_stride(n_targets);
  // What no kernel may use is not a number.
  Matrix memory(2, error_size(n, n_targets)), targets(3, stride), sums(2, n + 1);
  std::fill_n(memory.data(), 2 * memory.stride(), std::nanf(""));
  for (std::size_t i = 0; i < n; i++) {
    std::copy_n(scores.data() + i * n_targets, n_targets, memory.row(0) + i * stride);
    std::fill_n(memory.row(0) + i * stride + n_targets, stride == 8 ? 8 - n_targets : 0,
                1.0f);
  }
  std::fill_n(targets.row(2), stride, kNoTarget);
  std::copy_n(labels.data(), n_targets, targets.row(0));
  std::copy_n(weights.data(), n_targets, targets.row(1));
  std::copy_n(offsets.data(), n_targets, targets.row(2));
  const ScoreRows rows{.n_inputs = n,
                       .n_targets = n_targets,
                       .labels = targets.row(0),
                       .scores = memory.row(0),
                       .lr = lr,
                       .weights = targets.row(1),
                       .offsets = targets.row(2),
                       .error = memory.row(1),
                       .most = sums.row(0),
                       .sum = sums.row(1)};
  const Kernels& kernels = kernels_by_name(kernel);
  if (loss == "logistic") {
    kernels.logistic(rows);
  } else {
    kernels.add_to_sums(rows);
    kernels.softmax(rows);
  }
  return unpadded(memory.row(1), n, n_targets);
}

py::array_t<std::uint64_t> stream_bits(std::uint64_t seed, std::uint64_t epoch,
                                       int stream,
                                       const InputArray<std::uint64_t>& counters) {
  const std::uint64_t key = stream_key(seed, epoch, static_cast<Stream>(stream));
  std::vector<std::uint64_t> bits;
  for (const std::uint64_t counter : as_span(counters)) {
    bits.push_back(draw(key, counter));
  }
  return to_array(std::span<const std::uint64_t>(bits));
}

py::array_t<float> initial_input(std::uint64_t seed, std::size_t n_words,
                                 std::size_t dim) {
  Matrix input(n_words, dim);
  fill_initial_input(input, seed);
  return to_array(std::move(input));
}

// The Philox blocks of counters, whose number is a multiple of 8; with n_slots their
// places.
py::tuple philox_blocks(const std::string& kernel, std::uint64_t key,
                        const InputArray<std::uint64_t>& low,
                        const InputArray<std::uint64_t>& high, std::uint32_t n_slots) {
  const auto first = as_span(low), second = as_span(high);
  if (first.size() != second.size() || first.size() % kPhiloxLanes != 0) {
    throw std::invalid_argument("shapes do not fit");
  }
  std::vector<std::uint64_t> lows(first.begin(), first.end());
  std::vector<std::uint64_t> highs(second.begin(), second.end());
  const Philox functions = philox_functions(kernels_by_name(kernel).name);
  if (n_slots > 0) {
    functions.places(key, n_slots, lows.size(), lows.data(), highs.data());
  } else {
    functions.fill(key, lows.size(), lows.data(), highs.data());
  }
  return py::make_tuple(to_array(std::span<const std::uint64_t>(lows)),
                        to_array(std::span<const std::uint64_t>(highs)));
}

py::tuple sample_stream(const Corpus& corpus, const InputArray<std::int64_t>& counts,
                        const TrainConfig& options, std::uint64_t epoch,
                        std::size_t workers, std::size_t block) {
  const TrainConfig config = for_corpus(options, corpus);
  const auto keep = keep_thresholds(as_span(counts), config.sample);
  const auto noise = Distribution::unigram(as_span(counts), config.ns_exponent);
  const DrawPlan plan{.kernels = &default_kernels(),
                      .keep = keep,
                      .n_subsampled = n_subsampled(keep),
                      .noise = &noise,
                      .negative = static_cast<std::size_t>(config.negative),
                      .window = static_cast<std::size_t>(config.window),
                      .window_weighting = config.window_weighting,
                      .exclude = config.exclude,
                      .token_key = stream_key(config.seed, epoch, Stream::kTokens),
                      .noise_key = stream_key(config.seed, epoch, Stream::kNoise)};
  const std::size_t n_tokens = corpus.ids.size();
  const std::size_t n_blocks = (n_tokens + block - 1) / block;
  std::vector<Draws> blocks(n_blocks);
  {
    const py::gil_scoped_release release;
    std::vector<std::jthread> threads;
    for (std::size_t w = 0; w < workers; w++) {
      threads.emplace_back([&, w] {
        for (std::size_t b = w; b < n_blocks; b += workers) {
          blocks[b].fill(corpus, plan, b * block, std::min(n_tokens, (b + 1) * block));
        }
      });
    }
  }
  std::vector<std::int64_t> positions;
  std::vector<WordId> centres, noises;
  std::vector<std::int32_t> lefts, rights;
  for (const Draws& draws : blocks) {
    for (std::size_t c = 0; c < draws.centres().size(); c++) {
      const Draws::Centre& centre = draws.centres()[c];
      positions.push_back(static_cast<std::int64_t>(centre.position));
      centres.push_back(draws.words()[centre.index]);
      lefts.push_back(static_cast<std::int32_t>(centre.index - centre.begin));
      rights.push_back(static_cast<std::int32_t>(centre.end - 1 - centre.index));
      noises.insert(noises.end(), draws.noise(c).begin(), draws.noise(c).end());
    }
  }
  const py::ssize_t shape[] = {static_cast<py::ssize_t>(centres.size()),
                               static_cast<py::ssize_t>(config.negative)};
  return py::make_tuple(to_array(std::span<const std::int64_t>(positions)),
                        to_array(std::span<const WordId>(centres)),
                        to_array(std::span<const std::int32_t>(lefts)),
                        to_array(std::span<const std::int32_t>(rights)),
                        to_array(std::span<const WordId>(noises)).reshape(shape));
}

}  // namespace
}  // namespace sgns

void bind_testing(py::module_& m) {
  m.def("kernel_names", [] {
    std::vector<std::string> names;
    for (const sgns::Kernels* table : sgns::available_kernels()) {
      names.emplace_back(table->name);
    }
    return names;
  });
  m.def("tile_step", &sgns::tile_step, py::arg("kernel"), py::arg("inputs"),
        py::arg("input_rows"), py::arg("targets"), py::arg("target_rows"),
        py::arg("labels"), py::arg("lr"));
  m.def("score_step", &sgns::score_step, py::arg("kernel"), py::arg("loss"),
        py::arg("scores"), py::arg("labels"), py::arg("weights"), py::arg("offsets"),
        py::arg("lr"));
  m.def("stream_bits", &sgns::stream_bits, py::arg("seed"), py::arg("epoch"),
        py::arg("stream"), py::arg("counters"));
  m.attr("STREAM_VERSION") = sgns::kStreamVersion;
  m.def("philox", &sgns::philox_blocks, py::arg("kernel"), py::arg("key"),
        py::arg("low"), py::arg("high"), py::arg("n_slots") = 0);
  m.def("initial_input", &sgns::initial_input, py::arg("seed"), py::arg("n_words"),
        py::arg("dim"));
  m.def("sample_stream", &sgns::sample_stream, py::arg("corpus"), py::arg("counts"),
        py::arg("config"), py::arg("epoch"), py::arg("workers"),
        py::arg("block") = 10'000);
}
