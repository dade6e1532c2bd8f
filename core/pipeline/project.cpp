// Opens what a project needs, in the order in which it is needed.
#include "core/pipeline/project.hpp"

#include <algorithm>

#include "core/base/hash.hpp"

namespace risetime::core {

const char* capability_of(PluginKind kind) {
  switch (kind) {
    case PluginKind::source:
      return RISETIME_SOURCE_ID;
    case PluginKind::rows:
      return RISETIME_STORE_ID;
    case PluginKind::artifacts:
      return RISETIME_ARTIFACTS_ID;
    case PluginKind::featurizer:
      return RISETIME_FEATURIZER_ID;
    case PluginKind::model:
      return RISETIME_MODEL_ID;
  }
  return "";
}

std::vector<std::string> RegistryLookup::names(PluginKind kind) const { return plugins_.ids(capability_of(kind)); }

std::optional<std::string> RegistryLookup::schema(PluginKind kind, std::string_view name) const {
  if (!plugins_.has(name, capability_of(kind))) return std::nullopt;
  return plugins_.load(name).config_schema;
}

std::vector<std::string> datasets_in(const std::filesystem::path& data) {
  std::vector<std::string> names = {""};
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(data / "datasets", missing))
    if (entry.is_directory(missing)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

Project::Project(Settings settings, Runtime& runtime, Access access)
    : settings_(std::move(settings)), runtime_(runtime), http_folder_(settings_.project.data / "http") {
  if (!settings_.project.dataset.empty()) settings_.project.data /= "datasets/" + settings_.project.dataset;
  if (access == Access::whole) lock_.emplace(settings_.project.data);
  const HttpSettings& asked = settings_.http;
  HttpOptions http;
  http.policy = asked.policy;
  http.sites = asked.hosts;
  http.quotas = asked.quotas;
  http.attempts = static_cast<int>(asked.attempts);
  http.limits.total_ms = asked.timeout / millisecond;
  http.longest_wait_ms = asked.longest_wait / millisecond;
  http.folder = http_folder_;
  http.cache_bytes = asked.cache_bytes;
  http.ca_file = asked.ca_file;
  http.jitter_seed = fnv1a_64(settings_.project.name);
  http.contact = settings_.project.contact;
  http.record = runtime.record;
  http.replay = runtime.replay;
  http.substitute = [this](std::string_view text) { return runtime_.secrets.substitute(text); };
  http.redact = [this](std::string_view text) { return runtime_.secrets.redact(text); };
  http.note = [this](std::string_view text) { runtime_.log.warn("{}", text); };
  http_ = std::make_unique<HttpClient>(std::move(http), runtime.clock);

  parts_.log = &runtime.log;
  parts_.clock = &runtime.clock;
  parts_.threads = &runtime.threads;
  parts_.seed = fnv1a_64(settings_.project.name);
  parts_.fetch = [this](const HttpRequest& request) {
    return http_->fetch(request, [this] { return runtime_.stop.load(); });
  };
  parts_.open_lines = [this](const LinesRequest& request) {
    return http_->open_lines(request, [this] { return runtime_.stop.load(); });
  };
  parts_.reveal = [this](std::string_view handle) { return runtime_.secrets.substitute(handle); };
  parts_.progress = runtime.progress;
  parts_.cancelled = [this] { return runtime_.stop.load(); };

  // A store's relative paths start at the data folder.
  const auto data = std::filesystem::absolute(settings_.project.data);
  const StoreSettings& store = settings_.store;
  rows_ = open_in(store.rows, "store/rows", data);
  const bool shared = store.rows.plugin == store.artifacts.plugin && store.rows.config == store.artifacts.config;
  if (!shared) artifacts_ = open_in(store.artifacts, "store/artifacts", data);
  catalog_ = std::make_unique<Catalog>(*rows_, shared ? *rows_ : *artifacts_);
}

OpenPlugin Project::open(const PluginSettings& section, const std::string& scope) {
  return open_in(section, scope, std::filesystem::absolute(settings_.folder));
}

OpenPlugin Project::open_in(const PluginSettings& section, const std::string& scope,
                            const std::filesystem::path& folder) {
  const risetime_plugin& plugin = runtime_.plugins.load(section.plugin);
  OpenPlugin opened;
  opened.services = std::make_unique<HostServices>(parts_, scope, folder);
  try {
    opened.instance =
        std::make_unique<client::Instance>(plugin, opened.services->host(), runtime_.secrets.handles_in(section));
  } catch (const Error& error) {
    const std::string at = section.position_of(error.where()).text();
    throw Error(error.code(), at, section.plugin + ": " + error.what(), error.retry_after_ms());
  }
  return opened;
}

std::string Project::plugin_version(const std::string& id) { return id + " " + runtime_.plugins.load(id).version; }

std::string Project::plugin_build(const std::string& id) {
  return plugin_version(id) + " " + runtime_.plugins.library(id).sha256();
}

void Project::check_stop() const {
  if (runtime_.stop.load()) throw Error(Code::cancelled, "", "stopped on request; what was committed is kept");
}

}  // namespace risetime::core
