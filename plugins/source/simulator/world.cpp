// Channels, videos and their growth.
#include "world.hpp"

#include <algorithm>
#include <cmath>

namespace risetime::simulator {
namespace {

// What a key is drawn for.
enum Part : uint64_t { about, words, growth_steps, schedule, reading_gaps, outages };

constexpr std::array<double, 6> memory_hours = {1, 4, 16, 64, 256, 1024};
constexpr double memory_exponent = 0.4;  // phi(t) ~ t^-(1 + 0.4), within the 0.2 to 0.6 reported for YouTube

double clamp(double value, double low, double high) { return std::min(std::max(value, low), high); }

// A 64-bit word as eleven URL-safe characters. Distinct words give distinct texts.
std::string spell(uint64_t word) {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text(11, '\0');
  for (char& letter : text) {
    letter = alphabet[word & 63];
    word >>= 6;
  }
  return text;
}

// Activity by hour: low at night, high in the evening, a little more at weekends. A triangle wave serves for the day.
std::array<double, 168> make_rhythm(int64_t time_zone_hours, double depth) {
  std::array<double, 168> rhythm{};
  double sum = 0;
  for (int64_t at = 0; at < 168; ++at) {
    const int64_t local = ((at + time_zone_hours) % 168 + 168) % 168;
    const int64_t from_evening = std::abs((local % 24 + 24 - 20 + 12) % 24 - 12);  // hours away from 20:00
    const int64_t weekday = local / 24;                                            // 0 is Thursday
    const bool weekend = weekday == 2 || weekday == 3;
    const double value = (1 + depth * (1 - static_cast<double>(from_evening) / 6)) * (weekend ? 1.15 : 1.0);
    rhythm[static_cast<size_t>(at)] = value;
    sum += value;
  }
  for (double& value : rhythm) value *= 168 / sum;
  return rhythm;
}

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

Channel make_channel(const Settings& settings, int64_t index) {
  Channel channel;
  channel.key = key_of(settings.seed, static_cast<uint64_t>(index));
  Stream random(key_of(channel.key, about));
  std::string number = std::to_string(index + 1);
  channel.id = "channel-" + std::string(number.size() < 4 ? 4 - number.size() : 0, '0') + number;
  channel.topic = random.below(topic_count);
  channel.language = random.chance(0.7) ? 0 : 1 + random.below(language_count - 1);
  channel.name = write_channel_name(random, channel.topic, settings.seed, static_cast<size_t>(index));
  // Log-normal with an exponential tail on the logarithm: a Pareto tail with exponent 1 / 0.9 on the audience.
  // (Each draw is a statement of its own where there are several: C++ does not say which operand comes first.)
  const double body = random.normal(), tail = random.wait();
  channel.followers = clamp(exponential(8.9 + 1.3 * body + 0.9 * tail), 50, 2e8);
  channel.growth_per_day = 0.004 * random.uniform();
  channel.reach = 0.12 * exponential(0.5 * random.normal());
  channel.shares = 0.05 * random.normal();
  channel.search = exponential(0.6 * random.normal());
  channel.like_rate = 0.035 * exponential(0.4 * random.normal());
  channel.comment_rate = 0.004 * exponential(0.6 * random.normal());
  channel.hides_likes = random.chance(0.02);
  const int64_t time_zone = static_cast<int64_t>(random.below(12)) - 6;
  channel.upload_hour = ((static_cast<int64_t>(random.below(8)) + 13 - time_zone) % 24 + 24) % 24;
  channel.poll_offset = static_cast<int64_t>(random.uniform() * static_cast<double>(settings.every) * 0.5);
  channel.rhythm = make_rhythm(time_zone, random.uniform(0.3, 0.7));
  return channel;
}

int64_t publication(const Settings& settings, const Channel& channel, int64_t index) {
  Stream random(key_of(key_of(channel.key, schedule), static_cast<uint64_t>(index)));
  const int64_t window = settings.span - std::min(day, settings.span / 8);
  const int64_t spacing = std::max<int64_t>(window / settings.videos_per_channel, 2);
  const int64_t slot = settings.start + index * spacing;
  int64_t moment = slot + static_cast<int64_t>(random.uniform() * 0.9 * static_cast<double>(spacing));
  // Most uploads are at the channel's hour, where the slot has such an hour: slots never overlap, so the order holds.
  if (random.chance(0.7)) {
    const int64_t minutes = static_cast<int64_t>(random.below(40)) * 60 * second;
    const int64_t at_hour = floor_divide(moment, day) * day + channel.upload_hour * hour + minutes;
    if (at_hour >= slot && at_hour < slot + spacing) moment = at_hour;
  }
  return moment / second * second;
}

Video make_video(const Settings& settings, const Channel& channel, int64_t index) {
  Video video;
  video.key = key_of(key_of(channel.key, about), static_cast<uint64_t>(index) + 1);
  video.id = spell(mix(video.key));
  video.published_at = publication(settings, channel, index);
  Stream spoken(key_of(video.key, words));
  video.text = write_text(spoken, channel.topic, channel.language, static_cast<size_t>(index) + 1);
  Stream random(key_of(video.key, about));
  const double minutes = topics()[channel.topic].minutes * exponential(0.5 * random.normal());
  video.duration_s = std::floor(clamp(minutes * 60, 20, 6 * 3600));
  video.quality = exponential(0.55 * random.normal());
  video.comments_off = random.chance(0.03);
  return video;
}

int64_t followers_on(const Channel& channel, int64_t day_index) {
  const double exact = channel.followers * exponential(channel.growth_per_day * static_cast<double>(day_index));
  int64_t unit = 1;
  auto shown = static_cast<int64_t>(exact);
  while (shown / unit >= 1000) unit *= 10;
  return shown / unit * unit;
}

int64_t reading_time(const Settings& settings, const Channel& channel, const Video& video, int64_t tick) {
  const int64_t jitter = std::min<int64_t>(settings.every / 8, 40 * second) + 1;
  const uint64_t draw = mix(video.key ^ static_cast<uint64_t>(tick)) >> 33;
  return settings.start + channel.poll_offset + tick * settings.every + static_cast<int64_t>(draw) % jitter;
}

bool reading_lost(const Settings& settings, const Channel& channel, const Video& video, int64_t tick) {
  if (settings.gaps <= 0) return false;
  // A third of the losses is single readings, the rest is outages: one that covers the middle half of a day's third.
  Stream single(key_of(key_of(video.key, reading_gaps), static_cast<uint64_t>(tick)));
  if (single.chance(settings.gaps / 3)) return true;
  const int64_t since_start = tick * settings.every;
  const int64_t block = since_start / (8 * hour), inside = since_start % (8 * hour);
  if (inside < 2 * hour || inside >= 6 * hour) return false;
  Stream outage(key_of(key_of(channel.key, outages), static_cast<uint64_t>(block)));
  return outage.chance(settings.gaps * 4 / 3);
}

Growth::Growth(const Settings& settings, const Channel& channel, const Video& video)
    : channel_(&channel),
      published_at_(video.published_at),
      first_hour_(floor_divide(video.published_at, hour)),
      random_(key_of(video.key, growth_steps)),
      corrections_per_hour_(settings.corrections / 24) {
  const Topic& topic = topics()[channel.topic];
  const PromiseGrowth promise = growth_of(video.text.promise);
  const double audience = channel.followers * channel.reach * topic.reach * promise.reach * video.quality;
  const double decay = topic.decay_hours * exponential(0.25 * random_.normal());
  rush_kept_ = exponential(-1 / decay);
  slow_kept_ = exponential(-1 / (5 * decay));
  rush_ = 0.7 * audience * (1 - rush_kept_);
  slow_rush_ = 0.3 * audience * (1 - slow_kept_);
  search_ = 0.00004 * channel.followers * channel.search * topic.search * promise.search *
            exponential(0.6 * random_.normal());
  search_kept_ = exponential(-1.0 / 72);
  search_fade_ = exponential(-1.0 / (24 * 40));
  if (random_.chance(settings.spikes)) {
    spike_hour_ = static_cast<int64_t>(exponential(random_.uniform(1.8, 6.5)));  // 6 hours to 4 weeks, even in log age
    spike_size_ = audience * std::min(exponential(0.8 * random_.wait()), 60.0) * 0.12;
    spike_kept_ = exponential(-1.0 / 10);
  }
  const double shares = clamp(topic.shares + promise.shares + channel.shares + 0.06 * random_.normal(), 0.05, 0.88);
  double weight_sum = 0;
  for (size_t m = 0; m < memories; ++m) {
    kept_[m] = exponential(-1 / memory_hours[m]);
    gain_[m] = exponential(-memory_exponent * logarithm(memory_hours[m]));
    weight_sum += gain_[m];
  }
  // One view leads to `shares` further views in all: the geometric sum of each memory is its weight.
  for (size_t m = 0; m < memories; ++m) gain_[m] *= shares / weight_sum * (1 - kept_[m]);
  like_rate_ = clamp(channel.like_rate * exponential(0.3 * random_.normal()), 0.001, 0.2);
  comment_rate_ = clamp(channel.comment_rate * exponential(0.4 * random_.normal()), 0.0001, 0.05);
}

Counts Growth::at(int64_t time) {
  const int64_t age = std::max<int64_t>(time - published_at_, 0);
  while (hours_ * hour < age) step();
  const int64_t into = std::clamp<int64_t>(age - (hours_ - 1) * hour, 0, hour);
  const double share = hours_ == 0 ? 0.0 : static_cast<double>(into) / static_cast<double>(hour);
  const auto between = [&](size_t stat) {
    return static_cast<int64_t>(std::floor(before_[stat] + (after_[stat] - before_[stat]) * share));
  };
  return {between(0), between(1), between(2)};
}

double Growth::rate() const {
  double excited = 0;
  for (size_t m = 0; m < memories; ++m) excited += excited_[m];
  const double now = channel_->rhythm[static_cast<size_t>((first_hour_ + hours_) % 168)];
  return now * std::max(0.2, 1 + 0.12 * mood_) *
         (rush_ + slow_rush_ + search_ * (1 - search_build_up_) + spike_ + excited);
}

void Growth::step() {
  before_ = after_;
  if (hours_ == spike_hour_) spike_ = spike_size_ * (1 - spike_kept_);
  const double views = random_.poisson(rate());
  for (size_t m = 0; m < memories; ++m) excited_[m] = excited_[m] * kept_[m] + views * gain_[m];
  const double eager = 1 + 0.6 * (1 - std::min(static_cast<double>(hours_) / 48.0, 1.0));  // followers like more
  after_[0] += views;
  after_[1] += std::min(views, random_.poisson(views * like_rate_ * eager));
  after_[2] += std::min(views, random_.poisson(views * comment_rate_ * eager));
  rush_ *= rush_kept_;
  slow_rush_ *= slow_kept_;
  spike_ *= spike_kept_;
  search_build_up_ *= search_kept_;
  search_ *= search_fade_;
  mood_ = 0.8 * mood_ + 0.6 * random_.normal();
  if (corrections_per_hour_ > 0 && random_.chance(corrections_per_hour_)) correct();
  ++hours_;
}

// Platforms take counts back that they found to be false: up to 4 % of the views, with the likes that came with them.
void Growth::correct() {
  const double share = 0.002 + 0.038 * random_.uniform() * random_.uniform();
  after_[0] = std::floor(after_[0] * (1 - share));
  after_[1] = std::floor(after_[1] * (1 - share / 2));
}

}  // namespace risetime::simulator
