// The trainer: names to enums, arrays out, Ctrl-C while the GIL is free.
#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "arrays.h"
#include "calls.h"
#include "sgns/train.h"

namespace py = pybind11;

namespace sgns {
namespace {

template <class T, std::size_t N>
T by_name(const char* what, const std::string& name,
          const std::array<std::pair<const char*, T>, N>& values) {
  std::string names;
  for (const auto& [known, value] : values) {
    if (name == known) return value;
    if (!names.empty()) names += ", ";
    names.append("'").append(known).append("'");
  }
  throw std::invalid_argument(std::string(what) + " must be one of " + names +
                              ", got '" + name + "'");
}

constexpr std::array kArchitectures{std::pair{"skipgram", Architecture::kSkipGram},
                                    std::pair{"cbow", Architecture::kCbow}};
constexpr std::array kCbowInputs{std::pair{"mean", CbowInput::kMean},
                                 std::pair{"sum", CbowInput::kSum}};
constexpr std::array kCbowGradients{std::pair{"original", CbowGradient::kOriginal},
                                    std::pair{"exact", CbowGradient::kExact}};
constexpr std::array kLosses{std::pair{"ns", Loss::kNegativeSampling},
                             std::pair{"hs", Loss::kHierarchicalSoftmax},
                             std::pair{"ns+hs", Loss::kBoth},
                             std::pair{"nce", Loss::kNce},
                             std::pair{"sampled_softmax", Loss::kSampledSoftmax},
                             std::pair{"softmax", Loss::kSoftmax}};
constexpr std::array kWeightings{std::pair{"shrink", WindowWeighting::kShrink},
                                 std::pair{"fixed", WindowWeighting::kFixed},
                                 std::pair{"harmonic", WindowWeighting::kHarmonic}};
constexpr std::array kExclusions{
    std::pair{"target", Exclude::kTarget}, std::pair{"window", Exclude::kWindow},
    std::pair{"sentence", Exclude::kSentence}, std::pair{"none", Exclude::kNone}};
constexpr std::array kSharings{std::pair{"window", NegativeSharing::kWindow},
                               std::pair{"pair", NegativeSharing::kPair}};

TrainConfig make_config(const std::string& architecture, const std::string& cbow_input,
                        const std::string& cbow_gradient, const std::string& loss,
                        const std::string& negative_sharing, std::int64_t vector_size,
                        std::optional<std::int64_t> window,
                        const std::string& window_weighting, std::int64_t negative,
                        const std::string& exclude, double positive_weight,
                        bool output_bias, double ns_exponent, double sample,
                        double alpha, double min_alpha, std::int64_t epochs,
                        std::uint64_t seed, std::int64_t workers, bool deterministic) {
  const TrainConfig config{
      .architecture = by_name("architecture", architecture, kArchitectures),
      .cbow_input = by_name("cbow_input", cbow_input, kCbowInputs),
      .cbow_gradient = by_name("cbow_gradient", cbow_gradient, kCbowGradients),
      .loss = by_name("loss", loss, kLosses),
      .negative_sharing = by_name("negative_sharing", negative_sharing, kSharings),
      .vector_size = vector_size,
      .window = window.value_or(0),
      .window_weighting = by_name("window_weighting", window_weighting, kWeightings),
      .negative = negative,
      .exclude = by_name("exclude", exclude, kExclusions),
      .positive_weight = positive_weight,
      .output_bias = output_bias,
      .ns_exponent = ns_exponent,
      .sample = sample,
      .alpha = alpha,
      .min_alpha = min_alpha,
      .epochs = epochs,
      .seed = seed,
      .workers = workers,
      .deterministic = deterministic};
  check(config);
  return config;
}

// A trainer whose matrices become arrays when they are first asked for; from then on it
// trains no more.
class PyTrainer {
 public:
  PyTrainer(const Corpus& corpus, const InputArray<std::int64_t>& counts,
            const TrainConfig& config)
      : trainer_(corpus, as_span(counts), config) {}

  py::dict run_epoch(std::int64_t epoch, const py::object& progress, double interval) {
    require_tables();
    if (epoch < 0 || epoch >= trainer_.config().epochs) {
      throw std::invalid_argument("epoch must be from 0 to epochs - 1, got " +
                                  std::to_string(epoch));
    }
    EpochReport report;
    {
      WithoutGil no_gil;
      report = trainer_.run_epoch(
          static_cast<std::size_t>(epoch),
          [&](const EpochReport& so_far, float lr) {
            no_gil.with_gil([&] { tell(progress, so_far, lr); });
          },
          interval);
    }
    py::dict result;
    result["loss"] = report.mean_loss();
    const double measured = static_cast<double>(report.measured);
    result["positive_loss"] = report.positive_loss / measured;
    result["negative_loss"] = (report.loss - report.positive_loss) / measured;
    result["untrained_loss"] = report.mean_untrained_loss();
    result["positives_right"] = share(report.positives_right, report.positives);
    result["negatives_right"] = share(report.negatives_right, report.negatives);
    result["words"] = report.words;
    result["centres"] = report.centres;
    result["pairs"] = report.pairs;
    result["seconds"] = report.seconds;
    result["learning_rate"] =
        trainer_.lr_at(static_cast<std::size_t>(epoch), report.words);
    return result;
  }

