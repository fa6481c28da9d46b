#include "protocols/dav/archive.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <deque>

#include "base/text/text.h"
#include "base/time/http_date.h"
#include "features/files/archive.h"
#include "formats/http/content_disposition.h"
#include "formats/uri/uri.h"
#include "formats/zip/crc32.h"
#include "formats/zip/zip.h"
#include "protocols/dav/partial.h"
#include "protocols/dav/properties.h"

namespace essaim::dav {

namespace {

constexpr std::size_t kPiece = 64 * 1024;   // bytes handed over at a time
constexpr ByteCount kAheadMax = 1 * kMiB;   // small contents read in one turn
constexpr std::size_t kAheadFilesMax = 64;  // contents opened in one turn
constexpr std::size_t kSecretMax = 32;      // characters of downloadStartSecret
constexpr std::size_t kNamesMax = 10'000;   // chosen children
constexpr std::size_t kNamesBytesMax = 64 * 1024;

struct Item {
  zip::Entry entry;
  std::string blob;
  ByteCount header_at = 0;   // in the archive: local header, then the content
  ByteCount central_at = 0;  // in the archive: its record in the directory
  bool summed = false;       // entry.crc32 is known

  ByteCount content_at() const { return header_at + zip::local_header_length(entry); }
};

// Where everything stands in the archive.
struct Layout {
  std::vector<Item> items;
  zip::Directory directory;
  ByteCount length = 0;
};

Layout lay_out(std::vector<files::Packed> packed) {
  Layout out;
  ByteCount at = 0;
  for (files::Packed& each : packed) {
    Item& item = out.items.emplace_back();
    item.entry = {std::move(each.path), each.size, 0, each.mtime};
    item.blob = std::move(each.blob);
    item.summed = each.size == 0;
    item.header_at = at;
    at = item.content_at() + each.size;
  }
  out.directory = {static_cast<std::int64_t>(out.items.size()), at, 0};
  for (Item& item : out.items) {
    item.central_at = at;
    at += zip::central_header_length(item.entry, item.header_at);
  }
  out.directory.length = at - out.directory.offset;
  out.length = at + static_cast<ByteCount>(zip::end_of_archive(out.directory).size());
  return out;
}

// Makes the bytes [position, end) of an archive, some at a time.
class ArchiveSource final : public http::Source {
 public:
  ArchiveSource(Layout layout, http::ByteRange bytes, blobs::Store& blobs, call::Later later)
      : layout_(std::move(layout)),
        position_(bytes.first),
        end_(bytes.first + bytes.length),
        blobs_(blobs),
        later_(std::move(later)) {}

  Result<std::string> next() override {
    std::string out;
    while (position_ < end_ && out.size() < kPiece) TRY_VOID(step(out));
    return out;
  }

 private:
  Result<void> step(std::string& out);
  Result<void> step_entry(std::string& out);
  Result<void> step_directory(std::string& out);
  Result<void> open_ahead(std::size_t first);
  Result<void> sum_ahead(std::size_t first);
  Result<void> add_content(std::string& out, const Item& item);
  // Adds what of `bytes`, which begin at `at` in the archive, is wanted next.
  void add(std::string& out, std::string_view bytes, ByteCount at);

