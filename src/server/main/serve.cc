#include "server/main/serve.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/log/log.h"
#include "base/secrets/secrets.h"
#include "base/time/clock.h"
#include "features/fleet/fleet.h"
#include "features/fleet/registry.h"
#include "platform/http_server/server.h"
#include "platform/sqlite/engine.h"
#include "protocols/fleet_api/api.h"
#include "server/config/config.h"
#include "server/door/door.h"
#include "server/door/metrics.h"
#include "server/gate/gate.h"
#include "server/jobs/jobs.h"
#include "server/main/data_folder.h"
#include "server/main/version.h"
#include "server/previewer/cache.h"
#include "server/previewer/portraits.h"
#include "server/previewer/previewer.h"
#include "server/router/router.h"
#include "space/blobs/blobs.h"
#include "space/lane/lanes.h"
#include "space/store/space.h"

namespace essaim::main {

namespace {

constexpr std::int64_t kDescriptorsReserved =
    200;  // for all that is neither a space nor a connection
constexpr std::int64_t kDescriptorsPerSpace = 2;

// The signals that end the server. Blocked before the first thread, so that only wait() takes them.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
  }
  int wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
    // A second one ends the process at once: nothing that was acknowledged is lost.
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
    return signal;
  }

 private:
  sigset_t set_{};
};

// As many descriptors as the system allows; fewer than wished for means fewer open spaces and
// connections. Returns the limit when it is too low, else 0.
std::int64_t fit_descriptors(config::Config& settings) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  auto allowed = static_cast<std::int64_t>(std::min<rlim_t>(limit.rlim_cur, 1 << 30));
  auto have = allowed - kDescriptorsReserved;
  auto wanted = settings.open_spaces_max * kDescriptorsPerSpace + settings.connections_max;
  if (wanted <= have) return 0;
  settings.open_spaces_max =
      std::clamp<std::int64_t>(have / 4, settings.lane_workers + 1, settings.open_spaces_max);
  settings.connections_max = std::clamp<std::int64_t>(
      have - settings.open_spaces_max * kDescriptorsPerSpace, 16, settings.connections_max);
  return allowed;
}

Result<config::Config> settings_for(const ServeOptions& options) {
  auto settings = TRY(read_settings(options.data));
  if (!options.listen.empty()) {
    settings.listen = options.listen;
  } else if (int passed = sd_listen_fds(0); passed > 0) {
    settings.listen.clear();
    for (int i = 0; i < passed; ++i) settings.listen.push_back("systemd:" + std::to_string(i));
  }
  if (!options.default_space.empty()) settings.default_space = options.default_space;
  if (!options.trusted_proxies.empty()) settings.trusted_proxies = options.trusted_proxies;
  return settings;
}

void set_log_level(const std::string& name) {
  if (name == "debug") log::set_level(log::Level::debug);
  if (name == "warning") log::set_level(log::Level::warning);
  if (name == "error") log::set_level(log::Level::error);
}

lane::Limits lane_limits(const config::Config& settings) {
  lane::Limits limits;
  limits.workers = static_cast<int>(settings.lane_workers);
  limits.open_max = static_cast<int>(settings.open_spaces_max);
  limits.idle_close = std::chrono::seconds(settings.idle_close_s);
  return limits;
}

gate::Limits gate_limits(const config::Config& settings) {
  gate::Limits limits;
  limits.hash_slots = static_cast<int>(settings.hash_slots);
  return limits;
}

previewer::Limits preview_limits(const config::Config& settings) {
  previewer::Limits limits;
  limits.slots = static_cast<int>(settings.preview_slots);
  return limits;
}

http_server::Options http_options(const config::Config& settings, const std::string& socket,
                                  http_server::Application& spaces,
                                  http_server::Application& operators) {
  http_server::Options options;
  for (const auto& address : settings.listen) options.listen.push_back({address, &spaces, 0666});
  options.listen.push_back({"unix:" + socket, &operators, 0600});
  options.loops = static_cast<int>(settings.loops);
  options.body_workers = static_cast<int>(settings.body_workers);
  options.trusted_proxies = settings.trusted_proxies;
  options.limits.connections_max = static_cast<int>(settings.connections_max);
  return options;
}

