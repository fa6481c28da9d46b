// PROPFIND of 1,000 entries and 15 properties: the handler, beside the bare SQL and an XML writer
// in a loop; then with 10,000 grants, ten on each entry, made for 50 people. Prints: <what> <CPU
// milliseconds per listing>, or per grant. What is compared runs in turns, and medians are told:
// whatever else the machine does, or does slower now, meets all of them.
#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <vector>

#include "features/files/change.h"
#include "features/files/places.h"
#include "features/files/reach.h"
#include "formats/xml/writer.h"
#include "protocols/dav/handlers.h"
#include "space/store/space.h"

namespace {

using namespace essaim;

constexpr int kEntries = 1'000;
constexpr int kRounds = 200;
constexpr int kPeople = 50;
constexpr int kGrantsEach = 10;  // on each entry

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Listed {
  const char* name;
  std::function<std::size_t()> run;  // returns bytes
};
std::size_t print_in_turns(const std::vector<Listed>& what) {
  std::size_t bytes = 0;
  std::vector<std::vector<double>> took(what.size());
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < what.size(); ++i) {
      double start = cpu_ms();
      bytes += what[i].run();
      took[i].push_back(cpu_ms() - start);
    }
  }
  for (std::size_t i = 0; i < what.size(); ++i) {
    std::ranges::nth_element(took[i], took[i].begin() + kRounds / 2);
    std::printf("%s %.3f\n", what[i].name, took[i][kRounds / 2]);
  }
  return bytes;
}

constexpr std::string_view kBody = R"(<?xml version="1.0"?>
<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns">
<d:prop><d:resourcetype/><d:getlastmodified/><d:getcontentlength/><d:getetag/>
<d:getcontenttype/><oc:size/><oc:id/><oc:fileid/><oc:downloadURL/><oc:dDC/><oc:permissions/>
<oc:checksums/><oc:share-types/><nc:is-encrypted/><nc:is-mount-root/></d:prop></d:propfind>)";

// What any server must do at least: read the rows and write the same bytes.
std::size_t bare(store::ReadTx& tx, NodeId folder, std::string& out) {
  out.clear();
  xml::Writer writer(out);
  auto rows = tx.query(R"sql(
    SELECT id, name, size, mtime, seq, blob FROM node WHERE parent_id = ? ORDER BY name)sql",
                       folder);
  while (rows.next()) {
    writer.open("d:response");
    writer.element("d:href", rows.text(1));
    writer.open("d:propstat");
    for (std::string_view name : {"d:resourcetype", "d:getlastmodified", "d:getcontentlength",
                                  "d:getetag", "d:getcontenttype", "oc:size", "oc:id", "oc:fileid",
                                  "oc:downloadURL", "oc:dDC", "oc:permissions", "oc:checksums",
                                  "oc:share-types", "nc:is-encrypted", "nc:is-mount-root"}) {
      writer.element(name, rows.text(5));
    }
    writer.close("d:propstat");
    writer.close("d:response");
  }
  return out.size();
}

std::size_t drain(http::Response response) {
  if (auto* text = std::get_if<std::string>(&response.body)) return text->size();
  auto& source = std::get<std::unique_ptr<http::Source>>(response.body);
  std::size_t total = 0;
  while (true) {
    auto piece = source->next();
    if (!piece || piece->empty()) return total;
    total += piece->size();
  }
}

