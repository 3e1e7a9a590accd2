// Times the kernels and training for bench_kernels.py, which says what is measured.
//
//   sgns_bench_kernels ROUNDS SECONDS < cases
//
// A line of standard input is a case: PART SHAPE TABLE DIM CONTEXTS TARGETS ROWS
// THREADS. Every round measures each case for SECONDS, a "train" case for an epoch,
// between two measurements of the peak of its table, and prints a JSON object. The
// first line that is printed lists the tables of this machine.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "peak.h"
#include "sgns/kernels.h"
#include "sgns/train.h"
#include "steps.h"
#include "windows.h"

namespace sgns::bench {
namespace {

constexpr double kPeakSeconds = 0.01;
// As long as enwiki1e8, on which depends how often a loss is measured.
constexpr std::size_t kTrainTokens = 1 << 24;
constexpr double kTrainTimes = 8;  // training is timed so much longer than a tile

struct Case {
  std::optional<Part> part;  // none: training
  Shape shape;
  std::string table;
  std::size_t dim, contexts, targets, rows, threads;
};

template <typename T>
T named(const std::string& name, const std::map<std::string, T>& values) {
  const auto found = values.find(name);
  if (found == values.end()) throw std::invalid_argument("unknown: " + name);
  return found->second;
}

Case parse(const std::string& line) {
  std::istringstream in(line);
  std::string part, shape;
  Case c;
  in >> part >> shape >> c.table >> c.dim >> c.contexts >> c.targets >> c.rows >>
      c.threads;
  if (!in) throw std::invalid_argument("not a case: " + line);
  c.part = named<std::optional<Part>>(part, {{"errors", Part::kErrors},
                                             {"update", Part::kUpdate},
                                             {"tile", Part::kTile},
                                             {"train", std::nullopt}});
  c.shape = named<Shape>(
      shape,
      {{"skipgram", Shape::kSkipGram}, {"cbow", Shape::kCbow}, {"path", Shape::kPath}});
  return c;
}

// Mean number of nodes on the path of a centre.
double mean_path(const Trainer& trainer) {
  double nodes = 0, centres = 0;
  for (const std::int32_t id : trainer.corpus().ids) {
    const auto word = static_cast<std::size_t>(id);
    const double kept = static_cast<double>(trainer.keep()[word]) + 1;
    nodes += kept * static_cast<double>(trainer.tree()->path(word).nodes.size());
    centres += kept;
  }
  return nodes / centres;
}

// A text of 10,000 words a sentence.
Corpus made_up_text(std::span<const std::int64_t> counts) {
  const Distribution words = Distribution::unigram(counts, 1);
  Corpus corpus;
  for (std::size_t i = 0; i < kTrainTokens; i++) {
    corpus.ids.push_back(words.draw(draw(5, i)));
    if (corpus.ids.size() % 10'000 == 0) corpus.sentence_ends.push_back(i + 1);
  }
  corpus.sentence_ends.push_back(kTrainTokens);
  return corpus;
}

TrainConfig train_config(const Case& c) {
  const bool is_cbow = c.shape == Shape::kCbow, is_path = c.shape == Shape::kPath;
  return {.architecture = is_cbow ? Architecture::kCbow : Architecture::kSkipGram,
          .loss = is_path ? Loss::kHierarchicalSoftmax : Loss::kNegativeSampling,
          .vector_size = static_cast<std::int64_t>(c.dim),
          .negative = is_path ? 0 : static_cast<std::int64_t>(c.targets) - 1,
          .workers = static_cast<std::int64_t>(c.threads)};
}

// Trains for `seconds` after a start that is not counted.
Sample train(const Case& c, const Corpus& corpus, double seconds) {
  struct Enough {};
  constexpr double kStart = 0.1;
  setenv("SGNS_KERNEL", c.table.c_str(), 1);
  Trainer trainer(corpus, zipf_counts(c.rows), train_config(c));
  EpochReport first, last;
  const auto progress = [&](const EpochReport& report, float) {
    if (first.words == 0 && report.seconds > kStart) first = report;
    last = report;
    if (first.words > 0 && last.seconds > first.seconds + seconds) throw Enough();
  };
  try {
    last = trainer.run_epoch(0, progress, 0.01);
  } catch (const Enough&) {
  }
  if (first.words == 0) throw std::runtime_error("the made-up text is too short");
  const bool is_path = c.shape == Shape::kPath;
  const double targets = is_path ? mean_path(trainer) : static_cast<double>(c.targets);
  const auto pairs = static_cast<double>(last.pairs - first.pairs);
  const auto centres = static_cast<double>(last.centres - first.centres);
  const bool is_cbow = c.shape == Shape::kCbow;
  const double rows = is_cbow ? 3 * centres * targets + 2 * pairs : 3 * pairs * targets;
  return {.seconds = last.seconds - first.seconds,
          .centres = centres,
          .fmas = rows * static_cast<double>(c.dim)};
}

// What the cases are measured on, made anew only when a case needs something else.
class Bench {
 public:
  Sample measure(const Case& c, double seconds) {
    if (!c.part) {
      if (text_words_ != c.rows) text_ = made_up_text(zipf_counts(c.rows));
      text_words_ = c.rows;
      return train(c, text_, kTrainTimes * seconds);
    }
    if (!rows_ || n_words_ != c.rows || rows_->dim() != c.dim) {
      rows_.reset();  // before there are others
      rows_ = std::make_unique<Rows>(c.rows, c.dim);
      n_words_ = c.rows;
    }
    const auto key = std::tuple(c.shape == Shape::kPath, c.rows, c.contexts, c.targets);
    if (key != key_) {
      windows_ = std::make_unique<Windows>(c.shape, c.rows, c.contexts, c.targets);
    }
    key_ = key;
    Steps steps(*c.part, c.shape, kernels_by_name(c.table), *windows_, *rows_);
    static_cast<void>(steps.run(seconds / 4));  // fills the caches
    return steps.run(seconds);
  }

 private:
  std::size_t text_words_ = 0;
  Corpus text_;
  std::size_t n_words_ = 0;
  std::unique_ptr<Rows> rows_;
  std::tuple<bool, std::size_t, std::size_t, std::size_t> key_;
  std::unique_ptr<Windows> windows_;
};

void run(int rounds, double seconds, const std::vector<Case>& cases) {
  Bench bench;
  for (int round = 0; round < rounds; round++) {
    for (std::size_t i = 0; i < cases.size(); i++) {
      const double before = fma_peak(cases[i].table, kPeakSeconds);
      const Sample sample = bench.measure(cases[i], seconds);
      const double after = fma_peak(cases[i].table, kPeakSeconds);
      std::printf(
          "{\"case\": %zu, \"ns\": %.2f, \"fmas\": %.1f, \"peak\": %.2f, "
          "\"ghz\": %.3f}\n",
          i, 1e9 * sample.seconds / sample.centres, sample.fmas / sample.centres,
          (before + after) / 2, clock_rate(kPeakSeconds / 2));
      std::fflush(stdout);
    }
  }
}

void run(int argc, char** argv) {
  if (argc != 3)
    throw std::invalid_argument("usage: sgns_bench_kernels ROUNDS SECONDS");
  std::string names;
  for (const Kernels* table : available_kernels()) {
    names.append(names.empty() ? "\"" : ", \"").append(table->name).append("\"");
  }
  std::printf("{\"tables\": [%s]}\n", names.c_str());
  std::vector<Case> cases;
  for (std::string line; std::getline(std::cin, line);) cases.push_back(parse(line));
  run(std::atoi(argv[1]), std::atof(argv[2]), cases);
}

}  // namespace
}  // namespace sgns::bench

int main(int argc, char** argv) {
  try {
    sgns::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sgns_bench_kernels: %s\n", error.what());
    return 1;
  }
  return 0;
}
