// A secret on its whole way: from the vault into a request, and into no file, answer or error.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/base/files.hpp"
#include "core/config/fake_plugins.hpp"
#include "core/config/secrets.hpp"
#include "core/http/client.hpp"
#include "core/http/test_server.hpp"

namespace risetime::core {
namespace {

using testing::Connection;
using testing::TestServer;

constexpr const char* canary = "kanarie \"4711\"/&+";

class SecretOnItsWay : public ::testing::Test {
 protected:
  SecretOnItsWay() {
    std::string pattern = (std::filesystem::temp_directory_path() / "risetime-secret-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~SecretOnItsWay() override { std::filesystem::remove_all(folder_); }

  // What one run of the process sees: a vault with new handles, and a client that records or replays.
  struct Run {
    explicit Run(const std::filesystem::path& folder)
        : vault(redactor, folder, [](const std::string&) { return std::optional<std::string>(canary); }) {
      const auto checked = check_settings_text(
          "[[source]]\nid = \"s\"\nplugin = \"feed\"\nconfig = { channels = [\"a\"], api_key = \"@{env:KEY}\" }\n",
          "a.toml", FakePlugins());
      handle = *Json::parse(vault.handles_in(checked.settings.value().sources.at(0))).find("api_key")->if_string();
      options.proxy = "";
      options.substitute = [this](std::string_view text) { return vault.substitute(text); };
      options.redact = [this](std::string_view text) { return vault.redact(text); };
    }
    Redactor redactor;
    SecretVault vault;
    std::string handle;
    HttpOptions options;
  };
  HttpRequest request_of(const Run& run, const std::string& url) const {
    HttpRequest request;
    request.url = url + "?key=" + run.handle;
    request.method = "POST";
    request.headers = {{"X-Key", run.handle}};
    request.body = "key=" + run.handle;
    return request;
  }

  std::filesystem::path folder_;
  FixedClock clock_{1'767'268'800'000'000};
};

TEST_F(SecretOnItsWay, ReachesTheServerAndNothingElse) {
  std::string url;
  HttpResponse live;
  {
    TestServer server([](Connection& to, const std::string& request, std::size_t) {
      to.answer("200 OK", request + Json(canary).dump(), "X-Echo: " + std::string(canary) + "\r\n");
    });
    url = server.url();
    Run run(folder_);
    run.options.record = folder_ / "recordings";
    HttpClient client(run.options, clock_);
    live = client.fetch(request_of(run, url));
    const std::string sent = server.requests().at(0);
    EXPECT_NE(sent.find("POST /?key=kanarie%20%224711%22%2F%26%2B HTTP"), std::string::npos) << sent;
    EXPECT_NE(sent.find("X-Key: " + std::string(canary)), std::string::npos) << sent;
    EXPECT_NE(sent.find("\r\n\r\nkey=" + std::string(canary)), std::string::npos) << sent;
  }
  EXPECT_EQ((live.url + live.body + std::string(live.header("x-echo"))).find("kanarie"), std::string::npos);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "recordings")) {
    ++files;
    const std::string text = entry.path().string() + read_file(entry.path());
    EXPECT_EQ(text.find("kanarie"), std::string::npos) << text;
    EXPECT_EQ(text.find("@{secret:"), std::string::npos) << text;
    EXPECT_NE(text.find("x-key: @{env:KEY}"), std::string::npos) << text;
  }
  EXPECT_EQ(files, 1U);

  Run later(folder_);  // another process, with other handles
  later.options.replay = folder_ / "recordings";
  HttpClient client(later.options, clock_);
  EXPECT_EQ(client.fetch(request_of(later, url)).body, live.body);
}

TEST_F(SecretOnItsWay, IsInNoErrorNorNote) {
  TestServer server([](Connection& to, const std::string& request, std::size_t) {
    to.answer("302 Found", "", "Location: gopher://x/" + request.substr(5, request.find(" HTTP") - 5) + "\r\n");
  });
  Run run(folder_);
  HttpClient client(run.options, clock_);
  try {
    client.fetch(request_of(run, server.url()));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("kanarie"), std::string::npos) << error.what();
    EXPECT_EQ(error.where(), server.url() + "?key=@{env:KEY}");
  }
}

}  // namespace
}  // namespace risetime::core
