// What simulated channels talk about: topics with their growth, and titles, descriptions and tags made from them.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "random.hpp"

namespace risetime::simulator {

// How a topic behaves. Reach and search are factors around 1, shares is the mean number of further views that one view
// leads to, decay the hours after which the first rush has fallen to 1/e.
struct Topic {
  std::string_view name, category;
  double reach, shares, search, decay_hours, minutes;
  unsigned hue;  // degrees on the colour wheel
};

// What a title promises. The promise moves the growth, so that a model which reads titles has something to learn.
enum class Promise { ordinary, sensation, lesson, routine };

struct PromiseGrowth {
  double reach, shares, search;
};

struct Text {
  Promise promise;
  std::string title, description;
  std::vector<std::string> tags;
};

constexpr size_t topic_count = 7;
constexpr size_t language_count = 3;

const std::array<Topic, topic_count>& topics();
PromiseGrowth growth_of(Promise promise);
std::string_view language_code(size_t language);

// The words of one video, numbered from 1 within its channel.
Text write_text(Stream& random, size_t topic, size_t language, size_t number);

// Names of any twelve channels that follow each other differ.
std::string write_channel_name(Stream& random, size_t topic, uint64_t seed, size_t index);

}  // namespace risetime::simulator
