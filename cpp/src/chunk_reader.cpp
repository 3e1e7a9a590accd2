#include "chunk_reader.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "utf8.h"

namespace sgns {
namespace {

// A file of one chunk of at most this size is read without starting a thread.
constexpr std::size_t kSmallFileBytes = std::size_t{4} << 20;

// Joins the threads of a call, whatever happens to the call.
class ThreadGroup {
 public:
  explicit ThreadGroup(std::atomic<bool>& stop) : stop_(stop) {}
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;
  ~ThreadGroup() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

  template <typename Task>
  void start(std::size_t n, const Task& task) {
    threads_.reserve(n);
    try {
      for (std::size_t i = 0; i < n; ++i) threads_.emplace_back(task, i);
    } catch (const std::system_error& error) {
      throw std::system_error(
          error.code(), "could start " + std::to_string(threads_.size()) + " of " +
                            std::to_string(n) + " threads");
    }
  }

 private:
  std::atomic<bool>& stop_;
  std::vector<std::thread> threads_;
};

// Line of a byte of the file, counted from 1; 0 when it cannot be read any more.
std::uint64_t line_of(const TextFile& file, std::uint64_t offset, const Poll& poll) {
  std::vector<char> piece(std::size_t{1} << 20);
  std::uint64_t line = 1;
  for (std::uint64_t i = 0; i < offset; i += piece.size()) {
    const auto n = std::min<std::uint64_t>(piece.size(), offset - i);
    try {
      file.read(piece.data(), static_cast<std::size_t>(n), i);
    } catch (const std::exception&) {
      return 0;
    }
    const auto end = piece.begin() + static_cast<std::ptrdiff_t>(n);
    line += static_cast<std::uint64_t>(std::count(piece.begin(), end, '\n'));
    poll();
  }
  return line;
}

// The chunks of one file and what its workers share.
//
// Thread safety: work() may run in any number of threads, each with its own table.
class FileJob {
 public:
  FileJob(const TextFile& file, std::uint64_t text_begin, std::size_t chunk_bytes,
          TextErrors errors, ChunkStore& store)
      : chunks((file.size() - text_begin + chunk_bytes - 1) / chunk_bytes),
        file_(file),
        text_begin_(text_begin),
        chunk_bytes_(chunk_bytes),
        errors_(errors),
        store_(store),
        first_bad_(chunks.size()) {}

  // Takes chunks in increasing order until none is left. A fault ends all work after
  // its chunk; the chunks before it have been taken and are finished, so that the
  // first fault of the file is found.
  void work(WordTable& table, std::size_t table_index) {
    TextScanner scanner(&table, errors_);
    std::vector<std::int32_t> ids;
    while (!stop) {
      const std::size_t i = next_++;
      if (i >= first_bad_) return;
      ids.clear();
      try {
        const std::uint64_t begin = text_begin_ + std::uint64_t{i} * chunk_bytes_;
        const std::uint64_t end = std::min(begin + chunk_bytes_, file_.size());
        scan_chunk(file_, text_begin_, begin, end, stop, scanner, ids);
        chunks[i] = store_.add(ids, table_index);
      } catch (const TextFault& found) {
        forget_ids(table, ids);
        return keep_first(i, found);
      } catch (...) {
        forget_ids(table, ids);
        throw;
      }
    }
  }

  std::vector<Chunk> chunks;
  std::optional<TextFault> fault;  // the first one
  std::atomic<bool> stop{false};

 private:
  void keep_first(std::size_t chunk, const TextFault& found) {
    const std::lock_guard lock(mutex_);
    if (chunk >= first_bad_) return;
    first_bad_ = chunk;
    fault.emplace(found);
  }

  const TextFile& file_;
  std::uint64_t text_begin_;
  std::size_t chunk_bytes_;
  TextErrors errors_;
  ChunkStore& store_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> first_bad_;
  std::mutex mutex_;
};

void run_job(FileJob& job, const TextFile& file, std::vector<WordTable>& tables,
             const Poll& poll) {
  const std::size_t n_workers = std::min(tables.size(), job.chunks.size());
  if (n_workers <= 1 && file.size() <= kSmallFileBytes) {
    job.work(tables[0], 0);
  } else {
    const auto body = [&](std::size_t worker) { job.work(tables[worker], worker); };
    run_workers(n_workers, job.stop, body, poll);
  }
  file.check_unchanged();
}

}  // namespace

void run_workers(std::size_t n, std::atomic<bool>& stop,
                 const std::function<void(std::size_t)>& body, const Poll& poll) {
  constexpr std::chrono::milliseconds kPollInterval{100};
  std::mutex mutex;
  std::condition_variable one_ended;
  std::size_t n_running = n;
  std::exception_ptr failure;
  const auto task = [&](std::size_t worker) {
    std::exception_ptr thrown;
    try {
      body(worker);
    } catch (...) {
      thrown = std::current_exception();
      stop = true;
    }
    const std::lock_guard lock(mutex);
    if (thrown && !failure) failure = thrown;
    --n_running;
    one_ended.notify_one();
  };
  {
    ThreadGroup threads(stop);
    threads.start(n, task);
    std::unique_lock lock(mutex);
    while (!one_ended.wait_for(lock, kPollInterval, [&] { return n_running == 0; })) {
      lock.unlock();
      poll();
      lock.lock();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

std::vector<Chunk> read_chunks(const std::string& path, const std::string& name,
                               TextErrors errors, std::size_t chunk_bytes,
                               std::vector<WordTable>& tables, ChunkStore& store,
                               const Poll& poll) {
  const TextFile file(path, name);
  const std::uint64_t file_bytes = store.file_bytes();
  std::string head(static_cast<std::size_t>(std::min<std::uint64_t>(4, file.size())),
                   '\0');
  file.read(head.data(), head.size(), 0);
  FileJob job(file, byte_order_mark(head, name), chunk_bytes, errors, store);
  try {
    run_job(job, file, tables, poll);
    if (job.fault) {
      const std::uint64_t line = line_of(file, job.fault->offset(), poll);
      throw std::invalid_argument(job.fault->message(name, line));
    }
  } catch (...) {
    store.remove(job.chunks, tables, file_bytes);
    throw;
  }
  if (!job.chunks.empty()) job.chunks.back().ends_sentence = true;
  return std::move(job.chunks);
}

}  // namespace sgns
