// Tables of labelled pairs: names to enums, arrays in and out.
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "arrays.h"
#include "sgns/pair_table.h"
#include "without_gil.h"

namespace py = pybind11;

namespace sgns {
namespace {

PairExclude exclude_of(const std::string& name) {
  if (name == "none") return PairExclude::kNone;
  if (name == "target") return PairExclude::kTarget;
  if (name == "window") return PairExclude::kWindow;
  if (name == "sentence") return PairExclude::kSentence;
  if (name == "pairs") return PairExclude::kPairs;
  throw std::invalid_argument("unknown exclude '" + name + "'");
}

WindowWeighting weighting_of(const std::string& name) {
  if (name == "fixed") return WindowWeighting::kFixed;
  if (name == "shrink") return WindowWeighting::kShrink;
  if (name == "harmonic") return WindowWeighting::kHarmonic;
  throw std::invalid_argument("unknown window weighting '" + name + "'");
}

using Ids = InputArray<WordId>;
using Ends = InputArray<std::uint64_t>;

void check_text(std::span<const WordId> ids, std::span<const std::uint64_t> ends,
                std::size_t n_words) {
  for (std::size_t i = 0; i < ids.size(); i++) {
    if (ids[i] < 0 || static_cast<std::size_t>(ids[i]) >= n_words) {
      throw std::invalid_argument("id " + std::to_string(i) + " must be from 0 to " +
                                  std::to_string(n_words - 1) + ", got " +
                                  std::to_string(ids[i]));
    }
  }
  std::uint64_t before = 0;
  for (const std::uint64_t end : ends) {
    if (end < before) throw std::invalid_argument("sentence ends must not decrease");
    before = end;
  }
  if (before != ids.size()) {
    throw std::invalid_argument("the last sentence must end with the ids");
  }
}

// A table and the arrays that it looks into.
class PyPairTable {
 public:
  PyPairTable(Ids ids, Ends ends, std::shared_ptr<const Law> law,
              const std::string& exclude, const std::string& window_weighting,
              const InputArray<std::int64_t>& counts, PairTableConfig config)
      : ids_(std::move(ids)), ends_(std::move(ends)) {
    config.exclude = exclude_of(exclude);
    config.weighting = weighting_of(window_weighting);
    const std::size_t n_words = law->size();
    if (static_cast<std::size_t>(counts.size()) != n_words || config.n_threads < 1) {
      throw std::invalid_argument("shapes do not fit");
    }
    const TokenText text{as_span(ids_), as_span(ends_)};
    const auto count_span = as_span(counts);
    without_gil([&](const Poll& poll) {
      check_text(text.ids, text.ends, n_words);
      table_ =
          std::make_unique<PairTable>(text, count_span, std::move(law), config, poll);
    });
  }

  [[nodiscard]] std::uint64_t n_positives() const { return table_->n_positives(); }
  [[nodiscard]] std::uint64_t n_rows() const { return table_->n_rows(); }

  py::tuple read(std::uint64_t begin, std::uint64_t end, bool small_labels) const {
    if (begin > end || end > n_rows()) {
      throw std::invalid_argument("rows must lie in the table");
    }
    const auto n = static_cast<py::ssize_t>(end - begin);
    py::array_t<WordId> centers(n), contexts(n);
    py::array_t<float> labels(small_labels ? 0 : n);
    py::array_t<std::int8_t> labels8(small_labels ? n : 0);
    const PairRows rows{
        .centers = centers.mutable_data(),
        .contexts = contexts.mutable_data(),
        .labels = small_labels ? nullptr : labels.mutable_data(),
        .small_labels = small_labels ? labels8.mutable_data() : nullptr};
    without_gil([&](const Poll& poll) { table_->write(begin, end, rows, poll); });
    if (small_labels) return py::make_tuple(centers, contexts, labels8);
    return py::make_tuple(centers, contexts, labels);
  }

 private:
  Ids ids_;
  Ends ends_;
  std::unique_ptr<PairTable> table_;
};

std::unique_ptr<PyPairTable> make_table(
    Ids ids, Ends ends, std::shared_ptr<const Law> law,
    const InputArray<std::int64_t>& counts, std::int64_t window,
    const std::string& window_weighting, double ratio, const std::string& exclude,
    double sample, std::uint64_t seed, std::uint64_t epoch, std::size_t workers) {
  return std::make_unique<PyPairTable>(std::move(ids), std::move(ends), std::move(law),
                                       exclude, window_weighting, counts,
                                       PairTableConfig{.window = window,
                                                       .ratio = ratio,
                                                       .sample = sample,
                                                       .seed = seed,
                                                       .epoch = epoch,
                                                       .n_threads = workers});
}

}  // namespace
}  // namespace sgns

void bind_tables(py::module_& m) {
  using sgns::PyPairTable;
  py::class_<PyPairTable>(m, "PairTable")
      .def(py::init(&sgns::make_table), py::kw_only(), py::arg("ids"), py::arg("ends"),
           py::arg("law"), py::arg("counts"), py::arg("window"),
           py::arg("window_weighting"), py::arg("ratio"), py::arg("exclude"),
           py::arg("sample"), py::arg("seed"), py::arg("epoch"), py::arg("workers"))
      .def("read", &PyPairTable::read, py::arg("begin"), py::arg("end"),
           py::arg("small_labels"))
      .def_property_readonly("n_positives", &PyPairTable::n_positives)
      .def_property_readonly("n_rows", &PyPairTable::n_rows);
}
