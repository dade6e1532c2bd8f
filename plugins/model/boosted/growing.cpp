// The training loop of growing.hpp over XGBoost's C interface.
#include "growing.hpp"

#include <xgboost/c_api.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>

namespace risetime::boosted {

namespace {

void check(int status, const char* what) {
  if (status != 0) throw Error(Code::internal, "XGBoost", std::string(what) + ": " + XGBGetLastError());
}

struct FreeTable {
  void operator()(void* handle) const { XGDMatrixFree(handle); }
};
struct FreeBooster {
  void operator()(void* handle) const { XGBoosterFree(handle); }
};
using TableHandle = std::unique_ptr<void, FreeTable>;
using BoosterHandle = std::unique_ptr<void, FreeBooster>;

// nthread is 1 throughout: XGBoost adds up histograms by thread, so its sums depend on how many there are.
TableHandle table_of(const Table& rows) {
  DMatrixHandle handle = nullptr;
  check(XGDMatrixCreateFromMat_omp(rows.values.data(), rows.rows(), rows.columns,
                                   std::numeric_limits<float>::quiet_NaN(), &handle, 1),
        "making a table");
  return TableHandle(handle);
}

BoosterHandle booster_for(const TableHandle& table, const GrowSettings& settings, std::uint64_t seed) {
  DMatrixHandle tables[] = {table.get()};
  BoosterHandle booster;
  BoosterHandle::pointer handle = nullptr;
  check(XGBoosterCreate(tables, 1, &handle), "making a booster");
  booster.reset(handle);
  const std::pair<const char*, std::string> parameters[] = {{"verbosity", "0"},
                                                            {"nthread", "1"},
                                                            {"tree_method", "hist"},
                                                            {"max_bin", "64"},
                                                            {"base_score", "0"},
                                                            {"reg_lambda", "1"},
                                                            {"max_depth", std::to_string(settings.depth)},
                                                            {"eta", std::to_string(settings.rate)},
                                                            {"min_child_weight", std::to_string(settings.least_weight)},
                                                            {"subsample", std::to_string(settings.row_share)},
                                                            {"colsample_bynode", std::to_string(settings.column_share)},
                                                            {"seed", std::to_string(seed & 0x7fffffffU)}};
  for (const auto& [name, value] : parameters)
    check(XGBoosterSetParam(booster.get(), name, value.c_str()), "setting a parameter");
  return booster;
}

// Derivatives of bend^2 (sqrt(1 + (r / bend)^2) - 1). The second one is that of the parabola that touches it from
// above, not its own, which vanishes for large residuals and lets a step go anywhere.
void derivatives(const std::vector<float>& targets, const std::vector<float>& weights, const float* margins,
                 double bend, std::vector<float>& first, std::vector<float>& second) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const double residual = static_cast<double>(margins[i]) - static_cast<double>(targets[i]);
    const double counts = weights.empty() ? 1.0 : static_cast<double>(weights[i]);
    const double weight = counts / std::sqrt(1 + (residual / bend) * (residual / bend));
    first[i] = static_cast<float>(residual * weight);
    second[i] = static_cast<float>(weight);
  }
}

}  // namespace

Forest grow(const Table& rows, const std::vector<float>& targets, const GrowSettings& settings, std::uint64_t seed,
            const std::function<void()>& stop, const std::vector<float>& weights) {
  if (rows.rows() != targets.size() || (!weights.empty() && weights.size() != targets.size()) || targets.empty())
    throw Error(Code::internal, "XGBoost", "as many targets as rows are needed, one at least");
  const TableHandle table = table_of(rows);
  const BoosterHandle booster = booster_for(table, settings, seed);
  std::vector<float> first(targets.size()), second(targets.size());
  for (int tree = 0; tree < settings.trees; ++tree) {
    stop();
    bst_ulong count = 0;
    const float* margins = nullptr;
    check(XGBoosterPredict(booster.get(), table.get(), 1, 0, 1, &count, &margins), "adding up the trees");
    if (count != targets.size()) throw Error(Code::internal, "XGBoost", "it answered for another number of rows");
    derivatives(targets, weights, margins, settings.bend, first, second);
    check(XGBoosterBoostOneIter(booster.get(), table.get(), first.data(), second.data(), count), "growing a tree");
  }
  bst_ulong length = 0;
  const char* saved = nullptr;
  check(XGBoosterSaveModelToBuffer(booster.get(), R"({"format": "json"})", &length, &saved), "saving");
  return Forest::from_xgboost({saved, length});
}

}  // namespace risetime::boosted
