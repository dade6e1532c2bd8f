// Apify's API, version 2: runs of actors and their data sets.
#pragma once

#include <risetime/host.hpp>
#include <string>
#include <vector>

#include "record.hpp"

namespace risetime::tiktok {

// Where Apify is and who asks. The token is a handle: the host puts the value in as a request leaves.
struct ApifyAccess {
  std::string api_url;
  std::string actor;  // "owner/name" or an id
  Secret token;
};

// What a run may cost and take.
struct RunLimits {
  double max_charge_usd = 1.0;  // of actors that are paid by event
  std::int64_t max_items = 0;   // of actors that are paid by result
  std::int64_t timeout_s = 1800;
  double usd_per_day = 0.0;  // of all runs of this token; 0: no limit
};

struct ApifyRun {
  std::string id, status, message;  // status: "RUNNING", "SUCCEEDED", ...; message: the actor's own words
  std::string dataset, store;       // ids
  std::int64_t started_at = 0;      // UTC microseconds; 0: not said
  std::int64_t finished_at = 0;     // the same

  bool has_ended() const {
    return status == "SUCCEEDED" || status == "FAILED" || status == "ABORTED" || status == "TIMED-OUT";
  }
};

struct ItemPage {
  std::vector<ListedItem> items;
  std::int64_t total = -1;  // items in the whole data set, as Apify says; -1: it does not
};

// Apify said no, for good: the same request will not do better.
class Refused : public Error {
 public:
  using Error::Error;
};

// Throws, beside what the host throws: Refused (config: token, actor or input are wrong; limited: nothing left to pay
// with; unsupported: not allowed; input: what was asked for is not there, or any other refusal), Error limited and io
// where Apify is busy or in trouble, Error input for answers that are not what they should be. No error and no address
// holds the token.
class ApifyClient {
 public:
  // Throws Error(Code::config) for an address to which a token must not travel, and for an actor that is none.
  ApifyClient(Context host, ApifyAccess access);

  // Asked once: if the answer is lost, the run may have begun (see runs_since).
  ApifyRun start(const std::string& input, const RunLimits& limits) const;
  // The actor's runs that began at this time (UTC microseconds) or later, among its latest; the latest first.
  std::vector<ApifyRun> runs_since(std::int64_t time) const;
  // What a run was started with.
  Json input_of(const ApifyRun& run) const;
  ApifyRun run(const std::string& id) const;
  ApifyRun abort(const std::string& id) const;
  ItemPage items(const std::string& dataset, std::int64_t offset, std::int64_t limit) const;

  std::string url_of_run(const std::string& id) const;
  std::string url_of_items(const std::string& dataset, std::int64_t offset, std::int64_t limit) const;

 private:
  HttpResponse ask(HttpRequest request) const;
  [[noreturn]] void refuse(const HttpResponse& response, const std::string& url) const;

  Context host_;
  ApifyAccess access_;
};

// ---- the readers, apart for tests. Each throws Error(Code::input) with `where` for what is no such answer.

ApifyRun parse_run(std::string_view text, const std::string& where);
std::vector<ApifyRun> parse_runs(std::string_view text, const std::string& where);
// What an answer that is an error says of itself, as "type: message" cut to a line; empty where it says nothing.
std::string parse_apify_complaint(std::string_view text);

}  // namespace risetime::tiktok
