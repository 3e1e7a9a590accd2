#include "rounds.h"

#include <algorithm>
#include <cassert>

#include "hot_rows.h"

namespace sgns {
namespace {

// Learning rate times the changes of one row in a round, by all streams: that of 650
// centres at the default settings on English text, which costs no quality. Four times
// as much diverges.
constexpr double kMostChange = 10;
// The root of the tree changes with every centre and diverges at twice as much: half.
constexpr double kRootWeight = 2;
// More would not fit the caches.
constexpr double kMostCentres = 1024;

std::size_t divided(std::size_t n, std::size_t by) { return (n + by - 1) / by; }

}  // namespace

std::size_t round_tokens(std::span<const std::int64_t> counts,
                         std::span<const std::uint32_t> keep,
                         const TrainConfig& config) {
  double all = 0, kept = 0;
  for (std::size_t i = 0; i < counts.size(); i++) {
    const double count = static_cast<double>(counts[i]);
    all += count;
    kept += count * (static_cast<double>(keep[i]) + 1) * 0x1p-32;
  }
  double changes = changes_of_first(counts, keep, config);
  if (config.has_nodes()) {
    changes = std::max(changes, kRootWeight * changes_of_root(config));
  }
  const double centres = std::min(kMostCentres, kMostChange / (config.alpha * changes));
  return static_cast<std::size_t>(std::max(1.0, centres * all / kept));
}

Rounds::Rounds(SharedState& shared, std::size_t n_threads)
    : shared_(shared),
      n_tokens_(shared.trainer.corpus().ids.size()),
      n_streams_(std::min(kMostStreams, shared.trainer.round_tokens())),
      stream_tokens_(divided(shared.trainer.round_tokens(), n_streams_)),
      n_threads_(n_threads),
      reports_(n_streams_),
      barrier_(n_threads, shared.stop) {
  assert(n_threads >= 1 && n_threads <= kMostStreams);
  for (Round& round : rounds_) {
    for (std::size_t s = 0; s < n_streams_; s++) {
      round.streams.push_back(std::make_unique<Worker<RoundRows>>(shared));
      const std::vector<RoundRows*> views = round.streams[s]->views();
      round.tables.resize(views.size());
      for (std::size_t t = 0; t < views.size(); t++) {
        round.tables[t].push_back(views[t]);
      }
    }
    n_parts_ = round.tables.size() * RoundRows::kParts;
    assert(n_parts_ <= kMostParts);
  }
}

void Rounds::run(std::size_t thread,
                 const std::function<void(const EpochReport&)>& add) {
  RoundPlanner planner;
  while (trained_ < n_tokens_) {
    free_streams_.take(n_streams_, thread * n_streams_ / n_threads_,
                       [this](std::size_t s) { train_and_draw(s); });
    if (!barrier_.wait([this] { free_parts_.put_back(); })) return;
    free_parts_.take(n_parts_, thread * n_parts_ / n_threads_,
                     [&](std::size_t p) { merge_and_plan(p, planner); });
    if (!barrier_.wait([&] { end_round(add); })) return;
  }
}

void Rounds::train_and_draw(std::size_t stream) {
  reports_[stream] = trained().streams[stream]->train();
  const std::size_t begin = std::min(drawn_ + stream * stream_tokens_, n_tokens_);
  const std::size_t end = std::min(begin + stream_tokens_, n_tokens_);
  drawn().streams[stream]->draw(begin, end);
}

void Rounds::merge_and_plan(std::size_t part, RoundPlanner& planner) {
  // The parts of a thread lie side by side in each table.
  const std::size_t n_tables = trained().tables.size();
  const std::size_t table = part % n_tables;
  trained().parts[part].merge(trained().tables[table].front()->shared());
  planner.plan(drawn().tables[table], part / n_tables, &drawn().parts[part]);
}

void Rounds::end_round(const std::function<void(const EpochReport&)>& add) {
  for (const EpochReport& report : reports_) {
    sum_ += report;
    trained_ += report.words;
  }
  drawn_ = std::min(drawn_ + n_streams_ * stream_tokens_, n_tokens_);
  n_rounds_++;
  if (sum_.words >= kBlockTokens || trained_ == n_tokens_) {
    add(sum_);
    sum_ = {};
  }
  free_streams_.put_back();
}

}  // namespace sgns
