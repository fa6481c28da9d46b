#include "features/previews/previews.h"

#include <algorithm>
#include <array>

namespace essaim::previews {

namespace {

constexpr auto kImages =
    std::to_array<std::string_view>({"image/jpeg", "image/png", "image/gif", "image/webp",
                                     "image/heic", "image/heif", "image/avif", "image/tiff"});
constexpr auto kTexts =
    std::to_array<std::string_view>({"text/plain", "text/markdown", "text/csv"});

std::string key_of(std::string_view hash, Kind kind) {
  std::string key(hash);
  key += static_cast<char>('0' + static_cast<int>(kind));
  return key;
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::image:
      return "image";
    case Kind::pdf:
      return "pdf";
    case Kind::text:
      return "text";
    case Kind::none:
      break;
  }
  return "none";
}

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::fill:
      return "fill";
    case Mode::cover:
      return "cover";
    case Mode::crop:
      break;
  }
  return "crop";
}

}  // namespace

Kind kind_of(Offer offer, std::string_view content_type, ByteCount size) {
  if (offer == Offer::nothing || size <= 0) return Kind::none;
  if (std::ranges::find(kImages, content_type) != kImages.end()) {
    return size <= kImageBytesMax ? Kind::image : Kind::none;
  }
  if (offer != Offer::everything) return Kind::none;
  if (content_type == "application/pdf") return size <= kPdfBytesMax ? Kind::pdf : Kind::none;
  if (std::ranges::find(kTexts, content_type) != kTexts.end()) {
    return size <= kTextBytesMax ? Kind::text : Kind::none;
  }
  return Kind::none;
}

Shape shape_of(Mode mode, std::int64_t x, std::int64_t y) {
  std::int64_t longer = std::max(x, y);
  int side = std::ranges::max(kSides);
  for (int candidate : kSides) {
    if (candidate >= longer) {
      side = candidate;
      break;
    }
  }
  if (mode != Mode::crop) return {mode, side, side};
  // Rounded up, so that what was asked for can be cut from it.
  auto scaled = [&](std::int64_t length) {
    auto eighths = (std::min(length, longer) * kShapeSteps + longer - 1) / longer;
    return static_cast<int>(std::max<std::int64_t>(eighths, 1)) * side / kShapeSteps;
  };
  return {mode, scaled(x), scaled(y)};
}

std::string name_of(Kind kind, const Shape& shape) {
  std::string name(name_of(kind));
  name.append("-").append(name_of(shape.mode)).append("-");
  name += std::to_string(shape.width) + "x" + std::to_string(shape.height);
  return name;
}

bool Failures::contains(std::string_view hash, Kind kind) const {
  return !known_.empty() && known_.contains(key_of(hash, kind));
}

Failures failures(store::ReadTx& tx) {
  Failures out;
  auto rows = tx.query(R"sql(
    SELECT hash, kind FROM preview_failure WHERE until > ? ORDER BY until LIMIT ?)sql",
                       tx.now().ms, kFailuresMax);
  while (rows.next()) {
    out.known_.insert(key_of(rows.text(0), static_cast<Kind>(rows.int64(1))));
  }
  return out;
}

bool failed(store::ReadTx& tx, std::string_view hash, Kind kind) {
  return tx
      .query(R"sql(SELECT 1 FROM preview_failure WHERE hash = ? AND kind = ? AND until > ?)sql",
             hash, static_cast<int>(kind), tx.now().ms)
      .next();
}

void note_failure(store::WriteTx& tx, std::string_view hash, Kind kind, Duration kept) {
  tx.execute(R"sql(
    INSERT INTO preview_failure(hash, kind, until) VALUES (?, ?, ?)
    ON CONFLICT(hash, kind) DO UPDATE SET until = excluded.until)sql",
             hash, static_cast<int>(kind), tx.now().ms + kept.count());
  tx.execute(R"sql(
    DELETE FROM preview_failure WHERE (hash, kind) IN (
      SELECT hash, kind FROM preview_failure ORDER BY until DESC LIMIT -1 OFFSET ?))sql",
             kFailuresMax);
}

int forget_failures(store::WriteTx& tx, int count) {
  return static_cast<int>(tx.execute(R"sql(
    DELETE FROM preview_failure WHERE (hash, kind) IN (
      SELECT hash, kind FROM preview_failure WHERE until <= ? ORDER BY until LIMIT ?))sql",
                                     tx.now().ms, count));
}

}  // namespace essaim::previews