  Layout layout_;
  ByteCount position_;
  ByteCount end_;
  blobs::Store& blobs_;
  call::Later later_;
  std::size_t opened_from_ = 0;        // the item of opened_.front()
  std::deque<blobs::Content> opened_;  // of consecutive items; folders and empty files: nothing
};

void ArchiveSource::add(std::string& out, std::string_view bytes, ByteCount at) {
  bytes.remove_prefix(static_cast<std::size_t>(position_ - at));
  bytes = bytes.substr(0, static_cast<std::size_t>(end_ - position_));
  out += bytes;
  position_ += static_cast<ByteCount>(bytes.size());
}

Result<void> ArchiveSource::step(std::string& out) {
  if (position_ < layout_.directory.offset) return step_entry(out);
  return step_directory(out);
}

Result<void> ArchiveSource::step_entry(std::string& out) {
  auto after = std::ranges::upper_bound(layout_.items, position_, {}, &Item::header_at);
  auto index = static_cast<std::size_t>(after - layout_.items.begin()) - 1;
  Item& item = layout_.items[index];
  bool here = index >= opened_from_ && index < opened_from_ + opened_.size();
  if (item.entry.size > 0 && !here) TRY_VOID(open_ahead(index));
  if (position_ < item.content_at()) {
    add(out, zip::local_header(item.entry), item.header_at);
    return {};
  }
  while (opened_from_ < index && !opened_.empty()) {
    opened_.pop_front();
    ++opened_from_;
  }
  return add_content(out, item);
}

Result<void> ArchiveSource::add_content(std::string& out, const Item& item) {
  const blobs::Content& content = opened_.front();
  if (!content.file) {
    add(out, content.inline_bytes, item.content_at());
    return {};
  }
  ByteCount offset = position_ - item.content_at();
  ByteCount left = std::min(item.entry.size - offset, end_ - position_);
  std::size_t before = out.size();
  out.resize(before + std::min(static_cast<std::size_t>(left), kPiece));
  ssize_t got = ::pread(content.file.get(), out.data() + before, out.size() - before, offset);
  out.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got <= 0) return fail(Code::io, "a content ended before its size");
  position_ += got;
  return {};
}

// Opens the contents from `first` on, as many as may be open at a time.
Result<void> ArchiveSource::open_ahead(std::size_t first) {
  opened_.clear();
  opened_from_ = first;
  Result<void> opened;
  TRY_VOID(later_([&](store::ReadTx& tx) {
    ByteCount bytes = 0;
    for (std::size_t i = first; i < layout_.items.size(); ++i) {
      Item& item = layout_.items[i];
      if (opened_.size() >= kAheadFilesMax || bytes >= kAheadMax) return;
      if (item.entry.size == 0) {
        opened_.emplace_back();
        continue;
      }
      auto content = blobs_.open(tx, item.blob);
      if (content && content->size != item.entry.size) {
        content = fail(Code::corrupt, "blob of another size");
      }
      if (!content) {
        opened = tl::unexpected(content.error());
        return;
      }
      item.entry.crc32 = content->crc32;
      item.summed = true;
      // A large content is a file: it takes its share of what is held open.
      bytes += content->file ? kAheadMax / 8 : content->size;
      opened_.push_back(std::move(*content));
    }
  }));
  return opened;
}

// A download that began in the middle has not met every checksum.
Result<void> ArchiveSource::sum_ahead(std::size_t first) {
  constexpr std::size_t kAtOnce = 1'000;
  Result<void> summed;
  TRY_VOID(later_([&](store::ReadTx& tx) {
    std::size_t last = std::min(first + kAtOnce, layout_.items.size());
    for (std::size_t i = first; i < last; ++i) {
      Item& item = layout_.items[i];
      if (item.summed) continue;
      auto crc = blobs_.crc32(tx, item.blob);
      if (!crc) {
        summed = tl::unexpected(crc.error());
        return;
      }
      item.entry.crc32 = *crc;
      item.summed = true;
    }
  }));
  return summed;
}

Result<void> ArchiveSource::step_directory(std::string& out) {
  ByteCount end_at = layout_.directory.offset + layout_.directory.length;
  if (position_ >= end_at) {
    add(out, zip::end_of_archive(layout_.directory), end_at);
    return {};
  }
  auto after = std::ranges::upper_bound(layout_.items, position_, {}, &Item::central_at);
  auto index = static_cast<std::size_t>(after - layout_.items.begin()) - 1;
  Item& item = layout_.items[index];
  if (!item.summed) TRY_VOID(sum_ahead(index));
  add(out, zip::central_header(item.entry, item.header_at), item.central_at);
  return {};
}

Result<std::vector<std::string>> chosen_names(const http::RequestHead& head) {
  std::vector<std::string> names;
  std::size_t bytes = 0;
  auto add = [&](std::string_view name) {
    bytes += name.size();
    names.push_back(text::nfc(name).value_or(std::string(name)));
  };
  for (const auto& [header, name] : head.headers.all()) {
    if (text::equal_ignoring_case(header, "X-NC-Files")) add(name);
  }
  if (auto list = uri::form_value(head.query, "files"); list && !list->empty()) {
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(*list, error);
    const boost::json::array* array = error ? nullptr : value.if_array();
    if (array == nullptr) return fail(Code::bad_request, "files is no JSON list of names");
    for (const auto& name : *array) {
      if (!name.is_string()) return fail(Code::bad_request, "files is no JSON list of names");
      add(name.get_string());
    }
  }
  if (names.size() > kNamesMax || bytes > kNamesBytesMax) {
    return fail(Code::bad_request, "too many names");
  }
  return names;
}

// The folder's etag, told apart from the folder itself and from other choices of its children.
std::string archive_etag(const store::SpaceFacts& facts, const files::Node& folder,
                         const std::vector<std::string>& names) {
  std::string etag = quoted_etag(facts, folder);
  etag.pop_back();
  etag += "-zip";
  std::uint32_t choice = 0;
  for (const std::string& name : names) {
    std::string line = name + "/";
    choice = zip::crc32(choice, std::as_bytes(std::span(line)));
  }
  if (!names.empty()) etag += "-" + std::to_string(choice);
  return etag + "\"";
}

bool is_secret(std::string_view text) {
  bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  return plain && !text.empty() && text.size() <= kSecretMax;
}

}  // namespace

bool wants_archive(const http::RequestHead& head) {
  auto asked = uri::form_value(head.query, "accept");
  if (asked) return *asked == "zip" || *asked == "application/zip";
  return head.headers.get("Accept").value_or("").find("application/zip") != std::string_view::npos;
}

Result<http::Response> archive(store::ReadTx& tx, const call::Call& call,
                               const files::Node& folder) {
  auto names = TRY(chosen_names(call.head));
  std::string etag = archive_etag(tx.facts(), folder, names);
  std::string title = folder.name.empty() ? call.space.display_name : folder.name;
  http::Response response;
  response.headers.set("ETag", etag);
  response.headers.set("Last-Modified", format_http_date(Instant{folder.mtime * 1000}));
  response.headers.set("Accept-Ranges", "bytes");
  response.headers.set("Content-Type", "application/zip");
  response.headers.set("Content-Disposition", http::content_disposition(title + ".zip"));
  response.headers.set("X-Accel-Buffering", "no");
  response.headers.set("X-Content-Type-Options", "nosniff");
  // CLIENT: the web page that started a download waits for this cookie.
  auto secret = uri::form_value(call.head.query, "downloadStartSecret");
  if (secret && is_secret(*secret)) {
    response.headers.set("Set-Cookie", "ocDownloadStarted=" + *secret + "; Max-Age=20; Path=/");
  }
  Layout layout = lay_out(TRY(files::pack(tx, *call.caller, folder, names)));
  auto part = TRY(choose_part(call, {true, etag, folder.mtime}, layout.length, response));
  if (part.answered) return response;
  response.source_length = part.bytes.length;
  response.body =
      std::make_unique<ArchiveSource>(std::move(layout), part.bytes, call.blobs, call.later);
  return response;
}

}  // namespace essaim::dav
