#include "features/members/picture.h"

#include <span>

#include "base/secrets/digest.h"

namespace essaim::members {

namespace {

constexpr std::size_t kHashLength = 32;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

bool is_png(std::string_view bytes) {
  return bytes.starts_with("\x89PNG\r\n\x1a\n");
}

bool is_jpeg(std::string_view bytes) {
  return bytes.starts_with("\xFF\xD8\xFF");
}

bool longer(const std::string& bytes, ByteCount most) {
  return static_cast<ByteCount>(bytes.size()) > most;
}

Result<void> check(const Picture& picture) {
  if (longer(picture.small, kPictureSmallMax) || longer(picture.medium, kPictureMediumMax) ||
      longer(picture.large, kPictureLargeMax)) {
    return fail(Code::too_large, "a picture of a person");
  }
  bool right = is_png(picture.small) && is_png(picture.medium) &&
               (is_png(picture.large) || is_jpeg(picture.large));
  if (!right) return fail(Code::bad_request, "no picture that browsers show");
  return {};
}

std::string hash_of(const Picture& picture) {
  secrets::Digest digest(secrets::DigestType::sha256);
  for (const auto* each : {&picture.small, &picture.medium, &picture.large}) {
    digest.update(bytes_of(*each));
  }
  return digest.hex().substr(0, kHashLength);
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<void> set_picture(store::WriteTx& tx, MemberId member, const Picture& picture) {
  TRY_VOID(check(picture));
  tx.execute(R"sql(
    INSERT INTO member_picture(member_id, hash, small, medium, large) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT(member_id) DO UPDATE SET hash = ?2, small = ?3, medium = ?4, large = ?5)sql",
             member, hash_of(picture), bytes_of(picture.small), bytes_of(picture.medium),
             bytes_of(picture.large));
  return {};
}

bool remove_picture(store::WriteTx& tx, MemberId member) {
  return tx.execute(R"sql(DELETE FROM member_picture WHERE member_id = ?)sql", member) > 0;
}

std::optional<std::string> picture_hash(store::ReadTx& tx, MemberId member) {
  auto rows = tx.query(R"sql(SELECT hash FROM member_picture WHERE member_id = ?)sql", member);
  if (!rows.next()) return std::nullopt;
  return std::string(rows.text(0));
}

std::optional<std::string> picture_of(store::ReadTx& tx, MemberId member, PictureSize size) {
  auto rows = tx.query(R"sql(
    SELECT CASE ?2 WHEN 0 THEN small WHEN 1 THEN medium ELSE large END
    FROM member_picture WHERE member_id = ?1)sql",
                       member, static_cast<int>(size));
  if (!rows.next()) return std::nullopt;
  return text_of(rows.blob(0));
}

}  // namespace essaim::members
