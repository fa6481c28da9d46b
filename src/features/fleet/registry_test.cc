#include "features/fleet/registry.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "features/fleet/names.h"

namespace essaim::fleet {
namespace {

class RegistryTest : public testing::Test {
 protected:
  RegistryTest() {
    std::string pattern = testing::TempDir() + "registry.XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    reopen();
  }
  ~RegistryTest() override {
    registry_.reset();
    std::filesystem::remove_all(folder_);
  }
  void reopen(const std::string& domain = "example.org") {
    registry_.reset();
    auto opened = Registry::open(*engine_, folder_ + "/fleet.db", domain, clock_);
    ASSERT_TRUE(opened) << opened.error().detail;
    registry_ = std::move(*opened);
  }
  SpaceRecord space(const std::string& slug, std::vector<std::string> hosts = {}) {
    SpaceRecord record;
    record.id = new_space_id();
    record.slug = slug;
    record.display_name = "Club " + slug;
    record.hosts = std::move(hosts);
    record.created = clock_.now();
    return record;
  }
  Code refusal(const SpaceRecord& record) {
    auto added = registry_->add(record);
    return added ? Code::internal : added.error().code;
  }

  TestClock clock_{Instant{1'700'000'000'000}};
  std::unique_ptr<sqlite::Engine> engine_ = sqlite::local_engine();
  std::string folder_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(RegistryTest, a_space_answers_on_its_main_host_and_its_aliases) {
  ASSERT_TRUE(registry_->add(space("voile", {"Voile-Club.FR", "127.0.0.2", "[2001:DB8::1]"})));
  for (const char* host : {"voile.example.org", "voile-club.fr", "127.0.0.2", "2001:db8::1",
                           "2001:db8:0:0::1", "voile.example.org."}) {
    auto route = registry_->find_host(host);
    ASSERT_TRUE(route) << host;
    EXPECT_EQ(route->slug, "voile");
    EXPECT_EQ(route->display_name, "Club voile");
    EXPECT_EQ(route->main_host, "voile.example.org");
  }
  EXPECT_FALSE(registry_->find_host("example.org"));
  EXPECT_FALSE(registry_->find_host("other.example.org"));
  EXPECT_FALSE(registry_->find_host(""));
  EXPECT_FALSE(registry_->find_host(":::"));
  EXPECT_TRUE(registry_->find_slug("voile"));
  EXPECT_FALSE(registry_->find_slug("Voile"));
}

TEST_F(RegistryTest, slugs_and_hosts_are_never_shared) {
  ASSERT_TRUE(registry_->add(space("voile", {"voile-club.fr"})));
  EXPECT_EQ(refusal(space("voile")), Code::exists);
  EXPECT_EQ(refusal(space("other", {"VOILE-club.fr."})), Code::exists);
  EXPECT_EQ(refusal(space("other", {"voile.example.org"})), Code::exists);
  EXPECT_EQ(refusal(space("other", {"example.org"})), Code::exists);
  EXPECT_EQ(refusal(space("other", {"flotte.example.org"})), Code::exists);
  EXPECT_EQ(refusal(space("flotte")), Code::exists);
  ASSERT_TRUE(registry_->add(space("other", {"rugby.example.org"})));
  EXPECT_EQ(refusal(space("rugby")), Code::exists) << "an alias took its main host";
  EXPECT_EQ(registry_->list().size(), 2U);
}

TEST_F(RegistryTest, bad_names_are_refused_and_change_nothing) {
  EXPECT_EQ(refusal(space("Bad Slug")), Code::bad_request);
  EXPECT_EQ(refusal(space("a", {"not a host"})), Code::bad_request);
  EXPECT_EQ(refusal(space("a", {"a.org:80"})), Code::bad_request);
  auto nameless = space("a");
  nameless.display_name = "";
  EXPECT_EQ(refusal(nameless), Code::bad_request);
  auto strange = space("a");
  strange.id.value = "../../etc";
  EXPECT_EQ(refusal(strange), Code::bad_request);
  std::vector<std::string> many;
  for (int i = 0; i < 30; ++i) many.push_back("h" + std::to_string(i) + ".org");
  EXPECT_EQ(refusal(space("a", many)), Code::too_large);
  EXPECT_TRUE(registry_->list().empty());
}

TEST_F(RegistryTest, everything_survives_a_restart) {
  auto voile = space("voile", {"b.org", "a.org"});
  ASSERT_TRUE(registry_->add(voile));
  ASSERT_TRUE(registry_->add(space("rugby")));
  ASSERT_TRUE(registry_->set_state(voile.id, State::frozen, "page 3 is malformed"));
  JobMark mark{voile.id, Instant{5}, std::nullopt, 7};
  ASSERT_TRUE(registry_->set_job_mark("housekeeping", mark));
  reopen();
  auto kept = registry_->show("voile");
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->id, voile.id);
  EXPECT_EQ(kept->hosts, (std::vector<std::string>{"voile.example.org", "b.org", "a.org"}));
  EXPECT_EQ(kept->state, State::frozen);
  EXPECT_EQ(kept->reason, "page 3 is malformed");
  EXPECT_EQ(kept->created, voile.created);
  EXPECT_EQ(registry_->find_host("a.org")->state, State::frozen);
  auto read = registry_->job_mark("housekeeping");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->cursor, voile.id);
  EXPECT_EQ((*read)->version, 7);
  EXPECT_FALSE((*read)->finished);
  EXPECT_FALSE(*registry_->job_mark("other"));
}

TEST_F(RegistryTest, the_main_host_follows_the_domain) {
  ASSERT_TRUE(registry_->add(space("voile", {"rugby.example.net"})));
  ASSERT_TRUE(registry_->add(space("rugby")));
  reopen("example.net");
  EXPECT_EQ(registry_->find_host("voile.example.net")->slug, "voile");
  EXPECT_FALSE(registry_->find_host("voile.example.org"));
  EXPECT_EQ(registry_->find_host("rugby.example.net")->slug, "rugby") << "a main host goes first";
}

TEST_F(RegistryTest, a_deleted_space_is_not_found_and_keeps_its_names_until_removed) {
  auto voile = space("voile", {"voile-club.fr"});
  ASSERT_TRUE(registry_->add(voile));
  ASSERT_TRUE(registry_->add(space("home")));
  ASSERT_TRUE(registry_->set_default_space("home"));
  ASSERT_TRUE(registry_->set_state(voile.id, State::deleted, ""));
  EXPECT_FALSE(registry_->find_host("voile-club.fr")) << "never another space's content";
  EXPECT_FALSE(registry_->find_slug("voile"));
  EXPECT_EQ(registry_->show("voile")->deleted, clock_.now());
  EXPECT_EQ(refusal(space("voile")), Code::exists);
  ASSERT_TRUE(registry_->set_state(voile.id, State::ready, ""));
  EXPECT_FALSE(registry_->show("voile")->deleted);
  ASSERT_TRUE(registry_->remove(voile.id));
  EXPECT_EQ(registry_->find_host("voile-club.fr")->slug, "home");
  EXPECT_TRUE(registry_->add(space("voile", {"voile-club.fr"})));
  EXPECT_EQ(registry_->remove(voile.id).error().code, Code::not_found);
  EXPECT_EQ(registry_->set_state(voile.id, State::ready, "").error().code, Code::not_found);
}

TEST_F(RegistryTest, the_default_space_answers_on_every_host_nobody_has) {
  ASSERT_TRUE(registry_->set_default_space("home"));
  EXPECT_FALSE(registry_->find_host("192.168.1.7")) << "not created yet";
  ASSERT_TRUE(registry_->add(space("home")));
  ASSERT_TRUE(registry_->add(space("voile")));
  for (const char* host : {"192.168.1.7", "example.org", "anything", "fe80::1", ""}) {
    EXPECT_EQ(registry_->find_host(host)->slug, "home") << host;
  }
  EXPECT_EQ(registry_->find_host("voile.example.org")->slug, "voile");
  EXPECT_EQ(registry_->set_default_space("Not A Slug").error().code, Code::bad_request);
}

TEST_F(RegistryTest, many_are_added_all_or_none) {
  std::vector<SpaceRecord> records;
  for (int i = 0; i < 300; ++i) records.push_back(space("s" + std::to_string(i)));
  records.push_back(space("s7"));
  EXPECT_EQ(registry_->add(records).error().code, Code::exists);
  EXPECT_TRUE(registry_->list().empty());
  reopen();
  EXPECT_TRUE(registry_->list().empty());
  records.pop_back();
  for (auto& record : records) record.state = State::creating;
  ASSERT_TRUE(registry_->add(records));
  EXPECT_FALSE(registry_->find_host("s7.example.org"));
  std::vector<SpaceId> ids;
  for (auto& record : records) ids.push_back(record.id);
  ASSERT_TRUE(registry_->set_state(ids, State::ready, ""));
  EXPECT_TRUE(registry_->find_host("s7.example.org"));
  EXPECT_EQ(registry_->counts()[static_cast<std::size_t>(State::ready)], 300);
}

TEST_F(RegistryTest, jobs_go_round_in_the_order_of_ids) {
  for (int i = 0; i < 25; ++i) ASSERT_TRUE(registry_->add(space("s" + std::to_string(i))));
  SpaceId cursor;
  int seen = 0;
  while (true) {
    auto batch = registry_->after(cursor, 4);
    if (batch.empty()) break;
    EXPECT_LE(batch.size(), 4U);
    EXPECT_GT(batch.front().id, cursor);
    cursor = batch.back().id;
    seen += static_cast<int>(batch.size());
  }
  EXPECT_EQ(seen, 25);
}

TEST_F(RegistryTest, a_domain_that_is_none_is_refused) {
  for (const char* bad : {"", "127.0.0.1", "a b", "example.org:80"}) {
    auto opened = Registry::open(*engine_, folder_ + "/other.db", bad, clock_);
    ASSERT_FALSE(opened) << bad;
    EXPECT_EQ(opened.error().code, Code::bad_request);
  }
}

}  // namespace
}  // namespace essaim::fleet
