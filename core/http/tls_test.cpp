// TLS as the client insists on it, against servers with certificates made for the test.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/base/files.hpp"
#include "core/http/client.hpp"
#include "core/http/test_identity.hpp"
#include "core/http/test_server.hpp"

namespace risetime::core {
namespace {

using testing::Connection;
using testing::Identity;
using testing::TestServer;

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("risetime-tls-" + std::to_string(getpid()));
    make_folders(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  HttpOptions trusting(const Identity& identity) const {
    write_file(folder_ / "trusted.pem", identity.pem());
    HttpOptions options;
    options.proxy = "";
    options.ca_file = folder_ / "trusted.pem";
    return options;
  }
  // The text of the error that fetching the URL gives; empty where it gives an answer.
  std::string complaint(HttpOptions options, const std::string& url) {
    HttpClient client(std::move(options), clock_);
    HttpRequest request;
    request.url = url;
    try {
      client.fetch(request);
      return "";
    } catch (const Error& error) {
      EXPECT_LT(error.retry_after_ms(), 0) << error.what();
      return error.what();
    }
  }

  std::filesystem::path folder_;
  FixedClock clock_{1'767'268'800'000'000};
};

void answer_ok(Connection& to, const std::string&, std::size_t) { to.answer("200 OK", "secure"); }

TEST_F(TlsTest, AcceptsATrustedServerWithTheRightName) {
  const Identity identity("IP:127.0.0.1");
  TestServer server(answer_ok, identity.context());
  EXPECT_EQ(complaint(trusting(identity), server.url()), "");
}

TEST_F(TlsTest, RefusesATrustedCertificateForAnotherName) {
  const Identity identity("DNS:elsewhere.example");
  TestServer server(answer_ok, identity.context());
  EXPECT_NE(complaint(trusting(identity), server.url()).find("could not prove"), std::string::npos);
  EXPECT_TRUE(server.requests().empty() || server.requests().front().empty()) << "the request must not be sent";
}

TEST_F(TlsTest, RefusesACertificateThatNobodyVouchesFor) {
  const Identity identity("IP:127.0.0.1");
  TestServer server(answer_ok, identity.context());
  const Identity somebody("IP:127.0.0.1");
  EXPECT_NE(complaint(trusting(somebody), server.url()).find("could not prove"), std::string::npos);
}

TEST_F(TlsTest, FollowsFromHttpToHttpsButNotBack) {
  const Identity identity("IP:127.0.0.1");
  TestServer plain([](Connection& to, const std::string&, std::size_t) { to.answer("200 OK", "open"); });
  TestServer secure(
      [&](Connection& to, const std::string& request, std::size_t) {
        if (request.find("GET /down") == std::string::npos) return to.answer("200 OK", "secure");
        to.answer("302 Found", "", "Location: " + plain.url() + "\r\n");
      },
      identity.context());
  TestServer upgrading([&](Connection& to, const std::string&, std::size_t) {
    to.answer("301 Moved", "", "Location: " + secure.url() + "\r\n");
  });
  EXPECT_EQ(complaint(trusting(identity), upgrading.url()), "");
  const std::string refused = complaint(trusting(identity), secure.url("/down"));
  EXPECT_NE(refused.find("not encrypted"), std::string::npos) << refused;
  EXPECT_TRUE(plain.requests().empty());
}

}  // namespace
}  // namespace risetime::core