void freeze(fleet::Registry& registry, const SpaceId& id, const std::string& reason) {
  log::error("space_frozen", {{"id", id.value}, {"reason", reason}});
  auto frozen = registry.set_state(id, fleet::State::frozen, reason);
  if (!frozen) log::error("freeze_failed", {{"id", id.value}, {"reason", frozen.error().detail}});
}

void announce(const http_server::Server& server, const std::vector<std::string>& wished) {
  for (const auto& address : server.addresses()) {
    std::fprintf(stderr, "essaim: listening on http://%s\n", address.c_str());
  }
  for (const auto& address : wished) {
    if (!address.starts_with("unix:")) continue;
    std::fprintf(stderr, "essaim: listening on %s\n", address.c_str());
  }
  sd_notify(0, "READY=1");
}

}  // namespace

Result<void> serve(const ServeOptions& given) {
  // The folder and its settings.
  ServeOptions options = given;
  options.data = absolute(given.data);
  auto settings = TRY(settings_for(options));
  auto key = TRY(read_key(options.data));
  auto lock = TRY(lock_data_folder(options.data));
  auto socket = TRY(socket_path(options.data));

  // The process.
  set_log_level(settings.log_level);
  auto few_descriptors = fit_descriptors(settings);
  Signals signals;

  // The spaces: where they are, who works on them, what is known of them.
  SystemClock clock;
  auto engine = sqlite::local_engine();
  store::Layout layout(options.data);
  auto registry =
      TRY(fleet::Registry::open(*engine, options.data + "/fleet.db", settings.domain, clock));
  if (!settings.default_space.empty()) {
    TRY_VOID(registry->set_default_space(settings.default_space));
  }
  lane::Lanes lanes(
      *engine, layout, clock, lane_limits(settings),
      [&](const SpaceId& id, const std::string& reason) { freeze(*registry, id, reason); },
      jobs::appointment());
  blobs::Store blobs(engine->disk(), layout);
  fleet::Fleet fleet({*engine, layout, lanes, blobs, *registry, clock});
  TRY(fleet.recover());

  // The two doors: of the spaces, and of the operator.
  gate::Gate gate(key, clock, gate_limits(settings));
  previewer::Cache preview_cache(engine->disk(), layout, settings.preview_mib_max * kMiB);
  std::string helper = previewer::find_helper(settings.preview_helper);
  previewer::Previewer previews(lanes, preview_cache, helper, preview_limits(settings));
  previewer::Portraits portraits(settings.preview_slots > 0 ? helper : std::string());
  router::Router router({lanes, blobs, *registry, gate, clock, key, &previews, &portraits});
  http_server::Server* running = nullptr;
  fleet_api::Api api({fleet, blobs, key, [&] {
                        return door::render_metrics({running->counters(), lanes.counters(),
                                                     registry->counts(), std::string(version())});
                      }});
  door::Door door(api, {});

  // What is done without being asked.
  jobs::Jobs jobs({fleet, *registry, blobs, clock, &preview_cache, &key});

  auto server = TRY(http_server::Server::start(http_options(settings, socket.path, router, door)));
  running = server.get();
  previews.start();
  jobs.start();
  announce(*server, settings.listen);
  log::info("ready", {{"version", version()},
                      {"spaces", static_cast<std::int64_t>(registry->list().size())}});
  if (few_descriptors > 0) {
    log::info("few_descriptors", {{"limit", few_descriptors},
                                  {"open_spaces_max", settings.open_spaces_max},
                                  {"connections_max", settings.connections_max}});
  }

  int signal = signals.wait();
  sd_notify(0, "STOPPING=1");
  log::info("stopping", {{"signal", signal}});
  // First those who wait for a picture: they would hold up the end.
  previews.stop();
  portraits.stop();
  server->stop();
  return {};
}

}  // namespace essaim::main
