// Times the ridge plugin's own solver on a problem in a file, for run.py beside it.
//
//   ridge_bench PROBLEM.bin COEFFICIENTS.bin THREADS REPEATS [INSTRUCTION_SET]
//
// PROBLEM.bin: four int64 (rows, features, targets, strengths), then doubles: X by rows, Y by rows, the strengths.
// COEFFICIENTS.bin: doubles, for each target its strength, its intercept and one coefficient per feature. Prints one
// JSON object: seconds of each repeat by the wall clock (from X and Y in memory to coefficients), and the instructions.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>

#include "solver.hpp"

namespace {

using namespace risetime::ridge;

struct Problem {
  std::size_t rows = 0, features = 0, targets = 0;
  std::vector<double> x, y, strengths;
};

std::vector<double> read_doubles(std::ifstream& file, std::size_t count) {
  std::vector<double> values(count);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(double)));
  return values;
}

Problem read_problem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::int64_t sizes[4] = {};
  file.read(reinterpret_cast<char*>(sizes), sizeof sizes);
  Problem problem;
  problem.rows = static_cast<std::size_t>(sizes[0]);
  problem.features = static_cast<std::size_t>(sizes[1]);
  problem.targets = static_cast<std::size_t>(sizes[2]);
  problem.x = read_doubles(file, problem.rows * problem.features);
  problem.y = read_doubles(file, problem.rows * problem.targets);
  problem.strengths = read_doubles(file, static_cast<std::size_t>(sizes[3]));
  if (!file) throw std::runtime_error(path + ": it is no whole problem; run.py writes one");
  return problem;
}

Parallel threads(std::size_t width) {
  return [width](std::size_t count, const std::function<void(std::size_t)>& body) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t index = next++; index < count; index = next++) body(index);
    };
    std::vector<std::thread> running;
    for (std::size_t thread = 1; thread < width; ++thread) running.emplace_back(work);
    work();
    for (std::thread& thread : running) thread.join();
  };
}

Solution solve_problem(const Problem& problem, const Parallel& parallel, const Kernel& kernel) {
  Design design{Matrix(problem.rows, problem.features + problem.targets), problem.features, {0, problem.rows}};
  for (std::size_t row = 0; row < problem.rows; ++row) {
    std::copy_n(problem.x.data() + row * problem.features, problem.features, design.values.row(row));
    std::copy_n(problem.y.data() + row * problem.targets, problem.targets, design.values.row(row) + problem.features);
  }
  Search search;
  search.strengths = problem.strengths;
  search.scales = {std::vector<double>(problem.features, 1.0)};
  return solve(design, search, parallel, kernel);
}

void write_solution(const Solution& solution, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  const auto write = [&](double value) { file.write(reinterpret_cast<const char*>(&value), sizeof value); };
  for (Eigen::Index target = 0; target < solution.coefficients.cols(); ++target) {
    write(solution.strengths[static_cast<std::size_t>(target)]);
    write(solution.intercepts[target]);
    for (Eigen::Index feature = 0; feature < solution.coefficients.rows(); ++feature)
      write(solution.coefficients(feature, target));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5) {
    std::cerr << "usage: ridge_bench PROBLEM.bin COEFFICIENTS.bin THREADS REPEATS [INSTRUCTION_SET]\n";
    return 2;
  }
  try {
    const Problem problem = read_problem(arguments[1]);
    const Parallel parallel = threads(std::stoul(arguments[3]));
    const auto kernel = count > 5 ? Kernel::named(arguments[5]) : Kernel::best();
    if (!kernel) throw std::runtime_error(std::string("this processor has no ") + arguments[5]);
    std::cout << "{\"instructions\": \"" << kernel->name() << "\", \"seconds\": [";
    for (int repeat = 0; repeat < std::stoi(arguments[4]); ++repeat) {
      const auto begin = std::chrono::steady_clock::now();
      const Solution solution = solve_problem(problem, parallel, *kernel);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      std::cout << (repeat > 0 ? ", " : "") << took.count();
      if (repeat == 0) write_solution(solution, arguments[2]);
    }
    std::cout << "]}\n";
  } catch (const std::exception& error) {
    std::cerr << "ridge_bench: " << error.what() << "\n";
    return 1;
  }
}
