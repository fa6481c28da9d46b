#include "features/notices/notifications.h"

#include <boost/json.hpp>

namespace essaim::notices {

namespace {

namespace json = boost::json;

std::string stored(const Parameters& parameters) {
  json::object out;
  for (const auto& [name, value] : parameters) out[name] = value;
  return json::serialize(out);
}

std::string stored(const std::vector<Action>& actions) {
  json::array out;
  for (const Action& action : actions) {
    out.push_back(json::object{{"key", action.key},
                               {"path", action.path},
                               {"method", static_cast<int>(action.method)},
                               {"primary", action.primary}});
  }
  return json::serialize(out);
}

json::value parsed(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  return error ? json::value() : value;
}

std::string string_in(const json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  const auto* string = found == nullptr ? nullptr : found->if_string();
  return string == nullptr ? std::string() : std::string(*string);
}

Parameters parameters_from(std::string_view text) {
  Parameters out;
  auto value = parsed(text);
  if (!value.is_object()) return out;
  for (const auto& field : value.get_object()) {
    if (const auto* string = field.value().if_string()) {
      out.emplace_back(std::string(field.key()), std::string(*string));
    }
  }
  return out;
}

std::vector<Action> actions_from(std::string_view text) {
  std::vector<Action> out;
  auto value = parsed(text);
  if (!value.is_array()) return out;
  for (const auto& each : value.get_array()) {
    const auto* object = each.if_object();
    if (object == nullptr) continue;
    const auto* method = object->if_contains("method");
    const auto* primary = object->if_contains("primary");
    bool known = method != nullptr && method->is_int64() && method->get_int64() >= 0 &&
                 method->get_int64() <= static_cast<int>(Method::web);
    if (!known) continue;
    out.push_back({string_in(*object, "key"), string_in(*object, "path"),
                   static_cast<Method>(method->get_int64()),
                   primary != nullptr && primary->is_bool() && primary->get_bool()});
  }
  return out;
}

// From the columns id, app, key, parameters, object_type, object_id, link, actions, created_at.
Notification from_row(const sqlite::Rows& row) {
  Notification out;
  out.id = {row.int64(0)};
  out.about.app = row.text(1);
  out.about.key = row.text(2);
  out.about.parameters = parameters_from(row.text(3));
  out.about.object_type = row.text(4);
  out.about.object_id = row.text(5);
  out.about.link = row.text(6);
  out.about.actions = actions_from(row.text(7));
  out.created = {row.int64(8)};
  return out;
}

}  // namespace

Result<void> notify(store::WriteTx& tx, MemberId member, const NewNotification& notification) {
  std::string parameters = stored(notification.parameters);
  if (parameters.size() > kParametersMax || notification.actions.size() > kActionsMax) {
    return fail(Code::too_large, "parameters or actions of a notification");
  }
  if (notification.repeat == Repeat::once) {
    auto same =
        tx.query(R"sql(
      SELECT 1 FROM notification
      WHERE object_type = ? AND object_id = ? AND member_id = ? AND key = ? LIMIT 1)sql",
                 notification.object_type, notification.object_id, member, notification.key);
    if (same.next()) return {};
  }
  tx.execute(R"sql(
    INSERT INTO notification(member_id, app, key, parameters, object_type, object_id, link, actions,
                             created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))sql",
             member, notification.app, notification.key, parameters, notification.object_type,
             notification.object_id, notification.link, stored(notification.actions), tx.now().ms);
  tx.execute(R"sql(
    DELETE FROM notification WHERE id IN (
      SELECT id FROM notification WHERE member_id = ? ORDER BY id DESC LIMIT -1 OFFSET ?))sql",
             member, kPerMemberMax);
  return {};
}

std::vector<Notification> notifications(store::ReadTx& tx, MemberId member) {
  std::vector<Notification> out;
  auto rows = tx.query(R"sql(
    SELECT id, app, key, parameters, object_type, object_id, link, actions, created_at
    FROM notification WHERE member_id = ? ORDER BY id DESC LIMIT ?)sql",
                       member, kPerMemberMax);
  while (rows.next()) out.push_back(from_row(rows));
  return out;
}

Result<Notification> notification(store::ReadTx& tx, MemberId member, NotificationId id) {
  auto rows = tx.query(R"sql(
    SELECT id, app, key, parameters, object_type, object_id, link, actions, created_at
    FROM notification WHERE id = ? AND member_id = ?)sql",
                       id, member);
  if (!rows.next()) return fail(Code::not_found, "no such notification");
  return from_row(rows);
}

bool dismiss(store::WriteTx& tx, MemberId member, NotificationId id) {
  return tx.execute(R"sql(DELETE FROM notification WHERE id = ? AND member_id = ?)sql", id,
                    member) > 0;
}

void dismiss_all(store::WriteTx& tx, MemberId member) {
  tx.execute(R"sql(DELETE FROM notification WHERE member_id = ?)sql", member);
}

void dismiss_object(store::WriteTx& tx, std::string_view object_type, std::string_view object_id) {
  tx.execute(R"sql(DELETE FROM notification WHERE object_type = ? AND object_id = ?)sql",
             object_type, object_id);
}

void dismiss_object(store::WriteTx& tx, std::string_view object_type, std::string_view object_id,
                    MemberId member) {
  tx.execute(R"sql(
    DELETE FROM notification WHERE object_type = ? AND object_id = ? AND member_id = ?)sql",
             object_type, object_id, member);
}

}  // namespace essaim::notices
