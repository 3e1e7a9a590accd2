// Training on labelled pairs.
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

#include "arrays.h"
#include "sgns/pair_train.h"
#include "without_gil.h"

namespace py = pybind11;

namespace sgns {
namespace {

using Ids = InputArray<WordId>;

void check_rows(const Ids& rows, std::size_t n) {
  for (const WordId row : as_span(rows)) {
    if (row < 0 || static_cast<std::size_t>(row) >= n) {
      throw std::invalid_argument("pairs must lie in the tables");
    }
  }
}

// A trainer that keeps copies of the arrays which it looks into.
class PyPairTrainer {
 public:
  PyPairTrainer(const Ids& inputs, const Ids& outputs,
                const InputArray<std::int8_t>& labels, const InputArray<float>& weights,
                const PairTrainConfig& config)
      : inputs_(as_span(inputs).begin(), as_span(inputs).end()),
        outputs_(as_span(outputs).begin(), as_span(outputs).end()),
        labels_(as_span(labels).begin(), as_span(labels).end()),
        weights_(as_span(weights).begin(), as_span(weights).end()),
        trainer_({inputs_, outputs_, labels_, weights_}, config) {}

  py::tuple run_epoch(std::size_t epoch) {
    if (handed_out_) throw std::invalid_argument("the tables were handed out already");
    PairEpoch report;
    without_gil([&](const Poll& poll) { report = trainer_.run_epoch(epoch, poll); });
    return py::make_tuple(report.weight > 0 ? report.loss / report.weight : 0.0,
                          report.dot_products);
  }

  py::tuple tables() {
    if (handed_out_) throw std::invalid_argument("the tables were handed out already");
    handed_out_ = true;
    return py::make_tuple(to_array(std::move(trainer_.input())),
                          to_array(std::move(trainer_.output())));
  }

 private:
  std::vector<WordId> inputs_, outputs_;
  std::vector<std::int8_t> labels_;
  std::vector<float> weights_;
  PairTrainer trainer_;
  bool handed_out_ = false;
};

std::unique_ptr<PyPairTrainer> make_trainer(const Ids& inputs, const Ids& outputs,
                                            const InputArray<std::int8_t>& labels,
                                            const InputArray<float>& weights,
                                            std::size_t n_inputs, std::size_t n_outputs,
                                            std::size_t vector_size, double alpha,
                                            double min_alpha, std::size_t epochs,
                                            std::uint64_t seed, std::size_t workers) {
  const bool fits = inputs.size() == labels.size() && outputs.size() == labels.size() &&
                    (weights.size() == 0 || weights.size() == labels.size());
  if (!fits || labels.size() >= (py::ssize_t{1} << 32)) {
    throw std::invalid_argument("shapes do not fit");
  }
  check_rows(inputs, n_inputs);
  check_rows(outputs, n_outputs);
  return std::make_unique<PyPairTrainer>(inputs, outputs, labels, weights,
                                         PairTrainConfig{.n_inputs = n_inputs,
                                                         .n_outputs = n_outputs,
                                                         .dim = vector_size,
                                                         .alpha = alpha,
                                                         .min_alpha = min_alpha,
                                                         .epochs = epochs,
                                                         .seed = seed,
                                                         .n_threads = workers});
}

}  // namespace
}  // namespace sgns

void bind_pairs(py::module_& m) {
  using sgns::PyPairTrainer;
  py::class_<PyPairTrainer>(m, "PairTrainer")
      .def(py::init(&sgns::make_trainer), py::kw_only(), py::arg("inputs"),
           py::arg("outputs"), py::arg("labels"), py::arg("weights"),
           py::arg("n_inputs"), py::arg("n_outputs"), py::arg("vector_size"),
           py::arg("alpha"), py::arg("min_alpha"), py::arg("epochs"), py::arg("seed"),
           py::arg("workers"))
      .def("run_epoch", &PyPairTrainer::run_epoch, py::arg("epoch"))
      .def("tables", &PyPairTrainer::tables);
}
