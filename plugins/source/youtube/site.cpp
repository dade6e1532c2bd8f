// Requests to the website.
#include "site.hpp"

namespace risetime::youtube {
namespace {

constexpr std::int64_t rest_ms = 15 * 60 * 1000;
constexpr std::uint64_t most_picture_bytes = std::uint64_t{8} << 20;

HttpRequest request_for(const std::string& url, std::uint64_t max_bytes) {
  HttpRequest request;
  request.url = url;
  request.max_bytes = max_bytes;
  request.headers = {{"Accept-Language", "en"}, {"Cookie", "SOCS=CAE=; PREF=hl=en"}};
  return request;
}

std::string state_key(const Account& account) { return "channel id of " + account.text(); }

// By the first bytes: what servers say about pictures is not always so. Empty where it is no picture.
std::string picture_type(std::string_view bytes) {
  if (bytes.substr(0, 3) == "\xFF\xD8\xFF") return "image/jpeg";
  if (bytes.substr(0, 8) == "\x89PNG\r\n\x1A\n") return "image/png";
  if (bytes.size() > 12 && bytes.substr(0, 4) == "RIFF" && bytes.substr(8, 4) == "WEBP") return "image/webp";
  return {};
}

}  // namespace

HttpResponse get(const Context& host, const std::string& url, std::uint64_t max_bytes, Purpose purpose) {
  HttpRequest request = request_for(url, max_bytes);
  request.purpose = purpose;
  return host.fetch(request);
}

HttpResponse post(const Context& host, const std::string& url, std::string body, std::uint64_t max_bytes) {
  HttpRequest request = request_for(url, max_bytes);
  request.method = "POST";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = std::move(body);
  return host.fetch(request);
}

void check_status(const HttpResponse& response, const std::string& url) {
  if (response.status == 200) return;
  const bool refused = response.status == 401 || response.status == 403 || response.status == 429;
  throw Error(refused ? Code::limited : Code::io, url,
              "YouTube answered with status " + std::to_string(response.status) +
                  (refused ? ", which it gives to those it takes for robots; ask less often" : ""),
              refused ? rest_ms : -1);
}

std::optional<std::string> remembered_channel_id(const Context& host, const Account& account) {
  if (account.kind() == Account::Kind::id) return account.text();
  std::string remembered = host.state(state_key(account)).value_or("");
  return is_channel_id(remembered) ? std::optional<std::string>(std::move(remembered)) : std::nullopt;
}

void remember_channel_id(const Context& host, const Account& account, const std::string& id) {
  if (account.kind() != Account::Kind::id) host.set_state(state_key(account), id);
}

void forget_channel_id(const Context& host, const Account& account) {
  if (account.kind() != Account::Kind::id) host.set_state(state_key(account), "");
}

std::string channel_id_of(const Context& host, const Account& account) {
  if (auto remembered = remembered_channel_id(host, account)) return *remembered;
  const std::string url = account.page_url();
  const HttpResponse response = get(host, url, most_page_bytes);
  if (response.status == 404)
    throw Error(Code::input, url, "YouTube knows no channel " + account.text() + " (status 404); check the spelling");
  check_status(response, url);
  if (auto id = find_channel_id(response.body)) return *id;
  throw Error(Code::input, url,
              "the page does not say which channel it is of (" + std::to_string(response.body.size()) + " bytes from " +
                  response.url + "); give the channel's id (\"UC...\") instead of " + account.text());
}

Channel channel_row(const ChannelFacts& facts, const std::optional<Account>& account, std::int64_t now) {
  Channel channel;
  channel.platform = platform;
  channel.channel_id = facts.id;
  channel.observed_at = now;
  channel.name = facts.name;
  channel.followers = facts.followers;
  if (account && account->kind() != Account::Kind::id) channel.account = account->text();
  return channel;
}

void Thumbnails::add(const std::string& video_id, Rows& out) {
  if (!wanted_ || broken_) return;
  const std::string key = "thumbnail of " + video_id;
  if (!host_.state(key).value_or("").empty()) return;
  std::string found = "none";
  try {
    for (const char* size : {"maxresdefault", "sddefault", "hqdefault", "mqdefault", "default"}) {
      if (!fetch(video_id, size, out)) continue;
      found = size;
      break;
    }
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    broken_ = true;
    host_.warn(std::string("pictures are left to the next round: ") + error.what());
    return;
  }
  host_.set_state(key, found);
}

// Whether there is a picture of this size. A missing one comes with status 404 and a grey picture as its body.
bool Thumbnails::fetch(const std::string& video_id, const std::string& size, Rows& out) const {
  const std::string url = "https://i.ytimg.com/vi/" + video_id + "/" + size + ".jpg";
  HttpResponse response = get(host_, url, most_picture_bytes);
  if (response.status == 404) return false;
  check_status(response, url);
  Thumbnail thumbnail;
  thumbnail.mime = picture_type(response.body);
  if (thumbnail.mime.empty()) return false;
  thumbnail.platform = platform;
  thumbnail.video_id = video_id;
  thumbnail.bytes = std::move(response.body);
  thumbnail.fetched_at = host_.now();
  out.add(thumbnail);
  return true;
}

}  // namespace risetime::youtube
