#include "platform/disk/power_cut.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <utility>

#include "base/core/check.h"

namespace essaim::disk {

using Kind = Event::Kind;
using Fate = PowerCut::Fate;

namespace {

constexpr ByteCount kSector = 512;

// Fast, not strong: it only tells images apart.
std::uint64_t hash_of(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0x9e3779b97f4a7c15u ^ bytes.size();
  auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  };
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + at, 8);
    mix(word);
  }
  for (; at < bytes.size(); ++at) mix(std::to_integer<std::uint64_t>(bytes[at]));
  return hash;
}

using Shared = std::shared_ptr<const Content>;

Shared shared(std::vector<std::byte> bytes) {
  auto content = std::make_shared<Content>();
  content->hash = hash_of(bytes);
  content->bytes = std::move(bytes);
  return content;
}

// A write or truncation of a file, by the index of its event.
struct Change {
  std::size_t event = 0;
  bool certain = false;
  bool doubtful = false;  // its fsync failed: no later one makes it certain
};

struct File {
  Shared base = shared({});     // everything before the first change
  std::vector<Change> changes;  // in order; the first one is uncertain
};

struct Node {
  bool folder = false;
  std::uint64_t id = 0;
};

// A change of the entries of one folder: names that go, names that come, together.
struct EntryChange {
  std::size_t event = 0;
  std::vector<std::string> gone;
  std::vector<std::pair<std::string, Node>> come;
};

using Entries = std::map<std::string, Node>;

struct Folder {
  Entries certain;
  std::vector<EntryChange> changes;
};

void apply(Entries& entries, const EntryChange& change) {
  for (const auto& name : change.gone) entries.erase(name);
  for (const auto& [name, node] : change.come) entries[name] = node;
}

void apply(std::vector<std::byte>& bytes, const Event& event, Fate fate) {
  if (fate.kind == Fate::Kind::lost) return;
  if (event.kind == Kind::truncate) {
    bytes.resize(static_cast<std::size_t>(event.offset));
    return;
  }
  auto begin = static_cast<std::size_t>(event.offset);
  std::size_t from = 0;
  std::size_t to = event.bytes.size();
  if (fate.kind == Fate::Kind::front) to = static_cast<std::size_t>(fate.cut);
  if (fate.kind == Fate::Kind::back) from = static_cast<std::size_t>(fate.cut);
  if (bytes.size() < begin + to) bytes.resize(begin + to);
  std::copy(event.bytes.begin() + static_cast<std::ptrdiff_t>(from),
            event.bytes.begin() + static_cast<std::ptrdiff_t>(to),
            bytes.begin() + static_cast<std::ptrdiff_t>(begin + from));
}

}  // namespace

struct PowerCut::State {
  State(const Trace& trace_in, std::string root_in) : trace(trace_in), root(std::move(root_in)) {
    live[root] = {true, 0};
    folders[0];
  }

  void happen(std::size_t index);
  void sync_file(std::uint64_t id);
  void sync_folder(std::uint64_t id);
  void sync_all();
  void rename(const Event& event, std::size_t index);
  void collect_pending();
  Shared content(std::uint64_t id, const std::map<std::size_t, Fate>& fates) const;
  void walk(std::uint64_t folder, const std::string& path, const std::map<std::size_t, Fate>& fates,
            Image& image) const;

  Node node(const std::string& path) const {
    auto found = live.find(path);
    CHECK(found != live.end());
    return found->second;
  }
  Folder& folder_of(const std::string& path) { return folders.at(node(parent(path)).id); }
  static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }
  void add_entry(const std::string& path, Node to, std::size_t index) {
    live[path] = to;
    folder_of(path).changes.push_back({index, {}, {{name_of(path), to}}});
  }

  const Trace& trace;
  std::string root;
  std::size_t next = 0;
  bool changed = true;
  std::map<std::string, Node> live;  // what paths mean to the running system
  std::map<std::uint64_t, File> files;
  std::map<std::uint64_t, Folder> folders;
  std::uint64_t last_folder = 0;
  std::vector<std::size_t> pending;  // indices of events, in order
};

