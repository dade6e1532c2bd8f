// Reading, asking and saving of forest.hpp.
#include "forest.hpp"

#include <algorithm>
#include <cmath>
#include <risetime/json.hpp>

namespace risetime::boosted {

namespace {

const Json& member(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  if (found == nullptr)
    throw Error(Code::internal, "XGBoost", "its saved model has no \"" + std::string(name) + "\"; is it version 1.7?");
  return *found;
}

const Json::Array& array(const Json& object, std::string_view name) {
  const Json::Array* found = member(object, name).if_array();
  if (found == nullptr) throw Error(Code::internal, "XGBoost", "\"" + std::string(name) + "\" is no array");
  return *found;
}

// One tree of XGBoost: parallel arrays by node; a leaf has no left child and its value as its condition.
struct Grown {
  explicit Grown(const Json& tree)
      : lefts(array(tree, "left_children")),
        rights(array(tree, "right_children")),
        columns(array(tree, "split_indices")),
        conditions(array(tree, "split_conditions")),
        defaults(array(tree, "default_left")) {}
  bool is_leaf(std::size_t node) const { return lefts.at(node).number() < 0; }
  bool goes_left(std::size_t node) const {
    const bool* as_bool = defaults.at(node).if_bool();
    return as_bool != nullptr ? *as_bool : defaults.at(node).number() != 0;
  }
  const Json::Array &lefts, &rights, &columns, &conditions, &defaults;
};

std::size_t index_of(const Json& value) { return static_cast<std::size_t>(value.number()); }

}  // namespace

Forest Forest::from_xgboost(std::string_view json) {
  const Json document = Json::parse(json);
  const Json& model = member(member(member(document, "learner"), "gradient_booster"), "model");
  Forest forest;
  for (const Json& tree : array(model, "trees")) {
    const Grown grown(tree);
    // Breadth first, so that siblings stand side by side and children after their parent.
    std::vector<std::size_t> nodes = {0};
    const std::size_t root = forest.columns_.size();
    forest.roots_.push_back(static_cast<std::uint32_t>(root));
    for (std::size_t at = 0; at < nodes.size(); ++at) {
      const std::size_t node = nodes[at];
      const bool leaf = grown.is_leaf(node);
      forest.columns_.push_back(leaf ? -1 : static_cast<std::int32_t>(index_of(grown.columns.at(node))));
      forest.thresholds_.push_back(static_cast<float>(grown.conditions.at(node).number()));
      forest.lefts_.push_back(leaf ? 0 : static_cast<std::uint32_t>(root + nodes.size()));
      forest.defaults_.push_back(!leaf && grown.goes_left(node) ? 1 : 0);
      if (leaf) continue;
      nodes.push_back(index_of(grown.lefts.at(node)));
      nodes.push_back(index_of(grown.rights.at(node)));
    }
  }
  return forest;
}

double Forest::predict(const float* row) const {
  double sum = 0;
  for (const std::uint32_t root : roots_) {
    std::size_t node = root;
    while (columns_[node] >= 0) {
      const float value = row[columns_[node]];
      const bool left = std::isnan(value) ? defaults_[node] != 0 : value < thresholds_[node];
      node = lefts_[node] + (left ? 0U : 1U);
    }
    sum += static_cast<double>(thresholds_[node]);
  }
  return sum;
}

std::size_t Forest::columns() const {
  std::int32_t highest = -1;
  for (const std::int32_t column : columns_) highest = std::max(highest, column);
  return static_cast<std::size_t>(highest + 1);
}

void Forest::save(Writer& to) const {
  to.write(roots_);
  to.write(columns_);
  to.write(thresholds_);
  to.write(lefts_);
  to.write(defaults_);
}

void Forest::load(Reader& from) {
  roots_ = from.read<std::vector<std::uint32_t>>();
  columns_ = from.read<std::vector<std::int32_t>>();
  thresholds_ = from.read<std::vector<float>>();
  lefts_ = from.read<std::vector<std::uint32_t>>();
  defaults_ = from.read<std::vector<std::uint8_t>>();
  check();
}

void Forest::check() const {
  const std::size_t nodes = columns_.size();
  bool sound = thresholds_.size() == nodes && lefts_.size() == nodes && defaults_.size() == nodes;
  for (std::size_t tree = 0; sound && tree < roots_.size(); ++tree) sound = roots_[tree] < nodes;
  for (std::size_t node = 0; sound && node < nodes; ++node) {
    if (columns_[node] >= 0) sound = lefts_[node] > node && lefts_[node] + std::size_t{1} < nodes;
    sound = sound && std::isfinite(thresholds_[node]);
  }
  if (!sound) throw Error(Code::input, "saved state", "the trees are damaged; train the model again");
}

}  // namespace risetime::boosted
