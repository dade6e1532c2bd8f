// A source for tests that uses a secret in every place where it could leak: a header, an error, a log line, a reject.
#include <risetime/plugin.hpp>

namespace {

struct Options {
  std::string url;
  risetime::Secret token;
  static constexpr auto fields =
      risetime::fields(risetime::field("url", &Options::url, "What to fetch.", risetime::required()),
                       risetime::field("token", &Options::token, "Sent as a bearer token.", risetime::required()));
};

class Canary {
 public:
  static constexpr risetime::Info info{"canary", "1.0.0", "Leaks its secret wherever it can, for tests."};
  static constexpr const char* needs[] = {RISETIME_HTTP_ID, RISETIME_SECRETS_ID};
  using Config = Options;
  Canary(risetime::Context host, Options options) : host_(host), options_(std::move(options)) {}

  risetime::Pull pull(std::string_view, std::size_t, risetime::Rows& out) {
    const std::string secret = host_.reveal(options_.token);
    risetime::HttpRequest request;
    request.url = options_.url;
    request.headers = {{"authorization", "Bearer " + options_.token.handle()}};
    const risetime::HttpResponse response = host_.fetch(request);
    host_.warn("the token is " + secret + ", the answer " + response.body);
    out.reject("canary", "could not use " + secret, response.body);
    out.failed("test:canary", risetime::Error(risetime::Code::input, options_.url, "it answered " + response.body));
    return risetime::Pull::end;
  }

 private:
  risetime::Context host_;
  Options options_;
};

}  // namespace

RISETIME_PLUGINS(Canary);
