// The host's one pool of threads, for loops whose turns are independent.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace risetime::core {

class ThreadPool {
 public:
  // `threads` includes the one that calls parallel_for, so 1 starts none; 0 is one per processor.
  explicit ThreadPool(std::size_t threads = 0);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();  // nothing may run in it any more

  std::size_t threads() const;

  // Runs body(0) ... body(count - 1), each once, in any order, and returns when all have ended. The result does not
  // depend on the number of threads where each turn writes only to its own slot. After a turn has thrown no new ones
  // begin, and of what was thrown that of the lowest index is rethrown: always the same one, as every turn below it has
  // run. A call from inside a turn runs on that turn's thread. May be called from any thread.
  void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace risetime::core
