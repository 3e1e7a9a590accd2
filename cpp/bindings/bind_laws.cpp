// Laws and exclusions of sgns.sampling.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "arrays.h"
#include "sgns/distinct.h"
#include "sgns/negative_sampler.h"
#include "without_gil.h"

namespace py = pybind11;

namespace sgns {
namespace {

using Ids = InputArray<std::int64_t>;
using LawPointer = std::shared_ptr<const Law>;

template <class Make>
std::shared_ptr<Law> make_law(Make&& make) {
  const py::gil_scoped_release release;
  return std::make_shared<Law>(make());
}

// The result has the shape of `ids`, which lie inside the law.
template <class Value, class Function>
py::array_t<Value> of_each(const Ids& ids, Function&& function) {
  py::array_t<Value> result(
      std::vector<py::ssize_t>(ids.shape(), ids.shape() + ids.ndim()));
  Value* const values = result.mutable_data();
  const auto given = as_span(ids);
  for (std::size_t i = 0; i < given.size(); i++) {
    values[i] = static_cast<Value>(function(static_cast<WordId>(given[i])));
  }
  return result;
}

py::array_t<double> probabilities(const Law& law, const Ids& ids) {
  return of_each<double>(ids, [&](WordId id) { return law.probability(id); });
}

py::array_t<float> log_shares(const Law& law, const Ids& ids) {
  const auto shares = law.log_shares();
  return of_each<float>(ids, [&](WordId id) {
    return shares[shares.size() == 1 ? 0 : static_cast<std::size_t>(id)];
  });
}

SampleArrays arrays_of(py::array& ids) {
  SampleArrays arrays;
  if (py::isinstance<py::array_t<std::int32_t>>(ids)) {
    arrays.ids32 = static_cast<std::int32_t*>(ids.mutable_data());
  } else {
    arrays.ids64 = static_cast<std::int64_t*>(ids.mutable_data());
  }
  return arrays;
}

// Fills `out`, a checked array, with draws 0, 1, ... of row 0.
void fill(const LawPointer& law, py::array out, std::uint64_t seed, std::uint64_t step,
          bool shared, std::size_t workers) {
  const SampleArrays arrays = arrays_of(out);
  const SampleBatch batch{.n_rows = 1,
                          .k = static_cast<std::size_t>(out.size()),
                          .rows = {},
                          .row_ids = {},
                          .positives = {},
                          .step = step,
                          .purpose = shared ? Purpose::kShared : Purpose::kSample};
  const SamplerConfig config{
      .policy = Policy::kAllow, .seed = seed, .workers = workers};
  const NegativeSampler sampler(law, nullptr, config);
  without_gil([&](const Poll& poll) { sampler.sample(batch, arrays, poll); });
}

py::tuple distinct(const Law& law, std::size_t n, std::uint64_t seed,
                   std::uint64_t step) {
  DistinctDraws draws;
  without_gil([&](const Poll&) { draws = draw_distinct(law, n, seed, step); });
  return py::make_tuple(to_array(std::span<const WordId>(draws.ids)), draws.tau);
}

py::array_t<float> inclusion(const Law& law, double tau, const Ids& ids) {
  std::vector<WordId> given;
  for (const std::int64_t id : as_span(ids)) given.push_back(static_cast<WordId>(id));
  py::array_t<float> result(
      std::vector<py::ssize_t>(ids.shape(), ids.shape() + ids.ndim()));
  log_inclusion(law, tau, given, result.mutable_data());
  return result;
}

std::shared_ptr<Exclusion> exclusion_csr(const Ids& indptr, const Ids& indices) {
  const auto offsets = as_span(indptr), ids = as_span(indices);
  const py::gil_scoped_release release;
  return std::make_shared<Exclusion>(Exclusion::csr(offsets, ids));
}

std::shared_ptr<Exclusion> exclusion_pairs(const Ids& rows, const Ids& ids,
                                           std::size_t n_rows) {
  const auto given_rows = as_span(rows), given_ids = as_span(ids);
  const py::gil_scoped_release release;
  return std::make_shared<Exclusion>(Exclusion::pairs(given_rows, given_ids, n_rows));
}

}  // namespace
}  // namespace sgns

void bind_laws(py::module_& m) {
  using sgns::Exclusion;
  using sgns::Ids;
  using sgns::Law;
  py::class_<Law, std::shared_ptr<Law>>(m, "Law")
      .def_static(
          "from_weights",
          [](const sgns::InputArray<double>& weights) {
            const auto given = sgns::as_span(weights);
            return sgns::make_law(
                [&] { return Law::from_weights({given.begin(), given.end()}); });
          },
          py::arg("weights"))
      .def_static(
          "unigram",
          [](const Ids& counts, double alpha) {
            const auto given = sgns::as_span(counts);
            return sgns::make_law([&] { return Law::unigram(given, alpha); });
          },
          py::arg("counts"), py::arg("alpha"))
      .def_static(
          "uniform",
          [](std::size_t n) { return sgns::make_law([n] { return Law::uniform(n); }); },
          py::arg("n"))
      .def_static(
          "log_uniform",
          [](std::size_t n) {
            return sgns::make_law([n] { return Law::log_uniform(n); });
          },
          py::arg("n"))
      .def_property_readonly("n", &Law::size)
      .def_property_readonly("support", &Law::support)
      .def("probabilities", &sgns::probabilities, py::arg("ids"))
      .def("log_shares", &sgns::log_shares, py::arg("ids"))
      .def("fill", &sgns::fill, py::arg("out"), py::arg("seed"), py::arg("step"),
           py::arg("shared"), py::arg("workers"))
      .def("distinct", &sgns::distinct, py::arg("n"), py::arg("seed"), py::arg("step"))
      .def("log_inclusion", &sgns::inclusion, py::arg("tau"), py::arg("ids"));
  py::class_<Exclusion, std::shared_ptr<Exclusion>>(m, "Exclusion")
      .def_static("csr", &sgns::exclusion_csr, py::arg("indptr"), py::arg("indices"))
      .def_static("pairs", &sgns::exclusion_pairs, py::arg("rows"), py::arg("ids"),
                  py::arg("n_rows"))
      .def_property_readonly("n_rows", &Exclusion::n_rows)
      .def(
          "row",
          [](const Exclusion& exclusion, std::size_t row) {
            return sgns::to_array(exclusion.row(row));
          },
          py::arg("row"))
      .def("arrays", [](const Exclusion& exclusion) {
        return py::make_tuple(sgns::to_array(exclusion.offsets()),
                              sgns::to_array(exclusion.ids()));
      });
}
