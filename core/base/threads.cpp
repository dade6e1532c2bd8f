// The pool: loops wait in a queue, and every free thread takes turns of the first one that has some left.
#include "core/base/threads.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace risetime::core {
namespace {

// Which pool this thread is taking a turn for. A thread's own fact, so it lives with the thread.
thread_local const void* turning_for = nullptr;

class Turning {
 public:
  explicit Turning(const void* pool) : before_(turning_for) { turning_for = pool; }
  Turning(const Turning&) = delete;
  Turning& operator=(const Turning&) = delete;
  ~Turning() { turning_for = before_; }

 private:
  const void* before_;
};

struct Loop {
  const std::function<void(std::size_t)>& body;
  std::size_t count;
  std::size_t next = 0;     // the next turn to begin
  std::size_t running = 0;  // turns begun and not ended
  std::size_t failed = std::numeric_limits<std::size_t>::max();
  std::exception_ptr error;

  bool exhausted() const { return next >= count || error != nullptr; }
  bool ended() const { return exhausted() && running == 0; }
};

}  // namespace

struct ThreadPool::State {
  std::mutex mutex;
  std::condition_variable work;   // a loop has turns, or the pool ends
  std::condition_variable ended;  // a loop has ended
  std::deque<Loop*> loops;
  bool stopping = false;
  std::vector<std::thread> threads;

  // Takes one turn of a loop that has some left; the lock is free while it runs.
  void take_turn(Loop& loop, std::unique_lock<std::mutex>& lock) {
    const std::size_t index = loop.next++;
    ++loop.running;
    if (loop.exhausted()) retire(loop);
    lock.unlock();
    std::exception_ptr error;
    try {
      const Turning turning(this);
      loop.body(index);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    --loop.running;
    if (error != nullptr && index < loop.failed) {
      loop.failed = index;
      loop.error = error;
      retire(loop);
    }
    if (loop.ended()) ended.notify_all();
  }

  void retire(Loop& loop) { loops.erase(std::remove(loops.begin(), loops.end(), &loop), loops.end()); }

  void serve() {
    std::unique_lock lock(mutex);
    while (true) {
      work.wait(lock, [&] { return stopping || !loops.empty(); });
      if (stopping) return;
      take_turn(*loops.front(), lock);
    }
  }
};

ThreadPool::ThreadPool(std::size_t threads) : state_(std::make_unique<State>()) {
  const std::size_t wanted = threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 1; i < wanted; ++i) state_->threads.emplace_back([state = state_.get()] { state->serve(); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->work.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
}

std::size_t ThreadPool::threads() const { return state_->threads.size() + 1; }

void ThreadPool::parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
  if (count == 0) return;
  if (count == 1 || state_->threads.empty() || turning_for == state_.get()) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  Loop loop{body, count, 0, 0, std::numeric_limits<std::size_t>::max(), nullptr};
  std::unique_lock lock(state_->mutex);
  state_->loops.push_back(&loop);
  state_->work.notify_all();
  while (!loop.exhausted()) state_->take_turn(loop, lock);
  state_->ended.wait(lock, [&] { return loop.ended(); });
  if (loop.error != nullptr) std::rethrow_exception(loop.error);
}

}  // namespace risetime::core
