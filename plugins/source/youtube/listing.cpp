// Reading of lists by the names of their renderers, wherever in the tree these stand: YouTube moves them often, and
// renames them seldom.
#include "listing.hpp"

#include <algorithm>
#include <set>

#include "account.hpp"
#include "counts.hpp"
#include "page.hpp"
#include "times.hpp"

namespace risetime::youtube {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// The channel that the first of these texts links to.
std::string linked_channel(Node node, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto text = at(node, {name});
    const auto id = text ? find(*text, "browseId") : std::nullopt;
    std::string_view browse_id;
    if (id && id->get(browse_id) == simdjson::SUCCESS && is_channel_id(browse_id)) return std::string(browse_id);
  }
  return {};
}

// What badges and overlays say, by their styles, which are the same in all languages.
void read_badges(Node node, ListedVideo& video) {
  visit(node, [&](std::string_view name, Node member) {
    if (name == "menu" || name == "navigationEndpoint" || name == "onTap" || name == "rendererContext") return false;
    std::string_view style;
    if ((name == "style" || name == "badgeStyle") && member.get(style) == simdjson::SUCCESS) {
      if (contains(style, "MEMBERS_ONLY")) video.members_only = true;
      if (style == "SHORTS" || contains(style, "STYLE_SHORTS")) video.kind = Kind::short_video;
      if (style == "UPCOMING" || contains(style, "STYLE_UPCOMING")) video.kind = Kind::upcoming;
      if (style == "LIVE" || ends_with(style, "_LIVE") || contains(style, "LIVE_NOW")) video.kind = Kind::live;
    }
    return true;
  });
}

void read_views(const std::string& text, std::string_view language, ListedVideo& video) {
  const auto count = parse_count(text, language);
  if (!count) return;
  if (video.kind == Kind::live || contains(text, "watching")) {
    video.kind = Kind::live;
    if (!video.viewers) video.viewers = count->value;
  } else if (!video.views) {
    video.views = count->value;
    video.views_exact = count->exact;
  }
}

// videoRenderer, gridVideoRenderer, compactVideoRenderer, playlistVideoRenderer, endScreenVideoRenderer, ...
std::optional<ListedVideo> read_renderer(Node node, std::string_view language) {
  ListedVideo video;
  video.id = string_at(node, {"videoId"});
  if (!is_video_id(video.id)) return std::nullopt;
  for (const std::string_view name : {"title", "headline"})
    if (video.title.empty()) video.title = text_at(node, {name});
  video.channel_id = linked_channel(node, {"ownerText", "longBylineText", "shortBylineText"});
  read_badges(node, video);
  if (at(node, {"upcomingEventData"})) video.kind = Kind::upcoming;
  for (const std::string_view name : {"viewCountText", "shortViewCountText", "videoInfo"})
    if (video.kind != Kind::upcoming) read_views(text_at(node, {name}), language, video);
  if (const auto seconds = whole_number_at(node, {"lengthSeconds"})) video.duration_s = static_cast<double>(*seconds);
  if (!video.duration_s) video.duration_s = parse_clock(text_at(node, {"lengthText"}));
  if (!video.duration_s)
    if (const auto status = find(node, "thumbnailOverlayTimeStatusRenderer"))
      video.duration_s = parse_clock(text_at(*status, {"text"}));
  return video;
}

// The views of a lockup stand in the last row that has several parts, before the age: "1.2M views", "3 days ago". Of a
// stream they stand alone.
void read_metadata_rows(Node node, std::string_view language, ListedVideo& video) {
  const auto rows = find(node, "metadataRows");
  simdjson::dom::array list;
  if (!rows || rows->get(list) != simdjson::SUCCESS) return;
  std::string views;
  for (const Node row : list) {
    const auto parts = at(row, {"metadataParts"});
    simdjson::dom::array items;
    if (!parts || parts->get(items) != simdjson::SUCCESS || items.size() == 0) continue;
    std::string first = text_at(items.at(0), {"text"});
    if (items.size() > 1 || contains(first, "watching") || contains(first, "views")) views = std::move(first);
  }
  if (video.kind != Kind::upcoming) read_views(views, language, video);
}

