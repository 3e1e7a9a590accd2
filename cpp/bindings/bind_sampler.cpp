// The negative sampler of sgns.sampling. Its arguments are checked here rather than in
// Python: a call for a small batch takes about a microsecond.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "arrays.h"
#include "sgns/negative_sampler.h"
#include "without_gil.h"

namespace py = pybind11;

namespace sgns {
namespace {

Policy policy_by_name(const std::string& name) {
  if (name == "resample") return Policy::kResample;
  if (name == "skip") return Policy::kSkip;
  if (name == "mask") return Policy::kMask;
  return Policy::kAllow;
}

// Rows of a call, owned.
struct Rows {
  std::optional<std::size_t> n;
  std::vector<std::int64_t> rows, row_ids;
  std::vector<WordId> positives;
  std::size_t n_positives = 0;

  // Takes over the number of rows from an argument, or compares it.
  void agree(const py::array& array, const char* name) {
    const auto length = static_cast<std::size_t>(array.shape(0));
    if (n.value_or(length) != length) {
      throw std::invalid_argument(std::string(name) + " must have " +
                                  std::to_string(*n) + " rows, got " +
                                  std::to_string(length));
    }
    n = length;
  }
};

// First byte of an array and the one behind its last.
std::pair<std::intptr_t, std::intptr_t> bytes_of(const py::array& array) {
  auto begin = reinterpret_cast<std::intptr_t>(array.data());
  if (array.size() == 0) return {begin, begin};
  std::intptr_t end = begin + array.itemsize();
  for (py::ssize_t d = 0; d < array.ndim(); d++) {
    const std::intptr_t reach = array.strides(d) * (array.shape(d) - 1);
    (reach < 0 ? begin : end) += reach;
  }
  return {begin, end};
}

bool overlap(const py::array& a, py::handle other) {
  if (!py::isinstance<py::array>(other)) return false;
  const auto [begin, end] = bytes_of(a);
  const auto [from, to] = bytes_of(py::reinterpret_borrow<py::array>(other));
  return begin < to && from < end;
}

class PySampler {
 public:
  PySampler(std::shared_ptr<Law> law, std::shared_ptr<Exclusion> exclusion,
            std::size_t k, const std::string& policy, bool pad, std::uint64_t seed,
            std::size_t workers, bool wide)
      : sampler_(std::move(law), std::move(exclusion),
                 SamplerConfig{.policy = policy_by_name(policy),
                               .pad = pad,
                               .seed = seed,
                               .workers = workers}),
        k_(k),
        wide_(wide) {}

  py::object sample(py::handle rows, py::handle positives, py::handle step,
                    py::handle row_ids, py::handle out, bool return_log_q) const {
    Rows given = take_rows(rows, positives);
    const std::uint64_t step_number = as_integer(step, "step", kMaxStep);
    if (!row_ids.is_none()) {
      const py::array array = as_integers(row_ids, "row_ids", 1);
      given.agree(array, "row_ids");
      given.row_ids = checked_values<std::int64_t>(array, "row_ids", kMaxRow);
    }
    py::array ids = out.is_none() ? new_ids(given)
                                  : checked_out(out, given, {rows, positives, row_ids});
    SampleBatch batch = batch_of(given);
    batch.step = step_number;
    SampleArrays arrays;
    if (py::isinstance<py::array_t<std::int32_t>>(ids)) {
      arrays.ids32 = static_cast<std::int32_t*>(ids.mutable_data());
    } else {
      arrays.ids64 = static_cast<std::int64_t*>(ids.mutable_data());
    }
    py::list results;
    results.append(ids);
    if (return_log_q) {
      py::array_t<float> log_q({batch.n_rows, k_});
      arrays.log_q = log_q.mutable_data();
      results.append(log_q);
    }
    if (sampler_.config().policy == Policy::kMask) {
      py::array_t<bool> mask({batch.n_rows, k_});
      arrays.mask = mask.mutable_data();
      results.append(mask);
    }
    without_gil([&](const Poll& poll) { sampler_.sample(batch, arrays, poll); });
    if (results.size() == 1) return ids;
    return py::tuple(results);
  }

