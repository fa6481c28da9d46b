#include "features/members/status.h"

#include <algorithm>

#include "features/members/members.h"

namespace essaim::members {

namespace {

constexpr Duration kPresentNoted = std::chrono::minutes(1);

constexpr ReadyMessage kReady[] = {
    {"meeting", "📅", "En réunion", "In a meeting", Ends::after, 3'600},
    {"commuting", "🚌", "En déplacement", "Commuting", Ends::after, 1'800},
    {"be-right-back", "⏳", "De retour bientôt", "Be right back", Ends::after, 900},
    {"remote-work", "🏡", "À distance", "Working remotely", Ends::end_of_day},
    {"sick-leave", "🤒", "En arrêt maladie", "Out sick", Ends::end_of_day},
    {"vacationing", "🌴", "En congés", "Vacationing", Ends::never},
};

std::optional<StatusKind> kind_from(std::int64_t number) {
  if (number < 1 || number > static_cast<std::int64_t>(StatusKind::offline)) return std::nullopt;
  return static_cast<StatusKind>(number);
}

// The columns member_id, kind, present, present_at, message_id, message, icon, clear_at.
Status from_row(const sqlite::Rows& row, Instant now) {
  Status out;
  out.member = {row.int64(0)};
  if (!row.null(1)) {
    auto chosen = kind_from(row.int64(1));
    out.chosen = chosen.has_value();
    out.kind = chosen.value_or(StatusKind::online);
  } else {
    out.kind = kind_from(row.int64(2)).value_or(StatusKind::online);
  }
  bool there = now.ms - row.int64(3) <= kPresentFor.count();
  // What a person chose holds while they are away from the screen; "online" is no such choice.
  bool holds = out.chosen && out.kind != StatusKind::online;
  if (!holds && !there) out.kind = StatusKind::offline;
  bool over = !row.null(7) && row.int64(7) <= now.ms;
  if (over) return out;
  out.message_id = row.text(4);
  out.message = row.text(5);
  out.icon = row.text(6);
  if (!row.null(7)) out.clear_at = Instant{row.int64(7)};
  return out;
}

Result<void> check_end(store::ReadTx& tx, std::optional<Instant> clear_at) {
  if (clear_at && *clear_at <= tx.now()) return fail(Code::bad_request, "this time has passed");
  return {};
}

std::size_t characters(std::string_view text) {
  auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::ranges::count_if(text, begins));
}

void put_message(store::WriteTx& tx, MemberId member, std::string_view id, std::string_view message,
                 std::string_view icon, std::optional<Instant> clear_at) {
  std::optional<std::int64_t> end;
  if (clear_at) end = clear_at->ms;
  tx.execute(R"sql(
    INSERT INTO member_status(member_id, present, present_at, message_id, message, icon, clear_at)
    VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6)
    ON CONFLICT(member_id)
    DO UPDATE SET message_id = ?3, message = ?4, icon = ?5, clear_at = ?6)sql",
             member, static_cast<int>(StatusKind::online), id, message, icon, end);
}

}  // namespace

Status status_of(store::ReadTx& tx, MemberId member) {
  auto rows = tx.query(R"sql(
    SELECT member_id, kind, present, present_at, message_id, message, icon, clear_at
    FROM member_status WHERE member_id = ?)sql",
                       member);
  if (rows.next()) return from_row(rows, tx.now());
  Status none;
  none.member = member;
  return none;
}

std::vector<Status> statuses(store::ReadTx& tx) {
  std::vector<Status> out;
  auto rows = tx.query(R"sql(
    SELECT member_id, kind, present, present_at, message_id, message, icon, clear_at
    FROM member_status ORDER BY member_id LIMIT ?)sql",
                       kMembersMax);
  while (rows.next()) out.push_back(from_row(rows, tx.now()));
  return out;
}

Status seen_by_others(Status status) {
  if (status.kind == StatusKind::invisible) status.kind = StatusKind::offline;
  return status;
}

void set_status(store::WriteTx& tx, MemberId member, StatusKind kind) {
  // Whoever chooses is there.
  tx.execute(R"sql(
    INSERT INTO member_status(member_id, kind, present, present_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT(member_id) DO UPDATE SET kind = ?2, present = ?3, present_at = ?4)sql",
             member, static_cast<int>(kind), static_cast<int>(StatusKind::online), tx.now().ms);
}

void note_present(store::WriteTx& tx, MemberId member, StatusKind kind) {
  tx.execute(R"sql(
    INSERT INTO member_status(member_id, present, present_at) VALUES (?1, ?2, ?3)
    ON CONFLICT(member_id) DO UPDATE SET present = ?2, present_at = ?3
    WHERE present <> ?2 OR present_at <= ?4)sql",
             member, static_cast<int>(kind), tx.now().ms, tx.now().ms - kPresentNoted.count());
}

std::span<const ReadyMessage> ready_messages() {
  return kReady;
}

const ReadyMessage* find_ready_message(std::string_view id) {
  const auto* found = std::ranges::find(kReady, id, &ReadyMessage::id);
  return found == std::end(kReady) ? nullptr : found;
}

Result<void> say_ready_message(store::WriteTx& tx, MemberId member, std::string_view id,
                               std::optional<Instant> clear_at) {
  const auto* ready = find_ready_message(id);
  if (ready == nullptr) return fail(Code::bad_request, "no such message");
  TRY_VOID(check_end(tx, clear_at));
  put_message(tx, member, id, "", ready->icon, clear_at);
  return {};
}

Result<void> say_message(store::WriteTx& tx, MemberId member, std::string_view icon,
                         std::string_view message, std::optional<Instant> clear_at) {
  TRY_VOID(check_end(tx, clear_at));
  auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (characters(message) > kStatusMessageMax || std::ranges::any_of(message, control)) {
    return fail(Code::bad_request, "a message is one line of at most 80 characters");
  }
  // No emoji begins with a letter; the few that begin with a digit have more behind it.
  bool plain =
      std::ranges::all_of(icon, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (icon.size() > kStatusIconMax || (!icon.empty() && plain)) {
    return fail(Code::bad_request, "an icon is one emoji");
  }
  put_message(tx, member, "", message, icon, clear_at);
  return {};
}

void say_nothing(store::WriteTx& tx, MemberId member) {
  put_message(tx, member, "", "", "", std::nullopt);
}

}  // namespace essaim::members