  py::tuple copy_tables() {
    require_tables();
    return py::make_tuple(copy_of(trainer_.input()), copy_of(trainer_.output()),
                          copy_of(trainer_.nodes()), copy_of_biases());
  }
  void set_tables(const std::optional<InputArray<float>>& input,
                  const std::optional<InputArray<float>>& output,
                  const std::optional<InputArray<float>>& nodes,
                  const std::optional<InputArray<float>>& output_bias) {
    require_tables();
    assign(trainer_.input(), input);
    assign(trainer_.output(), output);
    assign(trainer_.nodes(), nodes);
    const std::size_t n_biases =
        trainer_.config().output_bias ? trainer_.keep().size() : 0;
    if (n_biases != (output_bias ? static_cast<std::size_t>(output_bias->size()) : 0)) {
      throw std::invalid_argument("there must be " + std::to_string(n_biases) +
                                  " biases");
    }
    if (output_bias) {
      std::copy_n(output_bias->data(), n_biases, trainer_.offsets().biases().data());
    }
  }

  void freeze(const InputArray<WordId>& words) {
    const std::size_t n_words = trainer_.keep().size();
    std::vector<std::uint8_t> frozen(words.size() > 0 ? n_words : 0);
    for (const WordId word : as_span(words)) {
      if (word < 0 || static_cast<std::size_t>(word) >= n_words) {
        throw std::invalid_argument("frozen words must be from 0 to " +
                                    std::to_string(n_words - 1) + ", got " +
                                    std::to_string(word));
      }
      frozen[static_cast<std::size_t>(word)] = 1;
    }
    trainer_.frozen() = std::move(frozen);
  }

  py::object input() { return hand_out(input_, trainer_.input()); }
  py::object output() { return hand_out(output_, trainer_.output()); }
  py::object nodes() { return hand_out(nodes_, trainer_.nodes()); }

  py::object output_bias() {
    handed_out_ = true;
    return copy_of_biases();
  }

 private:
  py::object copy_of_biases() {
    if (!trainer_.config().output_bias) return py::none();
    return to_array(std::span<const float>(trainer_.offsets().biases().data(),
                                           trainer_.keep().size()));
  }

  // NaN when nothing was measured.
  static double share(std::uint64_t part, std::uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  }

  void require_tables() const {
    if (handed_out_) {
      throw std::invalid_argument("the tables of this trainer were handed out already");
    }
  }

  static void tell(const py::object& progress, const EpochReport& so_far, float lr) {
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    const py::tuple arguments =
        py::make_tuple(so_far.words, lr, so_far.mean_loss(), so_far.seconds);
    PyObject* const result =
        or_sleep([&] { return PyObject_CallObject(progress.ptr(), arguments.ptr()); });
    if (result == nullptr) throw py::error_already_set();
    Py_DECREF(result);
  }

  py::object hand_out(py::object& array, Matrix& matrix) {
    handed_out_ = true;
    if (!array && matrix.n_rows() > 0) array = to_array(std::move(matrix));
    return array ? array : py::none();
  }

  Trainer trainer_;
  bool handed_out_ = false;
  py::object input_, output_, nodes_;
};

}  // namespace
}  // namespace sgns

void bind_train(py::module_& m) {
  using sgns::PyTrainer;
  using sgns::TrainConfig;
  py::register_exception<sgns::Diverged>(m, "DivergenceError", PyExc_ValueError);
  py::class_<TrainConfig>(m, "TrainConfig")
      .def(py::init(&sgns::make_config), py::kw_only(), py::arg("architecture"),
           py::arg("cbow_input"), py::arg("cbow_gradient"), py::arg("loss"),
           py::arg("negative_sharing"), py::arg("vector_size"), py::arg("window"),
           py::arg("window_weighting"), py::arg("negative"), py::arg("exclude"),
           py::arg("positive_weight"), py::arg("output_bias"), py::arg("ns_exponent"),
           py::arg("sample"), py::arg("alpha"), py::arg("min_alpha"), py::arg("epochs"),
           py::arg("seed"), py::arg("workers"), py::arg("deterministic"));
  py::class_<PyTrainer>(m, "Trainer")
      .def(py::init<const sgns::Corpus&, const sgns::InputArray<std::int64_t>&,
                    const TrainConfig&>(),
           py::arg("corpus"), py::arg("counts"), py::arg("config"),
           py::keep_alive<1, 2>())
      .def("run_epoch", &PyTrainer::run_epoch, py::arg("epoch"), py::arg("progress"),
           py::arg("interval"))
      .def("copy_tables", &PyTrainer::copy_tables)
      .def("set_tables", &PyTrainer::set_tables, py::arg("input").none(true),
           py::arg("output").none(true), py::arg("nodes").none(true),
           py::arg("output_bias").none(true))
      .def("freeze", &PyTrainer::freeze, py::arg("words"))
      .def_property_readonly("input", &PyTrainer::input)
      .def_property_readonly("output", &PyTrainer::output)
      .def_property_readonly("nodes", &PyTrainer::nodes)
      .def_property_readonly("output_bias", &PyTrainer::output_bias);
}
