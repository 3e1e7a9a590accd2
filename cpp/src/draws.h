// All random choices of one block of the corpus, drawn before its windows are trained,
// so that rows are known early. Internal.
//
// Thread safety: one object a thread.
#ifndef SGNS_DRAWS_H_
#define SGNS_DRAWS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "noise_filter.h"
#include "sgns/config.h"
#include "sgns/corpus.h"
#include "sgns/distribution.h"
#include "sgns/kernel_table.h"

namespace sgns {

// The config with the window of this corpus, where it is the whole sentence.
// std::invalid_argument when a sentence is longer than the largest window.
[[nodiscard]] TrainConfig for_corpus(const TrainConfig& config, const Corpus& corpus);

// What the choices depend on besides the corpus.
struct DrawPlan {
  const Kernels* kernels = nullptr;     // what draws, not null
  std::span<const std::uint32_t> keep;  // keep_thresholds()
  std::size_t n_subsampled = 0;         // n_subsampled() of these
  const Distribution* noise = nullptr;  // null: no noise words
  std::size_t negative = 0;             // noise words of a centre
  std::size_t window = 5;
  WindowWeighting window_weighting = WindowWeighting::kShrink;
  Exclude exclude = Exclude::kTarget;
  std::uint64_t loss_interval = 1;  // a power of two
  std::uint64_t token_key = 0;      // of Stream::kTokens in this epoch
  std::uint64_t noise_key = 0;      // of Stream::kNoise in this epoch
};

// The subsampled text of a block with up to `window` kept words of its neighbours on
// both sides: a window looks across the border of two blocks, and both draw the same
// there.
class Draws {
 public:
  static constexpr std::size_t kBuckets = 4096;

  // A kept word inside the block, with its window as indices into words().
  struct Centre {
    std::uint32_t index;  // into words()
    std::uint32_t begin;  // first context word
    std::uint32_t end;    // behind the last; the centre itself lies between
    bool measured;        // its loss is to be measured
    bool distinct;        // no context word and no noise word occurs twice
    std::uint64_t position;

    [[nodiscard]] std::size_t n_context() const { return end - begin - 1; }
  };

  // Draws for the tokens from `begin` to `end` of the corpus, whose centres without a
  // context word are left out.
  // REQUIRES: begin < end <= corpus.ids.size().
  void fill(const Corpus& corpus, const DrawPlan& plan, std::size_t begin,
            std::size_t end);

  [[nodiscard]] std::span<const WordId> words() const { return words_; }
  [[nodiscard]] std::span<const Centre> centres() const { return centres_; }
  // The noise words of each context word of a centre, one after the other, where they
  // are not shared; valid until the next call.
  [[nodiscard]] std::span<const WordId> pair_noise(const Corpus& corpus,
                                                   const DrawPlan& plan,
                                                   const Distribution& noise,
                                                   const Centre& centre);
  // The noise words of centres()[c]; empty without DrawPlan::noise.
  [[nodiscard]] std::span<const WordId> noise(std::size_t c) const {
    return std::span(noise_).subspan(c * negative_, negative_);
  }

 private:
  // Draws noise words of that centre one by one.
  const NoiseFilter& noise_filter(const Corpus& corpus, const DrawPlan& plan,
                                  const Centre& centre);
  void fill_sentence(const Corpus& corpus, const DrawPlan& plan, std::size_t first,
                     std::size_t last, std::size_t begin, std::size_t end);
  void keep_words(const Corpus& corpus, const DrawPlan& plan, std::size_t begin,
                  std::size_t end);
  void fill_noise(const DrawPlan& plan);
  void fill_noise(const DrawPlan& plan, std::span<Centre> centres, WordId* noise);
  void settle_repeats(const DrawPlan& plan, Centre& centre, WordId* noise);
  void note_noise(Centre& centre, WordId word);
  void fill_filtered_noise(const Corpus& corpus, const DrawPlan& plan);
  void find_repeats(std::size_t window);

  std::vector<WordId> words_;
  std::vector<Centre> centres_;
  std::vector<WordId> noise_, pair_noise_;
  std::size_t negative_ = 0;
  // Of the kept words of a sentence.
  struct Kept {
    std::uint64_t position;
    std::uint64_t bits;
  };
  std::vector<Kept> kept_;
  std::vector<std::uint32_t> repeated_;              // see find_repeats()
  std::array<std::uint64_t, kBuckets / 64> seen_{};  // buckets of one centre's noise
  NoiseFilter filter_;
};

}  // namespace sgns

#endif  // SGNS_DRAWS_H_
