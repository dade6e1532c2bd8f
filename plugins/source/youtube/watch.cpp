// Reading of a video's own page.
#include "watch.hpp"

#include <algorithm>

#include "account.hpp"
#include "counts.hpp"
#include "page.hpp"
#include "times.hpp"

namespace risetime::youtube {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

template <class Value>
void fill(std::optional<Value>& into, std::optional<Value> value) {
  if (!into) into = std::move(value);
}
void fill(std::string& into, std::string_view value) {
  if (into.empty()) into = value;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

// All that the player says about why it does not play.
std::string reason_of(Node status) {
  std::string reason = text_at(status, {"reason"});
  simdjson::dom::array messages;
  if (const auto list = at(status, {"messages"}); list && list->get(messages) == simdjson::SUCCESS)
    for (const Node message : messages) reason += (reason.empty() ? "" : ". ") + text_of(message);
  if (const auto more = find(status, "subreason")) {
    const std::string text = text_of(*more);
    if (!text.empty()) reason += (reason.empty() ? "" : ". ") + text;
  }
  constexpr std::size_t longest = 300;
  if (reason.size() > longest) {
    std::size_t length = longest;
    while (length > 0 && (static_cast<unsigned char>(reason[length]) & 0xC0U) == 0x80U) --length;
    reason.resize(length);
  }
  return reason;
}

// By the status, and by the words where one status has several meanings. The words are English, as they were asked for.
Access access_of(Node status, const std::string& reason) {
  const std::string_view name = string_at(status, {"status"});
  const std::string words = lower(reason);
  if (name == "OK" || name.empty()) return Access::open;
  if (name == "LIVE_STREAM_OFFLINE") return Access::offline;
  if (contains(name, "AGE_") || contains(name, "CONTENT_CHECK") || at(status, {"desktopLegacyAgeGateReason"}))
    return Access::age_limited;
  if (contains(words, "private")) return Access::private_video;
  if (contains(words, "members") || contains(words, "join this channel")) return Access::members_only;
  if (name == "LOGIN_REQUIRED")
    return contains(words, "confirm your age") || contains(words, "inappropriate") ? Access::age_limited
                                                                                   : Access::sign_in;
  if (name == "UNPLAYABLE" && !contains(words, "removed") && !contains(words, "terminated")) return Access::unavailable;
  return Access::removed;
}

// The largest picture, without the parameters that crop it.
std::optional<std::string> largest_picture(Node holder) {
  const auto list = at(holder, {"thumbnail", "thumbnails"});
  simdjson::dom::array pictures;
  if (!list || list->get(pictures) != simdjson::SUCCESS) return std::nullopt;
  std::optional<std::string> best;
  std::int64_t widest = -1;
  for (const Node picture : pictures) {
    const std::int64_t width = whole_number_at(picture, {"width"}).value_or(0);
    const std::string_view url = string_at(picture, {"url"});
    if (url.empty() || width <= widest) continue;
    widest = width;
    best = std::string(url.substr(0, url.find('?')));
  }
  return best;
}

void read_details(Node details, VideoFacts& facts) {
  const std::string_view id = string_at(details, {"videoId"});
  if (is_video_id(id)) fill(facts.id, id);
  fill(facts.title, string_at(details, {"title"}));
  if (const std::string_view channel = string_at(details, {"channelId"}); is_channel_id(channel))
    fill(facts.channel_id, channel);
  fill(facts.channel_name, string_at(details, {"author"}));
  fill(facts.description, non_empty_at(details, {"shortDescription"}));
  simdjson::dom::array tags;
  if (const auto list = at(details, {"keywords"}); facts.tags.empty() && list && list->get(tags) == simdjson::SUCCESS)
    for (const Node tag : tags) facts.tags.push_back(text_of(tag));
  if (const auto seconds = whole_number_at(details, {"lengthSeconds"}); seconds && *seconds > 0)
    fill(facts.duration_s, std::optional<double>(static_cast<double>(*seconds)));
  fill(facts.views, whole_number_at(details, {"viewCount"}));
  fill(facts.thumbnail_url, largest_picture(details));
  if (is_true(details, "isLiveContent")) facts.kind = Kind::ended;
  if (is_true(details, "isLive")) facts.kind = Kind::live;
  if (is_true(details, "isUpcoming")) facts.kind = Kind::upcoming;
}

void read_published(Node microformat, VideoFacts& facts) {
  for (const std::string_view name : {"publishDate", "uploadDate"}) {
    if (facts.published_at) return;
    const std::string_view text = string_at(microformat, {name});
    facts.published_at = parse_time(text);
    facts.published_exact = true;
    if (facts.published_at || text.size() < 10) continue;
    facts.published_at = parse_day(text.substr(0, 10));
    facts.published_exact = false;
  }
}

void read_microformat(Node microformat, VideoFacts& facts) {
  if (const std::string_view id = string_at(microformat, {"externalVideoId"}); is_video_id(id)) fill(facts.id, id);
  fill(facts.title, text_at(microformat, {"title"}));
  if (const std::string_view channel = string_at(microformat, {"externalChannelId"}); is_channel_id(channel))
    fill(facts.channel_id, channel);
  fill(facts.channel_name, string_at(microformat, {"ownerChannelName"}));
  fill(facts.description, non_empty_at(microformat, {"description"}));
  fill(facts.category, non_empty_at(microformat, {"category"}));
  if (const auto seconds = whole_number_at(microformat, {"lengthSeconds"}); seconds && *seconds > 0)
    fill(facts.duration_s, std::optional<double>(static_cast<double>(*seconds)));
  fill(facts.views, whole_number_at(microformat, {"viewCount"}));
  fill(facts.likes, whole_number_at(microformat, {"likeCount"}));
  if (const auto picture = largest_picture(microformat)) facts.thumbnail_url = picture;
  read_published(microformat, facts);
  if (const auto live = at(microformat, {"liveBroadcastDetails"})) {
    if (is_true(*live, "isLiveNow")) facts.kind = Kind::live;
    if (at(*live, {"endTimestamp"})) facts.kind = Kind::ended;
  }
  if (facts.kind == Kind::video && is_true(microformat, "isShortsEligible")) facts.kind = Kind::short_video;
}

std::optional<std::int64_t> count_in(const std::string& text, std::string_view language) {
  const auto count = parse_count(text, language);
  return count ? std::optional<std::int64_t>(count->value) : std::nullopt;
}

// The count in the words for those who hear the page is whole; that on the button is rounded.
std::optional<std::int64_t> likes_in(Node primary, std::string_view language) {
  const auto button = find(primary, "likeButtonViewModel");
  if (const auto shown = button ? find(*button, "defaultButtonViewModel") : std::nullopt) {
    const Node view = at(*shown, {"buttonViewModel"}).value_or(*shown);
    if (const auto count = count_in(text_at(view, {"accessibilityText"}), language)) return count;
    return count_in(text_at(view, {"title"}), language);
  }
  const auto older = find(primary, "toggleButtonRenderer");
  const auto label = older ? find(*older, "label") : std::nullopt;
  return label ? count_in(text_of(*label), language) : std::nullopt;
}

void read_view_count(Node counts, std::string_view language, VideoFacts& facts) {
  const auto count = count_in(text_at(counts, {"viewCount"}), language);
  if (is_true(counts, "isLive")) {
    if (facts.kind != Kind::upcoming) facts.kind = Kind::live;
    fill(facts.viewers, count);
  } else {
    fill(facts.views, count);
  }
}

void read_day(const std::string& text, VideoFacts& facts) {
  if (facts.published_at) return;
  facts.published_at = parse_day(text);
  if (facts.published_at) facts.published_exact = false;
}

void read_primary(Node primary, std::string_view language, VideoFacts& facts) {
  fill(facts.title, text_at(primary, {"title"}));
  if (const auto counts = find(primary, "videoViewCountRenderer")) read_view_count(*counts, language, facts);
  fill(facts.likes, likes_in(primary, language));
  read_day(text_at(primary, {"dateText"}), facts);
  visit(primary, [&](std::string_view name, Node member) {
    if (name == "style" && contains(text_of(member), "MEMBERS_ONLY")) facts.access = "members";
    return true;
  });
}

// The description panel repeats title, views, likes and day; videos of some kinds have these only there.
void read_description_panel(Node header, std::string_view language, VideoFacts& facts) {
  fill(facts.title, text_at(header, {"title"}));
  fill(facts.channel_name, text_at(header, {"channel"}));
  if (facts.kind != Kind::live) fill(facts.views, count_in(text_at(header, {"views"}), language));
  read_day(text_at(header, {"publishDate"}), facts);
  visit(header, [&](std::string_view name, Node member) {
    if (name == "factoidRenderer" && contains(lower(text_at(member, {"label"})), "like"))
      fill(facts.likes, count_in(text_at(member, {"accessibilityText"}), language));
    return true;
  });
}

// Stands in the head of the comments' panel, or of the first comment; rounded above a thousand.
std::optional<std::int64_t> comments_in(Node root, std::string_view language) {
  std::optional<std::int64_t> comments;
  visit(root, [&](std::string_view name, Node member) {
    if (comments) return false;
    if (name == "commentsEntryPointHeaderRenderer") comments = count_in(text_at(member, {"commentCount"}), language);
    if (name == "engagementPanelSectionListRenderer" && (contains(string_at(member, {"panelIdentifier"}), "comments") ||
                                                         contains(string_at(member, {"targetId"}), "comments")))
      comments =
          count_in(text_at(member, {"header", "engagementPanelTitleHeaderRenderer", "contextualInfo"}), language);
    return !comments;
  });
  return comments;
}

void read_owner(Node root, std::string_view language, VideoFacts& facts) {
  const auto owner = find(root, "videoOwnerRenderer");
  if (!owner) return;
  fill(facts.channel_name, text_at(*owner, {"title"}));
  fill(facts.followers, count_in(text_at(*owner, {"subscriberCountText"}), language));
  const auto id = find(*owner, "browseId");
  if (id && is_channel_id(text_of(*id))) fill(facts.channel_id, text_of(*id));
}

void read_next(Node root, std::string_view language, VideoFacts& facts) {
  const std::string_view id = string_at(root, {"currentVideoEndpoint", "watchEndpoint", "videoId"});
  if (is_video_id(id)) fill(facts.id, id);
  if (const auto primary = find(root, "videoPrimaryInfoRenderer")) read_primary(*primary, language, facts);
  if (const auto header = find(root, "videoDescriptionHeaderRenderer"))
    read_description_panel(*header, language, facts);
  if (const auto secondary = find(root, "videoSecondaryInfoRenderer")) {
    fill(facts.description, non_empty_at(*secondary, {"attributedDescription"}));
    fill(facts.description, non_empty_at(*secondary, {"description"}));
  }
  read_owner(root, language, facts);
  fill(facts.comments, comments_in(root, language));
}

WatchPage read_player(Node root, const std::string& url) {
  WatchPage page;
  const Node player = at(root, {"playerResponse"}).value_or(root);
  const auto status = at(player, {"playabilityStatus"});
  const auto details = at(player, {"videoDetails"});
  const auto microformat = at(player, {"microformat", "playerMicroformatRenderer"});
  if (!status && !details && !microformat) throw refusal_without("the video's data", url);
  if (details) read_details(*details, page.facts);
  if (microformat) read_microformat(*microformat, page.facts);
  if (!status) return page;
  page.reason = reason_of(*status);
  page.access = access_of(*status, page.reason);
  if (page.access == Access::members_only) page.facts.access = "members";
  if (page.access == Access::age_limited) page.facts.access = "age";
  if (page.access == Access::offline && page.facts.kind != Kind::ended) page.facts.kind = Kind::upcoming;
  if (page.access == Access::sign_in && !page.complete())
    throw Error(Code::limited, url,
                "YouTube asks to sign in before it shows the video (" + page.reason +
                    "), as it does to those who ask too often; ask less often, or try later",
                std::int64_t{15} * 60 * 1000);
  return page;
}

bool has_next(Node root) {
  return find(root, "twoColumnWatchNextResults") || find(root, "singleColumnWatchNextResults") ||
         find(root, "videoPrimaryInfoRenderer") || find(root, "videoDescriptionHeaderRenderer");
}

}  // namespace

bool WatchPage::complete() const {
  return access != Access::private_video && access != Access::removed && !facts.id.empty() &&
         !facts.channel_id.empty() && !facts.title.empty() && facts.published_at.has_value();
}

std::string WatchPage::why_skipped() const {
  const std::string says = reason.empty() ? "" : ": " + reason;
  switch (access) {
    case Access::members_only:
      return "the video is for members of the channel only, and its data is not shown" + says;
    case Access::age_limited:
      return "the video is limited by age, and its data is not shown" + says;
    case Access::private_video:
      return "the video is private" + says;
    case Access::removed:
      return "the video is deleted" + says;
    case Access::unavailable:
      return "the video is not available here" + says;
    case Access::offline:
      return "the stream has not begun, and its data is not shown" + says;
    case Access::sign_in:
      return "the video is shown only to those who sign in" + says;
    case Access::open:
      break;
  }
  return "the page does not say " + std::string(facts.id.empty() || facts.title.empty() || facts.channel_id.empty()
                                                    ? "which video of which channel it is of"
                                                    : "when the video was published");
}

WatchPage parse_watch_page(std::string_view page, const std::string& url, std::string_view language) {
  const std::string player = assigned_object(page, "ytInitialPlayerResponse");
  const std::string next = assigned_object(page, "ytInitialData");
  if (player.empty()) throw refusal_of(page, url);
  WatchPage watch = parse_player(player, url);
  if (next.empty()) return watch;
  const JsonTree tree(next, url);
  if (has_next(tree.root())) read_next(tree.root(), language, watch.facts);
  return watch;
}

WatchPage parse_player(std::string_view answer, const std::string& url) {
  const JsonTree tree = tree_of_answer(answer, "ytInitialPlayerResponse", url);
  return read_player(tree.root(), url);
}

void add_next(WatchPage& page, std::string_view answer, const std::string& url, std::string_view language) {
  const JsonTree tree = tree_of_answer(answer, "ytInitialData", url);
  if (!has_next(tree.root())) throw refusal_without("what stands below the player", url);
  read_next(tree.root(), language, page.facts);
}

}  // namespace risetime::youtube