void fill(store::WriteTx& tx, blobs::Store& blobs, const SpaceId& id, const access::Caller& caller,
          const access::Place& place) {
  for (int i = 0; i < kEntries; ++i) {
    auto spool = blobs.begin(id);
    if (!(*spool)->finish()) std::abort();
    auto blob = (*spool)->take();
    files::Path path{"document " + std::to_string(i) + ".odt"};
    files::NewContent content{blob, "", 1'600'000'000 + i, {}};
    if (!files::put(tx, blobs, caller, place, path, content)) std::abort();
  }
}

// Ten grants on every entry, to one person each, all over the people. Prints what one costs.
std::vector<MemberId> grant(store::WriteTx& tx, NodeId folder) {
  std::vector<MemberId> people;
  for (int i = 0; i < kPeople; ++i) {
    auto person = members::add(tx, {.uid = "p" + std::to_string(i), .password_hash = "x"});
    if (!person || !files::create_home(tx, *person)) std::abort();
    people.push_back(person->id);
  }
  std::vector<NodeId> entries;
  auto rows = tx.query("SELECT id FROM node WHERE parent_id = ? AND kind = 2 ORDER BY id", folder);
  while (rows.next()) entries.push_back({rows.int64(0)});
  double start = cpu_ms();
  std::size_t next = 0;
  for (NodeId entry : entries) {
    for (int i = 0; i < kGrantsEach; ++i) {
      access::Grantee who{access::Grantee::Kind::member, people[next++ % kPeople].value};
      if (!files::give(tx, entry, who, access::kEdit, std::nullopt)) std::abort();
    }
  }
  std::printf("grant %.3f\n", (cpu_ms() - start) / static_cast<double>(next));
  return people;
}

}  // namespace

int main() {
  secrets::initialize();
  std::string folder = std::filesystem::temp_directory_path() / "essaim-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  auto engine = sqlite::local_engine();
  store::Layout layout(folder);
  blobs::Store blobs(engine->disk(), layout);
  SpaceId id{"abcdefgh01234567"};
  if (!store::create(*engine, layout, id, {.display_name = "x"}, disk::Disk::Durable::no)) return 1;
  auto space = store::Space::open(*engine, layout, id);
  store::WriteTx tx((*space)->database(), (*space)->facts(), Instant{1'700'000'000'000});
  (*space)->database().script("BEGIN");
  auto member = members::add(tx, {.uid = "lea", .password_hash = "x"});
  auto home = files::create_home(tx, *member);
  auto caller = *access::caller_of(tx, member->id);
  auto place = access::files_of(caller, "lea");
  fill(tx, blobs, id, caller, *place);
  (*space)->database().script("COMMIT");
  (*space)->database().script("BEGIN");
  http::RequestHead head;
  head.method = "PROPFIND";
  head.path = "/remote.php/dav/files/lea/";
  head.headers.add("Depth", "1");
  call::SpaceView view{"x", "x", "x"};
  std::function<bool(std::string_view)> owns = [](std::string_view) { return true; };
  secrets::Key key{};
  call::Call call{.head = head,
                  .space = view,
                  .caller = &caller,
                  .body = kBody,
                  .blobs = blobs,
                  .key = key,
                  .owns_host = owns};
  std::string out;
  Listed loop{"bare", [&] { return bare(tx, *home, out); }};
  auto listing = [&](const char* name) {
    return Listed{name, [&] { return drain(dav::propfind(tx, call)); }};
  };
  std::size_t bytes = print_in_turns({loop, listing("handler")});
  auto people = grant(tx, *home);
  (*space)->database().script("COMMIT");
  (*space)->database().script("BEGIN");
  // Somebody whose home shows what they were given: 200 mounts.
  auto other = *access::caller_of(tx, people.front());
  http::RequestHead theirs = head;
  theirs.path = "/remote.php/dav/files/p0/";
  http::RequestHead polling = theirs;
  polling.headers.set("Depth", "0");
  auto as_other = [&](const char* name, const http::RequestHead& asked) {
    return Listed{name, [&] {
                    return drain(dav::propfind(tx, {.head = asked,
                                                    .space = view,
                                                    .caller = &other,
                                                    .body = kBody,
                                                    .blobs = blobs,
                                                    .key = key,
                                                    .owns_host = owns}));
                  }};
  };
  loop.name = "bare_again";
  bytes += print_in_turns(
      {loop, listing("granted"), as_other("mounted", theirs), as_other("polled", polling)});
  (*space)->database().script("COMMIT");
  std::filesystem::remove_all(folder);
  return bytes == 0 ? 1 : 0;
}
