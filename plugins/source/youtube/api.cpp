// Requests to the Data API and reading of its answers.
#include "api.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "json_tree.hpp"
#include "times.hpp"

namespace risetime::youtube::api {
namespace {

constexpr const char* base = "https://www.googleapis.com/youtube/v3/";
constexpr std::size_t most_raw_bytes = 4096;

std::string joined(const std::vector<std::string>& ids) {
  std::string all;
  for (const std::string& id : ids) all += (all.empty() ? "" : ",") + id;
  return all;
}

std::string page_part(std::size_t most, std::string_view page_token) {
  std::string part = "&maxResults=" + std::to_string(std::clamp<std::size_t>(most, 1, most_ids));
  if (!page_token.empty()) part += "&pageToken=" + percent_encode(page_token);
  return part;
}

// The items of an answer of this kind; an answer without items has none.
simdjson::dom::array items_of(Node root, std::string_view kind, const std::string& url, bool& any) {
  const std::string_view given = string_at(root, {"kind"});
  if (given != kind)
    throw Error(Code::input, url,
                "the answer is " + (given.empty() ? "of no kind" : "a " + std::string(given.substr(0, 100))) +
                    ", not the " + std::string(kind) + " that was asked for");
  simdjson::dom::array items;
  const auto list = at(root, {"items"});
  any = list && list->get(items) == simdjson::SUCCESS;
  return items;
}

// Calls `read` with the number (from 1) of each item.
template <class Read>
void for_each_item(Node root, std::string_view kind, const std::string& url, const Read& read) {
  bool any = false;
  const simdjson::dom::array items = items_of(root, kind, url, any);
  if (!any) return;
  std::size_t number = 0;
  for (const Node item : items) read(++number, item);
}

std::string raw_text(Node node) {
  std::string raw = simdjson::minify(node);
  if (raw.size() > most_raw_bytes) {
    std::size_t length = most_raw_bytes;
    while (length > 0 && (static_cast<unsigned char>(raw[length]) & 0xC0U) == 0x80U) --length;
    raw.resize(length);
  }
  return raw;
}

// The largest picture that the video has.
std::optional<std::string> best_thumbnail(Node snippet) {
  for (const std::string_view size : {"maxres", "standard", "high", "medium", "default"})
    if (auto url = non_empty_at(snippet, {"thumbnails", size, "url"})) return url;
  return std::nullopt;
}

Kind kind_of(Node item) {
  const std::string_view live = string_at(item, {"snippet", "liveBroadcastContent"});
  if (live == "live") return Kind::live;
  if (live == "upcoming") return Kind::upcoming;
  return at(item, {"liveStreamingDetails", "actualEndTime"}) ? Kind::ended : Kind::video;
}

// Reads one video; returns why it cannot be used, or an empty text.
std::string read_video(Node item, VideoFacts& facts) {
  facts.id = string_at(item, {"id"});
  if (!is_video_id(facts.id)) return "it has no id that could be a video's";
  const auto snippet = at(item, {"snippet"});
  if (!snippet) return "it has no snippet";
  facts.channel_id = string_at(*snippet, {"channelId"});
  if (!is_channel_id(facts.channel_id)) return "it has no channelId that could be a channel's";
  facts.published_at = parse_time(string_at(*snippet, {"publishedAt"}));
  if (!facts.published_at) return "its publishedAt is missing or is no time";
  facts.channel_name = string_at(*snippet, {"channelTitle"});
  facts.title = string_at(*snippet, {"title"});
  facts.description = non_empty_at(*snippet, {"description"});
  simdjson::dom::array tags;
  if (const auto list = at(*snippet, {"tags"}); list && list->get(tags) == simdjson::SUCCESS)
    for (const Node tag : tags)
      if (std::string text = text_of(tag); !text.empty()) facts.tags.push_back(std::move(text));
  if (const std::string_view number = string_at(*snippet, {"categoryId"}); !number.empty())
    facts.category = category_name(number);
  facts.language = non_empty_at(*snippet, {"defaultAudioLanguage"});
  if (!facts.language) facts.language = non_empty_at(*snippet, {"defaultLanguage"});
  facts.thumbnail_url = best_thumbnail(*snippet);
  facts.kind = kind_of(item);
  facts.duration_s = parse_iso_duration(string_at(item, {"contentDetails", "duration"}));
  // A stream that is on or to come is "P0D" long.
  if (facts.duration_s == 0.0) facts.duration_s.reset();
  if (string_at(item, {"contentDetails", "contentRating", "ytRating"}) == "ytAgeRestricted") facts.access = "age";
  facts.views = whole_number_at(item, {"statistics", "viewCount"});
  facts.likes = whole_number_at(item, {"statistics", "likeCount"});
  facts.comments = whole_number_at(item, {"statistics", "commentCount"});
  facts.viewers = whole_number_at(item, {"liveStreamingDetails", "concurrentViewers"});
  return {};
}

struct Meaning {
  std::string_view reason;  // of the error, as the API names it
  Code code;
  std::string_view what;
  std::int64_t retry_after_ms = -1;
};

// No time to wait is given for the day's quota: it may be most of a day, which a round must not sleep through.
constexpr Meaning meanings[] = {
    {"quotaExceeded", Code::limited,
     "the key's quota of the day is used up; it is renewed at midnight Pacific time. Ask less often, lower "
     "videos_per_account or max_units, or ask Google for more quota"},
    {"dailyLimitExceeded", Code::limited,
     "the key's quota of the day is used up; it is renewed at midnight Pacific time. Ask less often, lower "
     "videos_per_account or max_units, or ask Google for more quota"},
    {"rateLimitExceeded", Code::limited, "too many requests in a minute; they are made more slowly", 60'000},
    {"userRateLimitExceeded", Code::limited, "too many requests in a minute; they are made more slowly", 60'000},
    {"RATE_LIMIT_EXCEEDED", Code::limited, "too many requests in a minute; they are made more slowly", 60'000},
    {"API_KEY_INVALID", Code::config, "Google does not know this key; check what api_key refers to"},
    {"keyInvalid", Code::config, "Google does not know this key; check what api_key refers to"},
    {"keyExpired", Code::config, "the key has expired; make a new one in the Google Cloud console"},
    {"API_KEY_EXPIRED", Code::config, "the key has expired; make a new one in the Google Cloud console"},
    {"accessNotConfigured", Code::config,
     "the YouTube Data API v3 is not enabled in the key's project; enable it in the Google Cloud console"},
    {"SERVICE_DISABLED", Code::config,
     "the YouTube Data API v3 is not enabled in the key's project; enable it in the Google Cloud console"},
    {"API_KEY_SERVICE_BLOCKED", Code::config,
     "the key is restricted to other APIs; allow it the YouTube Data API v3 in the Google Cloud console"},
    {"ipRefererBlocked", Code::config,
     "the key is restricted to other addresses or websites; allow this machine in the Google Cloud console"},
    {"API_KEY_IP_ADDRESS_BLOCKED", Code::config,
     "the key is restricted to other addresses; allow this machine's in the Google Cloud console"},
    {"API_KEY_HTTP_REFERRER_BLOCKED", Code::config,
     "the key is restricted to websites; make one without that restriction in the Google Cloud console"},
    {"playlistNotFound", Code::input, "there is no such playlist: the channel has no videos, or is deleted or closed"},
    {"channelNotFound", Code::input, "there is no such channel: it is deleted, closed or misspelt"},
    {"videoNotFound", Code::input, "there is no such video: it is deleted or private"},
    {"notFound", Code::input, "there is nothing under this id: it is deleted, private or misspelt"},
    {"channelClosed", Code::input, "the channel is closed"},
    {"channelSuspended", Code::input, "the channel is suspended"},
    {"playlistItemsNotAccessible", Code::unsupported, "the list is private; a key cannot read it"},
    {"channelForbidden", Code::unsupported, "the channel lets nobody but its owner read this; a key cannot"},
    {"forbidden", Code::unsupported, "a key may not read this; it is private to its owner"},
    {"PERMISSION_DENIED", Code::unsupported, "a key may not read this; it is private to its owner"},
    {"invalidPageToken", Code::state, "the place in the list is no longer valid; the list is begun again"},
    {"backendError", Code::io, "the API is out of order for now", 30'000},
    {"internalError", Code::io, "the API is out of order for now", 30'000},
};

const Meaning* meaning_of(std::string_view reason) {
  const auto* found =
      std::find_if(std::begin(meanings), std::end(meanings), [&](const Meaning& m) { return m.reason == reason; });
  return found == std::end(meanings) ? nullptr : found;
}

// Every name that the error bears, the most telling first: Google's own details, YouTube's, the general status.
std::vector<std::string> reasons_of(Node root) {
  std::vector<std::string> reasons;
  for (const std::string_view list : {"details", "errors"}) {
    simdjson::dom::array items;
    if (const auto found = at(root, {"error", list}); found && found->get(items) == simdjson::SUCCESS)
      for (const Node item : items)
        if (const std::string_view reason = string_at(item, {"reason"}); !reason.empty()) reasons.emplace_back(reason);
  }
  if (const std::string_view status = string_at(root, {"error", "status"}); !status.empty())
    reasons.emplace_back(status);
  return reasons;
}

std::string said(std::string_view message) {
  constexpr std::size_t longest = 300;
  std::string text;
  bool in_tag = false;  // the API's messages hold links as HTML
  for (const char c : message.substr(0, longest)) {
    if (c == '<') in_tag = true;
    if (!in_tag) text += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    if (c == '>') in_tag = false;
  }
  while (!text.empty() && !arrow::is_utf8(text)) text.pop_back();
  return text.empty() ? "" : " (it says: " + text + ")";
}

Error error_by_status(std::int64_t status, const std::string& url, const std::string& reason) {
  const std::string answered = "the API answered with status " + std::to_string(status);
  if (status == 401) return {Code::config, "api_key", "the API does not accept the key (status 401)" + reason};
  if (status == 403) return {Code::unsupported, url, answered + ": a key may not read this" + reason};
  if (status == 404) return {Code::input, url, answered + ": there is nothing under this id" + reason};
  if (status == 429) return {Code::limited, url, answered + ": too many requests" + reason, 60'000};
  if (status >= 500) return {Code::io, url, answered + ", it is out of order for now" + reason, 30'000};
  return {Code::input, url, answered + reason};
}

}  // namespace

int units_of(Method method) { return method == Method::search ? 100 : 1; }

Quota quota_of(Method method, const std::string& key, std::int64_t units_per_day) {
  return {"data-api", key, units_of(method), units_per_day, Quota::Day::pacific};
}

std::string channels_url(const std::vector<std::string>& ids) {
  return std::string(base) + "channels?part=snippet,statistics,contentDetails&maxResults=50&id=" + joined(ids);
}

std::string channel_url(const Account& account) {
  const std::string url = std::string(base) + "channels?part=snippet,statistics,contentDetails&";
  switch (account.kind()) {
    case Account::Kind::id:
      return url + "id=" + account.text();
    case Account::Kind::handle:
      return url + "forHandle=" + percent_encode(account.text());
    case Account::Kind::user:
      return url + "forUsername=" + percent_encode(std::string_view(account.text()).substr(5));
    case Account::Kind::custom:
      break;
  }
  throw Error(Code::unsupported, account.page_url(),
              "the API knows no names of the form \"c/NAME\"; write the channel's handle or id");
}

std::string playlist_items_url(std::string_view playlist, std::size_t most, std::string_view page_token) {
  return std::string(base) + "playlistItems?part=contentDetails&playlistId=" + percent_encode(playlist) +
         page_part(most, page_token);
}

std::string videos_url(const std::vector<std::string>& ids) {
  return std::string(base) +
         "videos?part=snippet,statistics,contentDetails,liveStreamingDetails&maxResults=50&id=" + joined(ids);
}

std::string search_url(std::string_view query, std::size_t most, std::string_view page_token) {
  return std::string(base) + "search?part=snippet&type=video&order=date&q=" + percent_encode(query) +
         page_part(most, page_token);
}

std::vector<ChannelFacts> parse_channels(std::string_view body, const std::string& url) {
  const JsonTree tree(body, url);
  std::vector<ChannelFacts> channels;
  for_each_item(tree.root(), "youtube#channelListResponse", url, [&](std::size_t, Node item) {
    ChannelFacts channel;
    channel.id = string_at(item, {"id"});
    if (!is_channel_id(channel.id)) return;
    channel.name = string_at(item, {"snippet", "title"});
    if (!is_true(at(item, {"statistics"}).value_or(item), "hiddenSubscriberCount"))
      channel.followers = whole_number_at(item, {"statistics", "subscriberCount"});
    channel.uploads = string_at(item, {"contentDetails", "relatedPlaylists", "uploads"});
    channels.push_back(std::move(channel));
  });
  return channels;
}

IdPage parse_playlist_items(std::string_view body, const std::string& url) {
  const JsonTree tree(body, url);
  IdPage page;
  for_each_item(tree.root(), "youtube#playlistItemListResponse", url, [&](std::size_t, Node item) {
    std::string_view id = string_at(item, {"contentDetails", "videoId"});
    if (id.empty()) id = string_at(item, {"snippet", "resourceId", "videoId"});
    auto published = parse_time(string_at(item, {"contentDetails", "videoPublishedAt"}));
    if (is_video_id(id)) page.videos.push_back({std::string(id), published});
  });
  page.next = string_at(tree.root(), {"nextPageToken"});
  return page;
}

VideoList parse_videos(std::string_view body, const std::string& url) {
  const JsonTree tree(body, url);
  VideoList list;
  for_each_item(tree.root(), "youtube#videoListResponse", url, [&](std::size_t number, Node item) {
    VideoFacts facts;
    std::string why = read_video(item, facts);
    if (why.empty()) {
      list.videos.push_back(std::move(facts));
    } else {
      list.bad.push_back({number, std::move(why), raw_text(item)});
    }
  });
  return list;
}

IdPage parse_search(std::string_view body, const std::string& url) {
  const JsonTree tree(body, url);
  IdPage page;
  for_each_item(tree.root(), "youtube#searchListResponse", url, [&](std::size_t, Node item) {
    const std::string_view id = string_at(item, {"id", "videoId"});
    if (is_video_id(id))
      page.videos.push_back({std::string(id), parse_time(string_at(item, {"snippet", "publishedAt"}))});
  });
  page.next = string_at(tree.root(), {"nextPageToken"});
  return page;
}

Error error_of(std::int64_t status, std::string_view body, const std::string& url) {
  std::string message;
  try {
    const JsonTree tree(body, url);
    message = said(string_at(tree.root(), {"error", "message"}));
    for (const std::string& reason : reasons_of(tree.root())) {
      const Meaning* meaning = meaning_of(reason);
      if (meaning == nullptr) continue;
      const std::string where = meaning->code == Code::config ? "api_key" : url;
      return {meaning->code, where, reason + ": " + std::string(meaning->what) + message, meaning->retry_after_ms};
    }
  } catch (const Error&) {
    message = ", without saying why";
  }
  return error_by_status(status, url, message);
}

std::string category_name(std::string_view number) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {{"1", "Film & Animation"},
                                                                     {"2", "Autos & Vehicles"},
                                                                     {"10", "Music"},
                                                                     {"15", "Pets & Animals"},
                                                                     {"17", "Sports"},
                                                                     {"18", "Short Movies"},
                                                                     {"19", "Travel & Events"},
                                                                     {"20", "Gaming"},
                                                                     {"21", "Videoblogging"},
                                                                     {"22", "People & Blogs"},
                                                                     {"23", "Comedy"},
                                                                     {"24", "Entertainment"},
                                                                     {"25", "News & Politics"},
                                                                     {"26", "Howto & Style"},
                                                                     {"27", "Education"},
                                                                     {"28", "Science & Technology"},
                                                                     {"29", "Nonprofits & Activism"},
                                                                     {"30", "Movies"},
                                                                     {"31", "Anime/Animation"},
                                                                     {"32", "Action/Adventure"},
                                                                     {"33", "Classics"},
                                                                     {"34", "Comedy"},
                                                                     {"35", "Documentary"},
                                                                     {"36", "Drama"},
                                                                     {"37", "Family"},
                                                                     {"38", "Foreign"},
                                                                     {"39", "Horror"},
                                                                     {"40", "Sci-Fi/Fantasy"},
                                                                     {"41", "Thriller"},
                                                                     {"42", "Shorts"},
                                                                     {"43", "Shows"},
                                                                     {"44", "Trailers"}};
  for (const auto& [id, name] : names)
    if (id == number) return std::string(name);
  return std::string(number);
}

}  // namespace risetime::youtube::api
