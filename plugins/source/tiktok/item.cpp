// Knows the names that actors and scrapes give to the same things. The first of a list that has a value counts.
#include "item.hpp"

#include <algorithm>

#include "account.hpp"
#include "values.hpp"

namespace risetime::tiktok {
namespace {

using Paths = std::vector<const char*>;

// In this order: Apify's clockworks/tiktok-scraper, TikTok's own answers, other actors, scrapes by hand.
const Paths& ids() {
  static const Paths paths{"id", "videoId", "video_id", "aweme_id", "vid_id"};
  return paths;
}
const Paths& urls() {
  static const Paths paths{"webVideoUrl", "postPage", "videoUrl", "video_url", "vid_url", "url"};
  return paths;
}

std::string text_of(const Record& record, const Paths& paths) {
  const std::string* found = record.find(paths);
  return found == nullptr ? std::string() : *found;
}

std::optional<std::string> if_any(std::string text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(std::move(text));
}

std::string shown(const std::string& value) { return "\"" + shortened(value, 40) + "\""; }

// "https://www.tiktok.com/@name/video/123?..." holds both.
std::string part_of_url(const std::string& url, std::string_view begin) {
  const std::size_t at = url.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return url.substr(from, std::min(url.find_first_of("/?#", from), url.size()) - from);
}

std::string id_of(const Record& record) {
  std::string id = text_of(record, ids());
  const std::string url = text_of(record, urls());
  if (id.empty()) id = part_of_url(url, "/video/");
  if (id.empty()) id = part_of_url(url, "/photo/");
  if (id.empty()) throw BadItem("it has no id of a video");
  if (!is_digits(id) || id.size() > 20) throw BadItem("the id " + shown(id) + " is no video's");
  return id;
}

std::string author_of(const Record& record) {
  std::string author = text_of(record, {"authorMeta.name", "author.uniqueId", "author.unique_id", "channel.username",
                                        "authorUniqueId", "user_name", "userName", "username", "author"});
  if (author.empty()) author = part_of_url(text_of(record, urls()), "/@");
  const auto name = profile_name(author);
  if (!name) throw BadItem(author.empty() ? "it does not name its author" : shown(author) + " is no author's name");
  return *name;
}

std::optional<std::int64_t> count(const Record& record, const char* what, const Paths& paths) {
  const std::string* found = record.find_number(paths);
  if (found == nullptr) return std::nullopt;
  const auto value = parse_count(*found);
  if (!value) throw BadItem(std::string(what) + ": " + shown(*found) + " is no count");
  return value;
}

// The id holds the second of publication; a time that the item gives counts only where it says its zone.
std::int64_t published_at(const Record& record, const std::string& id, std::int64_t offset) {
  const std::string* found = record.find_number({"createTimeISO", "createTime", "create_time", "uploadedAt",
                                                 "uploadedAtFormatted", "createdAt", "vid_postTime", "published_at"});
  const auto given = found == nullptr ? std::nullopt : parse_time(*found, offset);
  if (given && given->has_zone) return given->time;
  if (const auto by_id = time_of_id(id)) return *by_id;
  if (given) return given->time;
  throw BadItem(found == nullptr ? "it does not say when it was published"
                                 : "the time of publication " + shown(*found) + " is no time");
}

std::int64_t observed_at(const Record& record, const ItemClock& clock) {
  const std::string* found = record.find_number(
      {"scrapedAt", "scraped_at", "collectedAt", "fetchedAt", "vid_scrapeTime", "scrape_time", "observed_at"});
  if (found == nullptr) return clock.observed_at;
  const auto given = parse_time(*found, clock.offset);
  if (!given) throw BadItem("the time of reading " + shown(*found) + " is no time");
  return given->time;
}

std::vector<std::string> hashtags(const Record& record) {
  std::vector<std::string> tags = record.list("hashtags", {"name", "title", "hashtag"});
  if (tags.empty()) tags = record.list("challenges", {"title"});
  const std::string* cell = tags.empty() ? record.find({"hashtags", "vid_hashtags"}) : nullptr;
  if (cell != nullptr) {
    for (std::size_t from = 0; from <= cell->size();) {
      const std::size_t end = std::min(cell->find_first_of(",;", from), cell->size());
      tags.push_back(cell->substr(from, end - from));
      from = end + 1;
    }
  }
  for (std::string& tag : tags) {
    const std::size_t begin = std::min(tag.find_first_not_of(" #\t"), tag.size());
    tag.erase(0, begin);
    tag.erase(tag.find_last_not_of(" \t") + 1);
  }
  tags.erase(std::remove(tags.begin(), tags.end(), std::string()), tags.end());
  return tags;
}

Json music(const Record& record) {
  Json music;
  const auto add = [&](const char* name, const Paths& paths) {
    const std::string* found = record.find(paths);
    if (found != nullptr) music[name] = *found;
  };
  const std::string id = text_of(record, {"musicMeta.musicId", "music.id", "song.id", "music_id"});
  if (is_digits(id)) music["id"] = id;  // some scrapes have it as 7.5e+18, which says nothing
  add("title", {"musicMeta.musicName", "music.title", "song.title", "music_title"});
  add("author", {"musicMeta.musicAuthor", "music.authorName", "music.author", "song.artist", "music_authorName"});
  std::string original = text_of(record, {"musicMeta.musicOriginal", "music.original", "music_originality"});
  if (original == "true" || original == "True") music["original"] = true;
  if (original == "false" || original == "False") music["original"] = false;
  if (const auto videos = parse_count(text_of(record, {"music_nused"}))) music["videos"] = *videos;
  return music;
}

std::string extra(const Record& record, const std::optional<std::int64_t>& saves) {
  Json extra = Json::object();
  if (saves) extra["saves"] = *saves;
  Json of_music = music(record);
  if (!of_music.is_null()) extra["music"] = std::move(of_music);
  const std::string author_id = text_of(record, {"authorMeta.id", "author.id", "channel.id"});
  if (is_digits(author_id)) extra["author_id"] = author_id;
  if (text_of(record, {"isAd"}) == "true") extra["ad"] = true;
  const std::string url = text_of(record, urls());
  if (!url.empty()) extra["url"] = url;
  return extra.dump();
}

}  // namespace

Item read_item(const Record& record, const ItemClock& clock) {
  Item item;
  Video& video = item.video;
  Observation& reading = item.observation;
  video.platform = reading.platform = item.channel.platform = platform;
  video.video_id = reading.video_id = id_of(record);
  video.channel_id = item.channel.channel_id = author_of(record);
  reading.observed_at = item.channel.observed_at = observed_at(record, clock);
  video.published_at = published_at(record, video.video_id, clock.offset);

  reading.views = count(record, "views",
                        {"playCount", "stats.playCount", "statsV2.playCount", "statistics.playCount", "views",
                         "viewCount", "play_count", "vid_nview"});
  reading.likes = count(record, "likes",
                        {"diggCount", "stats.diggCount", "statsV2.diggCount", "statistics.diggCount", "likes",
                         "likeCount", "digg_count", "vid_nlike"});
  reading.comments = count(record, "comments",
                           {"commentCount", "stats.commentCount", "statsV2.commentCount", "statistics.commentCount",
                            "comments", "comment_count", "vid_ncomment"});
  reading.shares = count(record, "shares",
                         {"shareCount", "stats.shareCount", "statsV2.shareCount", "statistics.shareCount", "shares",
                          "share_count", "vid_nshare"});
  if (!reading.views && !reading.likes && !reading.comments && !reading.shares)
    throw BadItem("it has no count of views, likes, comments or shares");
  const auto saves = count(record, "saves",
                           {"collectCount", "stats.collectCount", "statsV2.collectCount", "statistics.collectCount",
                            "saves", "bookmarks", "saveCount", "collect_count", "vid_nsave"});

  video.title = text_of(record, {"text", "desc", "caption", "vid_caption", "title", "description"});
  video.tags = hashtags(record);
  video.language = if_any(text_of(record, {"textLanguage", "language"}));
  if (video.language == "un") video.language.reset();  // TikTok's word for not known
  video.duration_s =
      parse_length(text_of(record, {"videoMeta.duration", "video.duration", "duration", "vid_duration"}));
  video.thumbnail_url = if_any(text_of(record, {"videoMeta.coverUrl", "videoMeta.originalCoverUrl", "video.cover",
                                                "covers.default", "coverUrl", "thumbnail_url", "cover"}));
  video.extra = extra(record, saves);

  item.channel.name = text_of(record, {"authorMeta.nickName", "author.nickname", "channel.name", "authorNickname"});
  if (item.channel.name.empty()) item.channel.name = video.channel_id;
  item.channel.followers = count(record, "followers",
                                 {"authorMeta.fans", "authorStats.followerCount", "authorStatsV2.followerCount",
                                  "channel.followers", "followers", "followerCount", "user_nfollower"});
  return item;
}

std::string complaint_of(const Record& record) {
  if (record.find(ids()) != nullptr) return {};
  std::string complaint = text_of(record, {"error", "error.message", "errorDescription", "errorMessage", "note"});
  std::string code = text_of(record, {"errorCode", "error.type", "error.code"});
  if (complaint.empty()) return code;
  return shortened(code.empty() ? complaint : complaint + " (" + code + ")", 300);
}

void ItemRows::add_author(const Item& item) {
  if (authors_.emplace(item.channel.channel_id, item.channel.observed_at).second) out_.add(item.channel);
}

void ItemRows::add(const Item& item) {
  add_author(item);
  if (!readings_.emplace(item.video.video_id, item.observation.observed_at).second) return;
  out_.add(item.video);
  out_.add(item.observation);
}

}  // namespace risetime::tiktok
