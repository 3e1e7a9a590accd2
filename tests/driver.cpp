// A program on the core library alone, for the sanitizers and for machines without our
// Python packages: compares the kernels, reads a text it generates and trains every
// combination of options with several threads, interrupts one run, and lets one
// diverge. Exit code 0 when all of it behaved.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "driver_kernels.h"
#include "sgns/corpus.h"
#include "sgns/decimal.h"
#include "sgns/random.h"
#include "sgns/train.h"
#include "sgns/vector_rows.h"

namespace {

std::string generated_text(std::size_t n_tokens, std::uint64_t n_words) {
  std::string text;
  for (std::size_t i = 0; i < n_tokens; i++) {
    // The product of two uniform numbers: a few frequent words, many rare ones.
    const std::uint64_t bits = sgns::draw(7, i);
    const std::uint64_t first = (bits >> 32) * n_words >> 32;
    const std::uint64_t second = (bits & 0xFFFFFFFFu) * n_words >> 32;
    const std::string word = std::to_string(first * second / n_words);
    text.append("w").append(word).append(bits % 17 == 0 ? "\n" : " ");
  }
  return text;
}

bool all_finite(sgns::Matrix& matrix) {
  for (std::size_t r = 0; r < matrix.n_rows(); r++) {
    for (std::size_t d = 0; d < matrix.dim(); d++) {
      if (!std::isfinite(matrix.row(r)[d])) return false;
    }
  }
  return true;
}

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

struct Text {
  sgns::Vocabulary vocabulary;
  sgns::Corpus corpus;
};

Text read(const std::string& text, std::int64_t min_count) {
  sgns::CorpusBuilder builder(sgns::TextErrors::kStrict, 4, 1000);
  builder.add_text(text, "generated");
  builder.end_text();
  auto [vocabulary, corpus] = builder.finish(min_count, [] {});
  return {std::move(vocabulary), std::move(corpus)};
}

Text read(std::size_t n_tokens, std::uint64_t n_words) {
  return read(generated_text(n_tokens, n_words), 1);
}

// Reads a file with several threads, ids beyond the limit going to a temporary file.
Text read_in_parallel(const char* path, std::uint64_t memory_limit) {
  sgns::CorpusBuilder builder(sgns::TextErrors::kStrict, 4, 50'000, 0,
                              {memory_limit, "."});
  builder.add_file(path, path, [] {});
  auto [vocabulary, corpus] = builder.finish(2, [] {});
  return {std::move(vocabulary), std::move(corpus)};
}

// Words enough for the tables of the threads to be merged and sorted in parallel, and
// tokens enough to be encoded so.
void read_file() {
  const std::string text = generated_text(1'100'000, 60'000);
  char path[] = "sgns_driver_XXXXXX";
  const int descriptor = mkstemp(path);
  require(descriptor >= 0, "no temporary file");
  const ssize_t n_written = write(descriptor, text.data(), text.size());
  close(descriptor);
  const Text in_file = read_in_parallel(path, 0);
  const Text in_memory = read_in_parallel(path, sgns::kNoLimit);
  unlink(path);
  require(n_written == static_cast<ssize_t>(text.size()), "the disk is full");
  const Text streamed = read(text, 2);
  for (const Text* found : {&in_file, &in_memory}) {
    require(found->vocabulary.counts() == streamed.vocabulary.counts(),
            "counts differ");
    require(std::ranges::equal(found->corpus.ids, streamed.corpus.ids), "ids differ");
    require(
        std::ranges::equal(found->corpus.sentence_ends, streamed.corpus.sentence_ends),
        "ends of sentences differ");
  }
}

// A vocabulary large enough for the threads to have rows of their own.
void train_hot_rows() {
  const Text text = read(150'000, 20'000);
  const sgns::TrainConfig config{
      .loss = sgns::Loss::kBoth, .vector_size = 20, .epochs = 1, .workers = 4};
  sgns::Trainer trainer(text.corpus, text.vocabulary.counts(), config);
  trainer.run_epoch(0, [](const sgns::EpochReport&, float) {}, 0.01);
  require(all_finite(trainer.input()), "input with hot rows is not finite");
  require(all_finite(trainer.nodes()), "nodes with hot rows are not finite");
}

void train_all(const Text& text, bool deterministic) {
  using enum sgns::Architecture;
  using enum sgns::Loss;
  using enum sgns::NegativeSharing;
  for (const auto architecture : {kSkipGram, kCbow}) {
    for (const auto loss : {kNegativeSampling, kHierarchicalSoftmax, kBoth, kNce,
                            kSampledSoftmax, kSoftmax}) {
      for (const auto sharing : {kWindow, kPair}) {
        const sgns::TrainConfig config{
            .architecture = architecture,
            .cbow_input =
                sharing == kPair ? sgns::CbowInput::kSum : sgns::CbowInput::kMean,
            .loss = loss,
            .negative_sharing = sharing,
            .vector_size = 20,
            .exclude = loss == kNce ? sgns::Exclude::kNone : sgns::Exclude::kTarget,
            .output_bias = loss >= kNce,
            .epochs = 1,
            .workers = 4,
            .deterministic = deterministic};
        sgns::Trainer trainer(text.corpus, text.vocabulary.counts(), config);
        const auto report =
            trainer.run_epoch(0, [](const sgns::EpochReport&, float) {}, 0.01);
        require(report.words == text.corpus.ids.size(), "a token was not trained");
        require(all_finite(trainer.input()), "input is not finite");
        require(all_finite(trainer.output()), "output is not finite");
        require(all_finite(trainer.nodes()), "nodes are not finite");
      }
    }
  }
}

void train_windows(const Text& text) {
  using enum sgns::WindowWeighting;
  for (const auto weighting : {kShrink, kFixed, kHarmonic}) {
    for (const auto exclude :
         {sgns::Exclude::kNone, sgns::Exclude::kWindow, sgns::Exclude::kSentence}) {
      const sgns::TrainConfig config{.vector_size = 20,
                                     .window = weighting == kFixed ? 5 : 0,
                                     .window_weighting = weighting,
                                     .exclude = exclude,
                                     .positive_weight = 2,
                                     .epochs = 1,
                                     .workers = 4};
      if (exclude == sgns::Exclude::kWindow && config.window == 0) continue;
      sgns::Trainer trainer(text.corpus, text.vocabulary.counts(), config);
      trainer.run_epoch(0, [](const sgns::EpochReport&, float) {}, 0.01);
      require(all_finite(trainer.input()), "input of a window is not finite");
    }
  }
}

void interrupt(const Text& text, bool deterministic) {
  const sgns::TrainConfig config{
      .vector_size = 200, .workers = 4, .deterministic = deterministic};
  sgns::Trainer trainer(text.corpus, text.vocabulary.counts(), config);
  const auto stop = [](const sgns::EpochReport&, float) {
    throw std::runtime_error("stop");
  };
  try {
    trainer.run_epoch(0, stop, 0.0005);
    throw std::logic_error("the epoch went on after an exception");
  } catch (const std::runtime_error&) {
  }
  require(all_finite(trainer.input()), "an interrupted run is not finite");
}

void diverge(const Text& text, bool deterministic) {
  const sgns::TrainConfig config{
      .alpha = 1000, .workers = 4, .deterministic = deterministic};
  sgns::Trainer trainer(text.corpus, text.vocabulary.counts(), config);
  try {
    trainer.run_epoch(0, [](const sgns::EpochReport&, float) {}, 0.01);
  } catch (const sgns::Diverged&) {
    return;
  }
  throw std::logic_error("alpha = 1000 did not diverge");
}

// Vectors to text and back, by several threads.
void write_and_read() {
  constexpr std::size_t kRows = 1000, kSize = 7;
  std::vector<float> values(kRows * kSize), back(values.size());
  for (std::size_t i = 0; i < values.size(); i++) {
    values[i] = static_cast<float>(sgns::draw(3, i) >> 40) / 77.0F - 5000.0F;
  }
  std::vector<std::string> words;
  for (std::size_t i = 0; i < kRows; i++) words.push_back(std::to_string(i));
  const std::vector<std::string_view> views(words.begin(), words.end());
  const std::string text = sgns::format_lines(views, kSize, values, sgns::kShortest, 4);
  const sgns::TextRows rows = sgns::read_text(text, kRows, kSize, back, 4);
  require(rows.bad.empty() && rows.words.size() == kRows, "a row was not read");
  require(back == values, "values differ after writing and reading");
}

}  // namespace

int main() {
  try {
    sgns::driver::compare_kernels();
    const Text text = read(60'000, 300);
    read_file();
    train_all(text, false);
    train_all(read(6'000, 300), true);
    train_hot_rows();
    train_windows(text);
    for (const bool deterministic : {false, true}) {
      interrupt(text, deterministic);
      diverge(text, deterministic);
    }
    write_and_read();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "driver: %s\n", error.what());
    return 1;
  }
  std::puts("driver: all runs behaved");
  return 0;
}
