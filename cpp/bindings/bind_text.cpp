#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "arrays.h"
#include "arrow.h"
#include "calls.h"
#include "sentences.h"
#include "sgns/corpus.h"
#include "sgns/text_reader.h"
#include "sgns/vocabulary.h"

namespace py = pybind11;

namespace sgns {
namespace {

// A builder for one call at a time; a second one raises instead of racing.
struct Builder {
  CorpusBuilder core;
  bool is_limited;
  bool keeps_bytes;
  std::atomic<bool> is_busy{false};

  Builder(TextErrors errors, std::int64_t workers, std::int64_t chunk_bytes,
          std::int64_t max_words, StorageRule storage)
      : core(errors, workers, chunk_bytes, max_words, std::move(storage)),
        is_limited(max_words != 0),
        keeps_bytes(errors == TextErrors::kSurrogateEscape) {}
};

class BuilderLock {
 public:
  explicit BuilderLock(Builder& builder) : builder_(builder) {
    if (builder_.is_busy.exchange(true)) {
      throw std::invalid_argument("this CorpusBuilder is busy with another call");
    }
  }
  BuilderLock(const BuilderLock&) = delete;
  BuilderLock& operator=(const BuilderLock&) = delete;
  ~BuilderLock() { builder_.is_busy = false; }