  py::array_t<double> log_rest(py::handle rows, py::handle positives) const {
    const Rows given = take_rows(rows, positives);
    const SampleBatch batch = batch_of(given);
    py::array_t<double> result(static_cast<py::ssize_t>(batch.n_rows));
    double* const values = result.mutable_data();
    without_gil([&](const Poll&) { sampler_.log_rest(batch, values); });
    return result;
  }

 private:
  Rows take_rows(py::handle rows, py::handle positives) const {
    Rows given;
    if (!rows.is_none()) {
      const py::array array = as_integers(rows, "rows", 1);
      given.agree(array, "rows");
      if (const Exclusion* const exclusion = sampler_.exclusion()) {
        const auto n_rows = static_cast<std::int64_t>(exclusion->n_rows());
        given.rows = checked_values<std::int64_t>(array, "rows", n_rows - 1);
      }
    } else if (sampler_.exclusion()) {
      throw std::invalid_argument("rows must be given: the sampler excludes by row");
    }
    if (!positives.is_none()) {
      const py::array array = as_integers(positives, "positives", 2);
      given.agree(array, "positives");
      const auto highest = static_cast<std::int64_t>(sampler_.law().size()) - 1;
      given.positives = checked_values<WordId>(array, "positives", highest);
      given.n_positives =
          array.ndim() == 2 ? static_cast<std::size_t>(array.shape(1)) : 1;
    }
    return given;
  }

  SampleBatch batch_of(const Rows& given) const {
    return {.n_rows = given.n.value_or(0),
            .k = k_,
            .rows = given.rows,
            .row_ids = given.row_ids,
            .positives = given.positives,
            .n_positives = given.n_positives};
  }

  py::array new_ids(const Rows& given) const {
    if (!given.n) {
      throw std::invalid_argument(
          "one of rows, positives, row_ids and out must be given: it says for how many "
          "rows to draw");
    }
    if (wide_) return py::array_t<std::int64_t>({*given.n, k_});
    return py::array_t<std::int32_t>({*given.n, k_});
  }

  py::array checked_out(py::handle out, Rows& given,
                        const std::vector<py::handle>& inputs) const {
    if (!py::isinstance<py::array>(out)) {
      throw py::type_error("out must be an ndarray, got " +
                           py::repr(py::type::of(out)).cast<std::string>());
    }
    auto array = py::reinterpret_borrow<py::array>(out);
    if (!py::isinstance<py::array_t<std::int32_t>>(array) &&
        !py::isinstance<py::array_t<std::int64_t>>(array)) {
      throw std::invalid_argument("out must be of int32 or int64, got " +
                                  py::str(array.dtype()).cast<std::string>());
    }
    if (array.ndim() != 2 || static_cast<std::size_t>(array.shape(1)) != k_ ||
        (given.n && static_cast<std::size_t>(array.shape(0)) != *given.n)) {
      const std::string rows = given.n ? std::to_string(*given.n) : "n";
      throw std::invalid_argument("out must have the shape (" + rows + ", " +
                                  std::to_string(k_) + "), got " + shape_text(array));
    }
    if (!(array.flags() & py::array::c_style) || !array.writeable()) {
      throw std::invalid_argument("out must be C-contiguous and writeable");
    }
    for (const py::handle input : inputs) {
      if (overlap(array, input)) {
        throw std::invalid_argument("out must not share memory with an input");
      }
    }
    given.agree(array, "out");
    return array;
  }

  NegativeSampler sampler_;
  std::size_t k_;
  bool wide_;
};

}  // namespace
}  // namespace sgns

void bind_sampler(py::module_& m) {
  using sgns::PySampler;
  py::class_<PySampler>(m, "Sampler")
      .def(py::init<std::shared_ptr<sgns::Law>, std::shared_ptr<sgns::Exclusion>,
                    std::size_t, const std::string&, bool, std::uint64_t, std::size_t,
                    bool>(),
           py::arg("law"), py::arg("exclusion").none(true), py::arg("k"),
           py::arg("policy"), py::arg("pad"), py::arg("seed"), py::arg("workers"),
           py::arg("wide"), py::call_guard<py::gil_scoped_release>())
      .def("sample", &PySampler::sample, py::arg("rows"), py::arg("positives"),
           py::arg("step"), py::arg("row_ids"), py::arg("out"), py::arg("return_log_q"))
      .def("log_rest", &PySampler::log_rest, py::arg("rows"), py::arg("positives"));
}
