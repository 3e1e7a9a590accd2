// Texts in ids for Python: made, given other ids, joined, written.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrays.h"
#include "calls.h"
#include "sgns/corpus.h"
#include "sgns/encoded_corpus.h"
#include "sgns/phrases.h"

namespace py = pybind11;

namespace sgns {
namespace {

void check_signals() {
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

// Throws std::invalid_argument unless every id of the corpus is a row of n_rows.
void require_rows(const Corpus& corpus, std::size_t n_rows, const char* what) {
  for (const std::int32_t id : corpus.ids) {
    if (id < 0 || static_cast<std::size_t>(id) >= n_rows) {
      throw std::invalid_argument(std::string(what) + " must have a place for id " +
                                  std::to_string(id) + ", got " +
                                  std::to_string(n_rows));
    }
  }
}

Corpus make(const InputArray<std::int32_t>& ids,
            const InputArray<std::int64_t>& offsets, std::int64_t n_words,
            std::uint64_t memory_limit, const std::string& folder) {
  const WithoutGil no_gil;
  return make_corpus(as_span(ids), as_span(offsets), n_words, {memory_limit, folder});
}

Corpus choose(const Corpus& corpus, const InputArray<std::uint8_t>& chosen) {
  const std::span<const std::uint8_t> values = as_span(chosen);
  if (values.size() != corpus.sentence_ends.size()) {
    throw std::invalid_argument("chosen must have a place for each sentence");
  }
  const WithoutGil no_gil;
  return chosen_sentences(corpus, values);
}

Corpus rename(const Corpus& corpus, const InputArray<std::int32_t>& rows) {
  const std::span<const std::int32_t> values = as_span(rows);
  const WithoutGil no_gil;
  require_rows(corpus, values.size(), "rows");
  if (std::any_of(values.begin(), values.end(), [](auto row) { return row < -1; })) {
    throw std::invalid_argument("rows must be -1 or a row");
  }
  return renamed(corpus, values);
}

py::array_t<std::int64_t> count(const Corpus& corpus, std::size_t n_words) {
  std::vector<std::int64_t> counts;
  {
    const WithoutGil no_gil;
    require_rows(corpus, n_words, "counts");
    counts = count_ids(corpus, n_words);
  }
  return to_array(std::span<const std::int64_t>(counts));
}

WordList make_word_list(const py::iterable& words) {
  WordList list;
  for (const py::handle word : words) {
    list.append(std::string_view(py::cast<py::bytes>(word)));
  }
  return list;
}

py::bytes format(const WordList& words, const Corpus& corpus, std::size_t begin,
                 std::size_t end) {
  std::string text;
  {
    const WithoutGil no_gil;
    end = std::min(end, corpus.ids.size());
    text = words.format(corpus, std::min(begin, end), end);
  }
  return text;
}

CandidateRule make_rule(const InputArray<std::uint8_t>& is_connector,
                        std::size_t n_words, bool across_sentences) {
  const std::span<const std::uint8_t> flags = as_span(is_connector);
  if (!flags.empty() && flags.size() != n_words) {
    throw std::invalid_argument("is_connector must have a place for each word");
  }
  return {.connectors = flags, .across_sentences = across_sentences};
}

py::tuple count_phrases(const Corpus& corpus, const InputArray<std::int64_t>& counts,
                        const InputArray<std::uint8_t>& is_connector,
                        std::int64_t min_count, bool across_sentences,
                        std::int64_t workers) {
  const std::span<const std::int64_t> values = as_span(counts);
  const CandidateRule rule = make_rule(is_connector, values.size(), across_sentences);
  if (min_count < 1 || workers < 1 || !std::is_sorted(values.rbegin(), values.rend())) {
    throw std::invalid_argument(
        "counts must be descending, min_count and workers at least 1");
  }
  CandidateCounts found;
  {
    WithoutGil no_gil;
    require_rows(corpus, values.size(), "counts");
    if (count_ids(corpus, values.size()) !=
        std::vector<std::int64_t>(values.begin(), values.end())) {
      throw std::invalid_argument("counts must be those of the corpus");
    }
    found = count_candidates(corpus, values, rule, min_count,
                             static_cast<std::size_t>(workers),
                             [&] { no_gil.with_gil(check_signals); });
  }
  return py::make_tuple(to_array(std::span<const std::int32_t>(found.candidates.words)),
                        to_array(std::span<const std::int64_t>(found.candidates.ends)),
                        to_array(std::span<const std::int64_t>(found.counts)));
}

PhraseList make_list(const InputArray<std::int32_t>& words,
                     const InputArray<std::int64_t>& ends, std::size_t n_words) {
  PhraseList list{{words.data(), words.data() + words.size()},
                  {ends.data(), ends.data() + ends.size()}};
  std::int64_t before = 0;
  for (const std::int64_t end : list.ends) {
    if (end < before + 2 || end > words.size()) {
      throw std::invalid_argument("each phrase must have at least two words");
    }
    before = end;
  }
  for (const std::int32_t word : list.words) {
    if (word < 0 || static_cast<std::size_t>(word) >= n_words) {
      throw std::invalid_argument("each word of a phrase must be a row");
    }
  }
  return list;
}

Corpus join(const Corpus& corpus, std::size_t n_words,
            const InputArray<std::uint8_t>& is_connector,
            const InputArray<std::int32_t>& words,
            const InputArray<std::int64_t>& ends) {
  const CandidateRule rule = make_rule(is_connector, n_words, false);
  const PhraseList list = make_list(words, ends, n_words);
  if (n_words + list.ends.size() > 0x7FFFFFFE) {
    throw std::invalid_argument("words and phrases together must be below 2**31 - 1");
  }
  WithoutGil no_gil;
  require_rows(corpus, n_words, "n_words");
  return join_phrases(corpus, n_words, rule, list,
                      [&] { no_gil.with_gil(check_signals); });
}

}  // namespace
}  // namespace sgns

void bind_phrases(py::module_& m) {
  m.def("make_corpus", &sgns::make, py::arg("ids"), py::arg("offsets"),
        py::arg("n_words"), py::arg("memory_limit") = sgns::kNoLimit,
        py::arg("folder") = sgns::StorageRule().folder,
        "A corpus of ids; sentence i is offsets[i]:offsets[i + 1].");
  m.def("renamed", &sgns::rename, py::arg("corpus"), py::arg("rows"),
        "The corpus with rows[id] in place of each id; -1 leaves the word out.");
  m.def("chosen_sentences", &sgns::choose, py::arg("corpus"), py::arg("chosen"),
        "The sentences i whose chosen[i] is not 0.");
  m.def("count_ids", &sgns::count, py::arg("corpus"), py::arg("n_words"),
        "Occurrences of each id.");
  py::class_<sgns::WordList>(m, "WordList",
                             "Words as bytes, to write a corpus as text.")
      .def(py::init(&sgns::make_word_list), py::arg("words"))
      .def("__len__", &sgns::WordList::size)
      .def("format", &sgns::format, py::arg("corpus"), py::arg("begin"), py::arg("end"),
           "The tokens begin..end - 1 as text, one sentence a line.");
  m.def(
      "count_phrases", &sgns::count_phrases, py::arg("corpus"), py::arg("counts"),
      py::arg("is_connector"), py::arg("min_count"), py::arg("across_sentences"),
      py::arg("workers"),
      "Candidates that occur min_count times: words, exclusive ends in them, counts.");
  m.def("join_phrases", &sgns::join, py::arg("corpus"), py::arg("n_words"),
        py::arg("is_connector"), py::arg("words"), py::arg("ends"),
        "The corpus with n_words + i in place of the words of phrase i.");
}
