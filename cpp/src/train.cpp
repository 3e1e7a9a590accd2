#include "sgns/train.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "draws.h"
#include "hot_rows.h"
#include "meeting.h"
#include "messages.h"
#include "noise_filter.h"
#include "rounds.h"
#include "sgns/kernels.h"
#include "worker.h"

namespace sgns {
namespace {

// Training has failed when the mean loss is this many times that of zero scores.
constexpr double kDivergence = 10;
// A softmax over all words is a yardstick for small vocabularies.
constexpr std::size_t kMostSoftmaxWords = 50'000;

std::size_t size(std::int64_t value) { return static_cast<std::size_t>(value); }

std::size_t n_threads_for(const TrainConfig& config, std::size_t n_blocks) {
  const std::size_t n_most = config.deterministic ? Rounds::kMostStreams : n_blocks;
  return std::min(size(config.workers), n_most);
}

// Blocks that a thread takes at a time: many, so that it has a text to itself and does
// not change the rows of its words together with another thread, but not so many that
// the others wait long for the last one.
std::size_t stretch_for(const TrainConfig& config, std::size_t n_blocks) {
  constexpr std::size_t kMost = 16;             // blocks
  constexpr std::size_t kFewestStretches = 16;  // of each thread
  const std::size_t n = n_blocks / (kFewestStretches * size(config.workers));
  return std::clamp<std::size_t>(n, 1, kMost);
}

constexpr std::size_t kMeetingBlocks = 64;  // from one meeting to the next: some 40 ms

// One epoch on several threads. The destructor stops and joins them.
class Epoch {
 public:
  Epoch(Trainer& trainer, std::size_t epoch)
      : n_tokens_(trainer.corpus().ids.size()),
        n_blocks_((n_tokens_ + kBlockTokens - 1) / kBlockTokens),
        n_threads_(n_threads_for(trainer.config(), n_blocks_)),
        stretch_(stretch_for(trainer.config(), n_blocks_)),
        shared_{.trainer = trainer,
                .kernels = default_kernels(),
                .epoch = epoch,
                .hot = trainer.config().deterministic
                           ? HotPlan{}
                           : plan_hot_rows(trainer, n_threads_),
                .stop{false},
                .merge_mutex{}} {}
  ~Epoch() {
    stop();
    join();
  }
  Epoch(const Epoch&) = delete;
  Epoch& operator=(const Epoch&) = delete;

  EpochReport run(const Progress& progress, double interval) {
    start_threads();
    std::unique_lock lock(mutex_);
    const auto pause = std::chrono::duration<double>(interval);
    while (!done_.wait_for(lock, pause, [&] { return running_ == 0; })) {
      const EpochReport so_far = with_time(total_);
      lock.unlock();
      progress(so_far, shared_.trainer.lr_at(shared_.epoch, so_far.words));
      lock.lock();
    }
    lock.unlock();
    join();
    if (error_) std::rethrow_exception(error_);
    if (total_.words != n_tokens_) {
      throw std::logic_error("trained " + std::to_string(total_.words) + " of " +
                             std::to_string(n_tokens_) + " tokens");
    }
    return with_time(total_);
  }

 private:
  void start_threads() {
    // All workers before the first thread: they copy rows that threads would change.
    if (shared_.trainer.config().deterministic) {
      rounds_.emplace(shared_, n_threads_);
    }
    for (std::size_t i = 0; i < n_threads_ && !rounds_; i++) {
      workers_.push_back(std::make_unique<Worker<HotRows>>(shared_));
    }
    threads_.reserve(n_threads_);
    for (std::size_t i = 0; i < n_threads_; i++) {
      {
        const std::lock_guard lock(mutex_);
        running_++;
      }
      try {
        threads_.emplace_back([this, i] { work(i); });
      } catch (const std::system_error& error) {
        const std::lock_guard lock(mutex_);
        running_--;
        throw std::system_error(error.code(), "could start " + std::to_string(i) +
                                                  " of " + std::to_string(n_threads_) +
                                                  " threads");
      }
    }
  }

