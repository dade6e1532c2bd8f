// TLS as the client insists on it, against servers with certificates made for the test.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "core/base/files.hpp"
#include "core/http/client.hpp"
#include "core/http/test_server.hpp"

namespace risetime::core {
namespace {

using testing::Connection;
using testing::TestServer;

// A self-signed certificate for one name ("IP:127.0.0.1", "DNS:example.org") and a server's context with it.
class Identity {
 public:
  explicit Identity(const std::string& name) {
    std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key_.get());
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str());
    X509_add_ext(certificate.get(), names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate.get(), key_.get(), EVP_sha256());
    SSL_CTX_use_certificate(context_.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());

    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(memory.get(), certificate.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    pem_.assign(text, static_cast<std::size_t>(size));
  }

  SSL_CTX* context() const { return context_.get(); }
  const std::string& pem() const { return pem_; }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  std::string pem_;
};

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