 private:
  Builder& builder_;
};

void check_signals() {
  if (PyErr_CheckSignals() != 0) raise_python_error();
}

TextErrors parse_errors(const std::string& errors) {
  if (errors == "strict") return TextErrors::kStrict;
  if (errors == "replace") return TextErrors::kReplace;
  if (errors == "surrogateescape") return TextErrors::kSurrogateEscape;
  throw std::invalid_argument(
      "errors must be one of 'replace', 'strict', 'surrogateescape', got '" +
      errors.substr(0, 40) + "'");
}

py::object decoded_path(const std::string& path) {
  return py::reinterpret_steal<py::object>(PyUnicode_DecodeFSDefaultAndSize(
      path.data(), static_cast<py::ssize_t>(path.size())));
}

void add_file(Builder& builder, const py::object& path) {
  const BuilderLock lock(builder);
  PyObject* converted = nullptr;
  if (PyUnicode_FSConverter(path.ptr(), &converted) == 0) raise_python_error();
  const std::string bytes = py::reinterpret_steal<py::bytes>(converted);
  const std::string name = printable(decoded_path(bytes));
  if (builder.is_limited) {
    throw std::invalid_argument("a builder with max_words takes text, not files");
  }
  WithoutGil no_gil;
  builder.core.add_file(bytes, name, [&] { no_gil.with_gil(check_signals); });
}

void add_text(Builder& builder, const py::bytes& block, const py::str& name) {
  const BuilderLock lock(builder);
  const std::string_view bytes = block;
  const std::string shown_name = printable(name);
  const WithoutGil no_gil;
  builder.core.add_text(bytes, shown_name);
}

void end_text(Builder& builder) {
  const BuilderLock lock(builder);
  const WithoutGil no_gil;
  builder.core.end_text();
}

py::array_t<bool> add_sentences(Builder& builder, const py::object& sentences) {
  const BuilderLock lock(builder);
  builder.core.require_no_stream();
  std::vector<bool> have_words;
  try {
    have_words = SentenceReader(builder.core, builder.keeps_bytes).read(sentences);
  } catch (...) {
    builder.core.roll_back();
    throw;
  }
  builder.core.commit();
  return to_array(have_words);
}

py::array_t<bool> add_arrow(Builder& builder, const py::capsule& capsule) {
  const BuilderLock lock(builder);
  builder.core.require_no_stream();
  void* const stream = PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream");
  if (stream == nullptr) raise_python_error();
  std::vector<bool> have_words;
  try {
    WithoutGil no_gil;
    have_words = ArrowReader(builder.core, [&] {
                   no_gil.with_gil(check_signals);
                 }).read(*static_cast<ArrowArrayStream*>(stream));
  } catch (const WrongColumn& error) {
    builder.core.roll_back();
    throw py::type_error(error.what());
  } catch (const std::runtime_error& error) {
    builder.core.roll_back();
    throw std::invalid_argument(std::string("the Arrow stream failed: ") +
                                error.what());
  } catch (...) {
    builder.core.roll_back();
    throw;
  }
  builder.core.commit();
  return to_array(have_words);
}

std::pair<Vocabulary, Corpus> finish(Builder& builder, std::int64_t min_count) {
  const BuilderLock lock(builder);
  WithoutGil no_gil;
  return builder.core.finish(min_count, [&] { no_gil.with_gil(check_signals); });
}

py::list word_bytes(const Vocabulary& vocabulary) {
  py::list words(vocabulary.size());
  for (std::size_t i = 0; i < vocabulary.size(); ++i) {
    const std::string_view word = vocabulary.word(i);
    words[i] = py::bytes(word.data(), word.size());
  }
  return words;
}

// A read-only view that keeps its owner alive.
template <typename Shown, typename Values>
py::array_t<Shown> view(const Values& values, py::handle owner) {
  static_assert(sizeof(Shown) == sizeof(*values.data()));
  py::array_t<Shown> array(static_cast<py::ssize_t>(values.size()),
                           reinterpret_cast<const Shown*>(values.data()), owner);
  array.attr("setflags")(py::arg("write") = false);
  return array;
}

void set_weights(Corpus& corpus, const InputArray<float>& weights) {
  const std::span<const float> values = as_span(weights);
  if (values.size() != corpus.sentence_ends.size()) {
    throw std::invalid_argument(
        "weights must be " + std::to_string(corpus.sentence_ends.size()) +
        ", one for each sentence, got " + std::to_string(values.size()));
  }
  for (const float value : values) {
    if (!(value >= 0 && std::isfinite(value))) {
      throw std::invalid_argument("weights must be finite and >= 0");
    }
  }
  corpus.sentence_weights.assign(values.begin(), values.end());
}

void set_os_error(int error, const std::string& what, py::handle filename) {
  const py::object exception = filename.is_none()
                                   ? py::handle(PyExc_OSError)(error, what)
                                   : py::handle(PyExc_OSError)(error, what, filename);
  PyErr_SetObject(py::type::of(exception).ptr(), exception.ptr());
}

void translate_os_errors(std::exception_ptr pointer) {
  try {
    std::rethrow_exception(std::move(pointer));
  } catch (const FileError& error) {
    set_os_error(error.code().value(), error.message(), decoded_path(error.path()));
  } catch (const std::system_error& error) {
    set_os_error(error.code().value(), error.what(), py::none());
  }
}

void bind_builder(py::module_& m) {
  py::class_<Builder>(m, "CorpusBuilder",
                      "Reads texts once; finish() gives vocabulary and corpus.")
      .def(py::init([](const std::string& errors, std::int64_t workers,
                       std::int64_t chunk_bytes, std::int64_t max_words,
                       std::uint64_t memory_limit, const std::string& folder) {
             return std::make_unique<Builder>(parse_errors(errors), workers,
                                              chunk_bytes, max_words,
                                              StorageRule{memory_limit, folder});
           }),
           py::arg("errors") = "strict", py::arg("workers") = 1,
           py::arg("chunk_bytes") = CorpusBuilder::kDefaultChunkBytes,
           py::arg("max_words") = 0, py::arg("memory_limit") = kNoLimit,
           py::arg("folder") = StorageRule().folder)
      .def("add_file", &add_file, py::arg("path"), "Adds the words of a regular file.")
      .def("add_text", &add_text, py::arg("block"), py::arg("name"),
           "Adds the next block of a stream; words and lines may continue.")
      .def("end_text", &end_text, "Ends the stream: its last word and sentence.")
      .def("add_sentences", &add_sentences, py::arg("sentences"),
           "Adds an iterable of lists of words; returns which of them have words.")
      .def("add_arrow", &add_arrow, py::arg("capsule"),
           "Adds the rows of an Arrow stream of one column, which is used up; returns "
           "which of them have words.")
      .def("finish", &finish, py::arg("min_count"),
           "Vocabulary of the words that occur min_count times, and the corpus in "
           "them. The builder is empty afterwards.")
      .def_property_readonly(
          "n_tokens",
          [](Builder& builder) {
            const BuilderLock lock(builder);
            return builder.core.n_tokens();
          },
          "Words added so far; of an open stream, those of the blocks taken so far.")
      .def_property_readonly(
          "dropped",
          [](Builder& builder) {
            const BuilderLock lock(builder);
            const CorpusBuilder::Dropped& dropped = builder.core.dropped();
            return py::make_tuple(dropped.words, dropped.tokens, dropped.most);
          },
          "Words that max_words dropped, their tokens, and their highest count.")
      .def_property_readonly(
          "n_sentences",
          [](Builder& builder) {
            const BuilderLock lock(builder);
            return builder.core.n_sentences();
          },
          "Sentences with at least one word added so far.");
}

void bind_results(py::module_& m) {
  py::class_<Vocabulary>(m, "Vocabulary",
                         "Words sorted by (count descending, bytes ascending).")
      .def("__len__", &Vocabulary::size)
      .def("words", &word_bytes, "The words as bytes.")
      .def_property_readonly(
          "counts",
          [](const py::object& self) {
            return view<std::int64_t>(self.cast<const Vocabulary&>().counts(), self);
          },
          "Occurrences of each word, read-only, dtype int64.")
      .def_property_readonly("highest_count", &Vocabulary::highest_count,
                             "Largest count of all words read.");
  py::class_<Corpus>(m, "Corpus", "A text as word ids, all sentences end to end.")
      .def_property_readonly("n_tokens", [](const Corpus& c) { return c.ids.size(); })
      .def_property_readonly("n_sentences",
                             [](const Corpus& c) { return c.sentence_ends.size(); })
      .def_property_readonly(
          "ids",
          [](const py::object& self) {
            return view<std::int32_t>(self.cast<const Corpus&>().ids, self);
          },
          "Row in the vocabulary of each word, read-only, dtype int32.")
      .def("set_weights", &set_weights, py::arg("weights"),
           "Multiplies the learning rate of each sentence by its weight.")
      .def_property_readonly(
          "sentence_weights",
          [](const py::object& self) {
            return view<float>(self.cast<const Corpus&>().sentence_weights, self);
          },
          "Weight of each sentence, dtype float32; empty: all are 1.")
      .def_property_readonly(
          "sentence_ends",
          [](const py::object& self) {
            return view<std::int64_t>(self.cast<const Corpus&>().sentence_ends, self);
          },
          "Exclusive ends of the sentences in ids, read-only, dtype int64.");
}

}  // namespace
}  // namespace sgns

void bind_text(py::module_& m) {
  py::register_local_exception_translator(sgns::translate_os_errors);
  sgns::bind_builder(m);
  sgns::bind_results(m);
}