std::optional<ListedVideo> read_lockup(Node node, std::string_view language) {
  const std::string_view type = string_at(node, {"contentType"});
  if (!contains(type, "VIDEO") && !contains(type, "SHORT")) return std::nullopt;  // a playlist, a channel
  ListedVideo video;
  video.id = string_at(node, {"contentId"});
  if (!is_video_id(video.id)) return std::nullopt;
  if (contains(type, "SHORT")) video.kind = Kind::short_video;
  const auto metadata = at(node, {"metadata", "lockupMetadataViewModel"});
  if (metadata) {
    video.title = text_at(*metadata, {"title"});
    video.channel_id = linked_channel(*metadata, {"image", "metadata"});
  }
  if (const auto image = at(node, {"contentImage"})) {
    read_badges(*image, video);
    visit(*image, [&](std::string_view name, Node member) {
      if (name == "thumbnailBadgeViewModel" && !video.duration_s)
        video.duration_s = parse_clock(text_at(member, {"text"}));
      return true;
    });
  }
  if (metadata) read_metadata_rows(*metadata, language, video);
  return video;
}

std::optional<ListedVideo> read_short(Node node, std::string_view language) {
  ListedVideo video;
  video.kind = Kind::short_video;
  if (const auto id = find(node, "videoId")) video.id = text_of(*id);
  constexpr std::string_view prefix = "shorts-shelf-item-";
  const std::string_view entity = string_at(node, {"entityId"});
  if (video.id.empty() && entity.substr(0, prefix.size()) == prefix) video.id = entity.substr(prefix.size());
  if (!is_video_id(video.id)) return std::nullopt;
  video.title = text_at(node, {"overlayMetadata", "primaryText"});
  read_views(text_at(node, {"overlayMetadata", "secondaryText"}), language, video);
  return video;
}

// An entry of the music charts.
std::optional<ListedVideo> read_chart_entry(Node node) {
  ListedVideo video;
  video.id = string_at(node, {"id"});
  video.title = text_at(node, {"title"});
  if (!is_video_id(video.id) || video.title.empty()) return std::nullopt;
  video.channel_id = string_at(node, {"externalChannelId"});
  if (const auto seconds = whole_number_at(node, {"videoDuration"})) video.duration_s = static_cast<double>(*seconds);
  if (const auto views = whole_number_at(node, {"viewCount"})) {
    video.views = *views;
    video.views_exact = true;
  }
  return video;
}

class Reader {
 public:
  Reader(Listing& listing, std::string_view language) : listing_(listing), language_(language) {}

  void read(Node root) {
    walk(root);
    read_channel(root);
    if (const auto tab = selected_tab(root)) listing_.tab = *tab;
  }

 private:
  // Walks on; gives back how many videos stand below.
  std::size_t walk(Node node) {
    simdjson::dom::object members;
    simdjson::dom::array items;
    std::size_t below = 0;
    if (node.get(members) == simdjson::SUCCESS) {
      for (const auto& member : members) below += walk_member(member.key, member.value);
    } else if (node.get(items) == simdjson::SUCCESS) {
      for (const Node item : items) below += walk(item);
      if (below > most_below_) read_continuation(items, below);
    }
    return below;
  }

  std::size_t walk_member(std::string_view name, Node member) {
    if (name == "videoViews") return walk_chart(member);
    if (name == "messageRenderer" || name == "backgroundPromoRenderer" || name == "alertRenderer" ||
        name == "alertWithButtonRenderer")
      read_notice(name, member);
    const auto video = video_of(name, member);
    if (!video) {
      if (is_other(name)) ++listing_.others;
      return walk(member);
    }
    if (seen_.insert(video->id).second) listing_.videos.push_back(*video);
    return 1;
  }

  // Things of lists that are no videos, and the marks of a list's next part, which may be empty.
  static bool is_other(std::string_view name) {
    constexpr std::string_view names[] = {"lockupViewModel",        "channelRenderer",
                                          "playlistRenderer",       "gridPlaylistRenderer",
                                          "gridChannelRenderer",    "radioRenderer",
                                          "compactRadioRenderer",   "showRenderer",
                                          "gridShowRenderer",       "backstagePostRenderer",
                                          "postRenderer",           "appendContinuationItemsAction",
                                          "playlistHeaderRenderer", "reloadContinuationItemsCommand"};
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  }

  std::optional<ListedVideo> video_of(std::string_view name, Node member) const {
    if (ends_with(name, "ideoRenderer") || name == "reelItemRenderer" || name == "videoWithContextRenderer")
      return read_renderer(member, language_);
    if (name == "lockupViewModel") return read_lockup(member, language_);
    if (name == "shortsLockupViewModel") return read_short(member, language_);
    return std::nullopt;
  }

