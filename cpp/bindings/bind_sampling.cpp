// Sampling tables of the core, as the tests and sgns.sampling see them.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "arrays.h"
#include "sgns/distribution.h"
#include "sgns/huffman.h"

namespace py = pybind11;

namespace sgns {
namespace {

using Counts = InputArray<std::int64_t>;

py::tuple alias_table(const Counts& counts, double exponent) {
  const auto distribution = Distribution::unigram(as_span(counts), exponent);
  std::vector<std::uint32_t> thresholds;
  std::vector<WordId> aliases;
  for (const Distribution::Slot slot : distribution.slots()) {
    thresholds.push_back(slot.threshold);
    aliases.push_back(slot.alias);
  }
  return py::make_tuple(to_array(std::span<const std::uint32_t>(thresholds)),
                        to_array(std::span<const WordId>(aliases)));
}

py::array_t<WordId> alias_draw(const Counts& counts, double exponent,
                               const InputArray<std::uint64_t>& bits) {
  const auto distribution = Distribution::unigram(as_span(counts), exponent);
  std::vector<WordId> words;
  for (const std::uint64_t b : as_span(bits)) words.push_back(distribution.draw(b));
  return to_array(std::span<const WordId>(words));
}

py::array_t<WordId> alias_draw_excluding(const Counts& counts, double exponent,
                                         const InputArray<std::uint64_t>& bits,
                                         WordId excluded) {
  if (counts.size() < 2) throw std::invalid_argument("needs at least 2 counts");
  const auto distribution = Distribution::unigram(as_span(counts), exponent);
  std::vector<WordId> words;
  for (const std::uint64_t b : as_span(bits)) {
    words.push_back(distribution.draw_excluding(b, excluded));
  }
  return to_array(std::span<const WordId>(words));
}

py::array_t<std::uint32_t> keep(const Counts& counts, double sample) {
  const std::vector<std::uint32_t> thresholds =
      keep_thresholds(as_span(counts), sample);
  return to_array(std::span<const std::uint32_t>(thresholds));
}

py::tuple huffman_paths(const Counts& counts) {
  if (counts.size() < 2) throw std::invalid_argument("needs at least 2 counts");
  const HuffmanTree tree(as_span(counts));
  return py::make_tuple(to_array(tree.offsets()), to_array(tree.nodes()),
                        to_array(tree.codes()));
}

}  // namespace
}  // namespace sgns

void bind_sampling(py::module_& m) {
  m.def("alias_table", &sgns::alias_table, py::arg("counts"), py::arg("exponent"));
  m.def("alias_draw", &sgns::alias_draw, py::arg("counts"), py::arg("exponent"),
        py::arg("bits"));
  m.def("alias_draw_excluding", &sgns::alias_draw_excluding, py::arg("counts"),
        py::arg("exponent"), py::arg("bits"), py::arg("excluded"));
  m.def("keep_thresholds", &sgns::keep, py::arg("counts"), py::arg("sample"));
  m.def("huffman_paths", &sgns::huffman_paths, py::arg("counts"));
}