void PowerCut::State::happen(std::size_t index) {
  const Event& event = trace[index];
  switch (event.kind) {
    case Kind::create:
      files[event.file];
      if (!event.path.empty()) add_entry(event.path, {false, event.file}, index);
      break;
    case Kind::write:
    case Kind::truncate:
      files.at(event.file).changes.push_back({index, false, false});
      break;
    case Kind::sync:
      sync_file(event.file);
      break;
    case Kind::sync_failed:
      for (Change& change : files.at(event.file).changes) change.doubtful |= !change.certain;
      break;
    case Kind::link:
      add_entry(event.path, {false, event.file}, index);
      break;
    case Kind::rename:
      rename(event, index);
      break;
    case Kind::remove:
    case Kind::remove_folder:
      live.erase(event.path);
      folder_of(event.path).changes.push_back({index, {name_of(event.path)}, {}});
      break;
    case Kind::make_folder:
      folders[++last_folder];
      add_entry(event.path, {true, last_folder}, index);
      break;
    case Kind::sync_folder:
      sync_folder(node(event.path).id);
      break;
    case Kind::sync_all:
      sync_all();
      break;
    case Kind::note:
      changed = false;
      return;
  }
  changed = true;
  collect_pending();
}

void PowerCut::State::sync_file(std::uint64_t id) {
  File& file = files.at(id);
  for (Change& change : file.changes) change.certain |= !change.doubtful;
  auto first = std::find_if(file.changes.begin(), file.changes.end(),
                            [](const Change& change) { return !change.certain; });
  if (first == file.changes.begin()) return;
  auto bytes = file.base->bytes;
  for (auto it = file.changes.begin(); it != first; ++it) apply(bytes, trace[it->event], {});
  file.base = shared(std::move(bytes));
  file.changes.erase(file.changes.begin(), first);
}

void PowerCut::State::sync_folder(std::uint64_t id) {
  Folder& folder = folders.at(id);
  for (const EntryChange& change : folder.changes) apply(folder.certain, change);
  folder.changes.clear();
}

void PowerCut::State::sync_all() {
  for (auto& [id, file] : files) sync_file(id);
  for (auto& [id, folder] : folders) sync_folder(id);
}

void PowerCut::State::rename(const Event& event, std::size_t index) {
  Node moved = node(event.path);
  std::map<std::string, Node> taken;
  std::erase_if(live, [&](const auto& entry) {
    bool inside = entry.first == event.path || entry.first.starts_with(event.path + "/");
    if (inside) taken[event.to + entry.first.substr(event.path.size())] = entry.second;
    return inside;
  });
  for (auto& [path, to] : taken) live[path] = to;
  Folder& from = folder_of(event.path);
  Folder& to = folder_of(event.to);
  EntryChange change{index, {name_of(event.path)}, {{name_of(event.to), moved}}};
  if (&from == &to) {
    from.changes.push_back(std::move(change));
  } else {
    to.changes.push_back({index, {}, std::move(change.come)});
    from.changes.push_back({index, std::move(change.gone), {}});
  }
}

void PowerCut::State::collect_pending() {
  std::set<std::size_t> found;
  for (const auto& [id, file] : files) {
    for (const Change& change : file.changes) {
      if (!change.certain) found.insert(change.event);
    }
  }
  for (const auto& [id, folder] : folders) {
    for (const EntryChange& change : folder.changes) found.insert(change.event);
  }
  pending.assign(found.begin(), found.end());
}