  void work(std::size_t thread) {
    try {
      if (rounds_) {
        rounds_->run(thread, [this](const EpochReport& report) { add(report); });
      } else {
        train_blocks(*workers_[thread]);
      }
    } catch (...) {
      stop();
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    running_--;
    done_.notify_all();
  }

  void train_blocks(Worker<HotRows>& worker) {
    std::size_t n_trained = 0;
    for (std::size_t first; (first = next_block_.fetch_add(stretch_)) < n_blocks_;) {
      const std::size_t last = std::min(first + stretch_, n_blocks_);
      for (std::size_t b = first; !shared_.stop && b < last; b++) {
        const std::size_t begin = b * kBlockTokens;
        add(worker.train_block(begin, std::min(begin + kBlockTokens, n_tokens_)));
        if (n_threads_ > 1) meet(++n_trained);
      }
    }
    worker.merge();
  }

  // After so many blocks of a thread. The one that sleeps waits for two blocks at most.
  void meet(std::size_t n_trained) {
    if (n_trained % 2 == 0) meeting_.pass();
    if (n_trained % kMeetingBlocks == 0) meeting_.wait();
  }

  void stop() {
    shared_.stop = true;
    if (rounds_) rounds_->wake();
  }

  void add(const EpochReport& block) {
    const std::lock_guard lock(mutex_);
    total_ += block;
    // Negated, so that NaN fails too.
    if (!(block.loss <= kDivergence * block.untrained_loss)) fail_diverged(block);
  }

  [[noreturn]] void fail_diverged(const EpochReport& block) const {
    const double alpha = shared_.trainer.config().alpha;
    throw Diverged("training diverged in epoch " + std::to_string(shared_.epoch + 1) +
                   " after " + std::to_string(total_.pairs) + " pairs: mean loss is " +
                   number(block.mean_loss()) + ", untrained it is " +
                   number(block.mean_untrained_loss()) + "; alpha=" + number(alpha) +
                   " is too large");
  }

  [[nodiscard]] EpochReport with_time(EpochReport report) const {
    const auto now = std::chrono::steady_clock::now();
    report.seconds = std::chrono::duration<double>(now - start_).count();
    return report;
  }

  void join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  const std::size_t n_tokens_, n_blocks_, n_threads_;
  const std::size_t stretch_;  // see stretch_for()
  SharedState shared_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();

  std::atomic<std::size_t> next_block_{0};
  Meeting meeting_;
  std::mutex mutex_;  // guards the members below
  std::condition_variable done_;
  std::size_t running_ = 0;
  EpochReport total_;
  std::exception_ptr error_;
  std::vector<std::unique_ptr<Worker<HotRows>>> workers_;  // none with rounds
  std::optional<Rounds> rounds_;
  std::vector<std::thread> threads_;
};

const Corpus& checked(const Corpus& corpus, std::span<const std::int64_t> counts,
                      const TrainConfig& config) {
  check(config);
  if (counts.size() < 2) {
    throw std::invalid_argument("training needs at least 2 words, got " +
                                std::to_string(counts.size()));
  }
  const auto n_words = static_cast<std::int64_t>(counts.size());
  for (std::size_t i = 0; i < counts.size(); i++) {
    if (counts[i] < 1 || (i > 0 && counts[i] > counts[i - 1])) {
      throw std::invalid_argument("counts must be >= 1 and descending, got " +
                                  std::to_string(counts[i]) + " at " +
                                  std::to_string(i));
    }
  }
  for (const WordId id : corpus.ids) {
    if (id < 0 || id >= n_words) {
      throw std::invalid_argument("corpus id must be from 0 to " +
                                  std::to_string(n_words - 1) + ", got " +
                                  std::to_string(id));
    }
  }
  std::uint64_t before = 0;
  for (const std::uint64_t end : corpus.sentence_ends) {
    if (end <= before) throw std::invalid_argument("sentence ends must increase");
    before = end;
  }
  if (before != corpus.ids.size()) {
    throw std::invalid_argument("the last sentence must end with the corpus");
  }
  const TrainConfig fitted = for_corpus(config, corpus);
  if (config.has_noise()) {
    check_exclusion(corpus, counts.size(), config.exclude, size(fitted.window));
  }
  if (config.loss == Loss::kSoftmax && counts.size() > kMostSoftmaxWords) {
    throw std::invalid_argument(
        "loss='softmax' scores every word: the vocabulary must have at most " +
        std::to_string(kMostSoftmaxWords) + " words, got " +
        std::to_string(counts.size()) +
        "; raise min_count or use loss='sampled_softmax'");
  }
  return corpus;
}

}  // namespace

EpochReport& EpochReport::operator+=(const EpochReport& other) {
  words += other.words;
  centres += other.centres;
  pairs += other.pairs;
  measured += other.measured;
  loss += other.loss;
  positive_loss += other.positive_loss;
  untrained_loss += other.untrained_loss;
  positives += other.positives;
  positives_right += other.positives_right;
  negatives += other.negatives;
  negatives_right += other.negatives_right;
  return *this;
}

Trainer::Trainer(const Corpus& corpus, std::span<const std::int64_t> counts,
                 const TrainConfig& config)
    : corpus_(checked(corpus, counts, config)),
      config_(for_corpus(config, corpus)),
      keep_(keep_thresholds(counts, config.sample)),
      loss_interval_(std::clamp<std::uint64_t>(
          std::bit_floor(std::uint64_t{corpus.ids.size() / 65536}), 1, 256)),
      changes_of_first_(sgns::changes_of_first(counts, keep_, config_)),
      round_tokens_(sgns::round_tokens(counts, keep_, config_)),
      input_(counts.size(), size(config.vector_size)),
      output_(config.has_output() ? counts.size() : 0, size(config.vector_size)),
      nodes_(config.has_nodes() ? counts.size() - 1 : 0, size(config.vector_size)),
      offsets_(counts, config) {
  if (config.has_noise()) noise_ = Distribution::unigram(counts, config.ns_exponent);
  if (config.has_nodes()) tree_.emplace(counts);
  fill_initial_input(input_, config.seed);
}

EpochReport Trainer::run_epoch(std::size_t epoch, const Progress& progress,
                               double interval) {
  input_.pad();
  output_.pad();
  nodes_.pad();
  return Epoch(*this, epoch).run(progress, interval);
}

}  // namespace sgns