  std::size_t walk_chart(Node list) {
    simdjson::dom::array items;
    if (list.get(items) != simdjson::SUCCESS) return walk(list);
    std::size_t found = 0;
    for (const Node item : items) {
      const auto video = read_chart_entry(item);
      if (!video) continue;
      ++found;
      if (seen_.insert(video->id).second) listing_.videos.push_back(*video);
    }
    return found;
  }

  // Pages hold several continuations, of comments and shelves too. Ours stands in the same list as the most videos.
  void read_continuation(simdjson::dom::array items, std::size_t below) {
    for (const Node item : items) {
      const auto holder = at(item, {"continuationItemRenderer"});
      const auto command = find(holder.value_or(item), "continuationCommand");
      if (!holder && !at(item, {"continuationItemViewModel"})) continue;
      const std::string token = command ? text_at(*command, {"token"}) : "";
      if (token.empty()) continue;
      listing_.continuation = token;
      most_below_ = below;
    }
  }

  void read_notice(std::string_view name, Node member) {
    std::string text = text_at(member, {"text"});
    if (text.empty()) text = text_at(member, {"title"});
    const bool alert = name.substr(0, 5) == "alert" && string_at(member, {"type"}) == "ERROR";
    if (text.empty() || (listing_.alert && !alert)) return;
    if (name.substr(0, 5) == "alert" && !alert) return;  // "Unavailable videos are hidden"
    if (listing_.notice.empty() || alert) listing_.notice = text;
    listing_.alert = listing_.alert || alert;
  }

  void read_channel(Node root) {
    const auto metadata = find(root, "channelMetadataRenderer");
    if (!metadata) return;
    ChannelFacts channel;
    channel.id = string_at(*metadata, {"externalId"});
    if (!is_channel_id(channel.id)) return;
    channel.name = string_at(*metadata, {"title"});
    channel.followers = followers(root);
    listing_.channel = std::move(channel);
  }

  std::optional<std::int64_t> followers(Node root) const {
    if (const auto text = find(root, "subscriberCountText"))
      if (const auto count = parse_count(text_of(*text), language_)) return count->value;
    const auto header = find(root, "pageHeaderViewModel");
    const auto rows = header ? find(*header, "metadataRows") : std::nullopt;
    if (!rows) return std::nullopt;
    // The handle, the followers, the number of videos. A channel that hides its followers has the other two only.
    std::vector<std::string> texts;
    visit(*rows, [&](std::string_view name, Node member) {
      if (name != "text") return true;
      std::string text = text_of(member);
      if (!text.empty() && text.front() != '@') texts.push_back(std::move(text));
      return false;
    });
    for (const std::string& text : texts)
      if (contains(text, "subscriber")) return value_of(text);
    return texts.size() > 1 ? value_of(texts.front()) : std::nullopt;
  }

  std::optional<std::int64_t> value_of(const std::string& text) const {
    const auto count = parse_count(text, language_);
    return count ? std::optional<std::int64_t>(count->value) : std::nullopt;
  }

  static std::optional<std::string> selected_tab(Node root) {
    std::optional<std::string> tab;
    visit(root, [&](std::string_view name, Node member) {
      if (name != "tabRenderer" && name != "expandableTabRenderer") return !tab;
      if (!is_true(member, "selected")) return false;
      std::string_view url = string_at(member, {"endpoint", "commandMetadata", "webCommandMetadata", "url"});
      url = url.substr(0, url.find('?'));
      if (!url.empty()) tab = url.substr(url.rfind('/') + 1);
      return false;
    });
    return tab;
  }

  Listing& listing_;
  std::string_view language_;
  std::set<std::string> seen_;
  std::size_t most_below_ = 0;
};

}  // namespace

Listing parse_listing(std::string_view answer, const std::string& url, std::string_view language) {
  const JsonTree tree = tree_of_answer(answer, "ytInitialData", url);
  Listing listing;
  Reader(listing, language).read(tree.root());
  if (listing.videos.empty() && listing.alert) throw Error(Code::input, url, "YouTube says: " + listing.notice);
  if (listing.videos.empty() && find(tree.root(), "channelAgeGateRenderer"))
    throw Error(Code::unsupported, url,
                "the channel is limited by age, and shows its videos to those who sign in only");
  if (listing.videos.empty() && listing.others == 0 && !listing.channel && listing.notice.empty())
    throw refusal_without("videos, a channel or a word why there are none", url);
  return listing;
}

}  // namespace risetime::youtube
