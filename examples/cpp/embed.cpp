// Trains word vectors on a text file and shows the words nearest to one of them:
//   embed corpus.txt king
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "sgns/train.h"

int main(int argc, char** argv) try {
  if (argc != 3) return std::fprintf(stderr, "usage: embed CORPUS WORD\n"), 2;
  sgns::CorpusBuilder builder(sgns::TextErrors::kStrict, 2);
  builder.add_file(argv[1], argv[1], [] {});
  const auto [vocabulary, corpus] = builder.finish(5, [] {});
  const sgns::TrainConfig config{.vector_size = 50, .epochs = 5, .workers = 2};
  sgns::Trainer trainer(corpus, vocabulary.counts(), config);
  for (std::size_t epoch = 0; epoch < 5; epoch++) {
    trainer.run_epoch(epoch, [](auto&, float) {}, 1.0);
  }
  std::size_t query = 0;
  while (query < vocabulary.size() && vocabulary.word(query) != argv[2]) query++;
  if (query == vocabulary.size()) return std::fprintf(stderr, "unknown word\n"), 1;
  const auto dot = [&](std::size_t a, std::size_t b) {
    const float* const x = trainer.input().row(a);
    return std::inner_product(x, x + 50, trainer.input().row(b), 0.0);
  };
  std::vector<std::pair<double, std::size_t>> found;
  for (std::size_t row = 0; row < vocabulary.size(); row++) {
    const double norms = std::sqrt(dot(query, query) * dot(row, row));
    if (row != query) found.emplace_back(dot(query, row) / norms, row);
  }
  std::ranges::sort(found, std::greater<>());
  for (std::size_t i = 0; i < std::min<std::size_t>(5, found.size()); i++) {
    const std::string word(vocabulary.word(found[i].second));
    std::printf("%.3f %s\n", found[i].first, word.c_str());
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "embed: %s\n", error.what());
  return 1;
}