Shared PowerCut::State::content(std::uint64_t id, const std::map<std::size_t, Fate>& fates) const {
  const File& file = files.at(id);
  auto fate_of = [&](const Change& change) {
    return change.certain ? Fate{} : fates.at(change.event);
  };
  bool untouched = std::all_of(file.changes.begin(), file.changes.end(), [&](const Change& c) {
    return fate_of(c).kind == Fate::Kind::lost;
  });
  if (untouched) return file.base;
  auto bytes = file.base->bytes;
  for (const Change& change : file.changes) apply(bytes, trace[change.event], fate_of(change));
  return shared(std::move(bytes));
}

void PowerCut::State::walk(std::uint64_t id, const std::string& path,
                           const std::map<std::size_t, Fate>& fates, Image& image) const {
  const Folder& folder = folders.at(id);
  Entries entries = folder.certain;
  for (const EntryChange& change : folder.changes) {
    if (fates.at(change.event).kind != Fate::Kind::lost) apply(entries, change);
  }
  for (const auto& [name, node] : entries) {
    std::string below = path + "/" + name;
    image[below] = node.folder ? nullptr : content(node.id, fates);
    if (node.folder) walk(node.id, below, fates, image);
  }
}

PowerCut::PowerCut(const Trace& trace, std::string root)
    : state_(std::make_unique<State>(trace, std::move(root))) {}
PowerCut::~PowerCut() = default;

bool PowerCut::advance() {
  if (state_->next == state_->trace.size()) return false;
  state_->happen(state_->next++);
  return true;
}

const Event& PowerCut::last() const {
  CHECK(state_->next > 0);
  return state_->trace[state_->next - 1];
}

std::size_t PowerCut::pending() const {
  return state_->pending.size();
}

bool PowerCut::changed() const {
  return state_->changed;
}

Image PowerCut::image(std::span<const Fate> fates) const {
  CHECK(fates.size() == state_->pending.size());
  std::map<std::size_t, Fate> by_event;
  for (std::size_t i = 0; i < fates.size(); ++i) by_event[state_->pending[i]] = fates[i];
  Image image;
  state_->walk(0, "", by_event, image);
  return image;
}

void PowerCut::visit(std::uint64_t seed, int subsets, const Visitor& visitor) const {
  const auto& pending = state_->pending;
  std::mt19937_64 random(seed ^ (state_->next * 0x9e3779b97f4a7c15u));
  auto show = [&](std::string_view what, const std::vector<Fate>& fates) {
    visitor(what, image(fates));
  };
  // Where a write may be torn: none when it lies within one sector.
  auto tear = [&](const Event& event) -> std::optional<Fate> {
    if (event.kind != Kind::write) return std::nullopt;
    auto size = static_cast<ByteCount>(event.bytes.size());
    ByteCount first = kSector - event.offset % kSector;
    if (first >= size) return std::nullopt;
    auto cuts = static_cast<std::uint64_t>((size - first + kSector - 1) / kSector);
    auto kind = random() % 2 ? Fate::Kind::front : Fate::Kind::back;
    return Fate{kind, first + static_cast<ByteCount>(random() % cuts) * kSector};
  };
  const std::vector<Fate> all(pending.size());
  show("everything", all);
  if (pending.empty()) return;
  show("nothing more", std::vector<Fate>(pending.size(), Fate{Fate::Kind::lost, 0}));
  for (std::size_t i = 0; i < pending.size(); ++i) {
    auto fates = all;
    fates[i].kind = Fate::Kind::lost;
    show("one missing", fates);
    if (auto torn = tear(state_->trace[pending[i]])) {
      fates[i] = *torn;
      show("one torn", fates);
    }
  }
  bool few = pending.size() < 6;
  std::uint64_t count = few ? 1u << pending.size() : static_cast<std::uint64_t>(subsets);
  for (std::uint64_t n = 0; n < count; ++n) {
    auto fates = all;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < pending.size(); ++i) {
      if (i % 64 == 0) bits = few ? n : random();
      if (bits >> (i % 64) & 1) fates[i].kind = Fate::Kind::lost;
    }
    show("a subset", fates);
  }
}

}  // namespace essaim::disk
