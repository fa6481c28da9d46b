#include "protocols/ocs/notice_texts.h"

#include <algorithm>

#include "base/time/http_date.h"

namespace essaim::ocs {

namespace {

namespace json = boost::json;

struct Text {
  std::string_view key;
  std::string_view french;
  std::string_view english;
};

// activity/<what>/<who>, notification/<app>/<key>, action/<key>, filter/<id>.
constexpr Text kTexts[] = {
    {"activity/file_created/self", "Vous avez créé {file}", "You created {file}"},
    {"activity/file_created/other", "{user} a créé {file}", "{user} created {file}"},
    {"activity/file_created/nobody", "{file} a été créé", "{file} was created"},
    {"activity/file_changed/self", "Vous avez modifié {file}", "You changed {file}"},
    {"activity/file_changed/other", "{user} a modifié {file}", "{user} changed {file}"},
    {"activity/file_changed/nobody", "{file} a été modifié", "{file} was changed"},
    {"activity/file_deleted/self", "Vous avez supprimé {file}", "You deleted {file}"},
    {"activity/file_deleted/other", "{user} a supprimé {file}", "{user} deleted {file}"},
    {"activity/file_deleted/nobody", "{file} a été supprimé", "{file} was deleted"},
    {"activity/file_restored/self", "Vous avez restauré {file}", "You restored {file}"},
    {"activity/file_restored/other", "{user} a restauré {file}", "{user} restored {file}"},
    {"activity/file_restored/nobody", "{file} a été restauré", "{file} was restored"},
    {"activity/file_moved/self", "Vous avez déplacé {file}", "You moved {file}"},
    {"activity/file_moved/other", "{user} a déplacé {file}", "{user} moved {file}"},
    {"activity/file_moved/nobody", "{file} a été déplacé", "{file} was moved"},
    {"activity/file_renamed/self", "Vous avez renommé {oldfile} en {file}",
     "You renamed {oldfile} to {file}"},
    {"activity/file_renamed/other", "{user} a renommé {oldfile} en {file}",
     "{user} renamed {oldfile} to {file}"},
    {"activity/file_renamed/nobody", "{oldfile} a été renommé en {file}",
     "{oldfile} was renamed to {file}"},
    {"activity/shared/self", "Vous avez partagé {file}", "You shared {file}"},
    {"activity/shared/other", "{user} a partagé {file}", "{user} shared {file}"},
    {"activity/shared/nobody", "{file} a été partagé", "{file} was shared"},
    {"activity/shared_with/self", "Vous avez partagé {file} avec {other}",
     "You shared {file} with {other}"},
    {"activity/shared_with/other", "{user} a partagé {file} avec {other}",
     "{user} shared {file} with {other}"},
    {"activity/shared_with/nobody", "{file} a été partagé avec {other}",
     "{file} was shared with {other}"},
    {"activity/shared_with_you/other", "{user} a partagé {file} avec vous",
     "{user} shared {file} with you"},
    {"activity/shared_with_you/nobody", "{file} a été partagé avec vous",
     "{file} was shared with you"},
    {"activity/unshared/self", "Vous avez cessé de partager {file}", "You stopped sharing {file}"},
    {"activity/unshared/other", "{user} a cessé de partager {file}",
     "{user} stopped sharing {file}"},
    {"activity/unshared/nobody", "{file} n’est plus partagé", "{file} is no longer shared"},
    {"activity/unshared_with/self", "Vous avez cessé de partager {file} avec {other}",
     "You stopped sharing {file} with {other}"},
    {"activity/unshared_with/other", "{user} a cessé de partager {file} avec {other}",
     "{user} stopped sharing {file} with {other}"},
    {"activity/unshared_with/nobody", "{file} n’est plus partagé avec {other}",
     "{file} is no longer shared with {other}"},
    {"activity/unshared_with_you/other", "{user} a cessé de partager {file} avec vous",
     "{user} stopped sharing {file} with you"},
    {"activity/unshared_with_you/nobody", "{file} n’est plus partagé avec vous",
     "{file} is no longer shared with you"},
    {"activity/public_links/self", "Vous avez créé un lien vers {file}",
     "You made a link to {file}"},
    {"activity/public_links/other", "{user} a créé un lien vers {file}",
     "{user} made a link to {file}"},
    {"activity/public_links/nobody", "Un lien vers {file} a été créé", "A link to {file} was made"},
    {"activity/comments/self", "Vous avez commenté {file}", "You commented on {file}"},
    {"activity/comments/other", "{user} a commenté {file}", "{user} commented on {file}"},
    {"activity/comments/nobody", "{file} a été commenté", "{file} was commented on"},
    {"activity//nobody", "{file} a changé", "Something happened to {file}"},

    {"notification/files_sharing/shared", "{user} a partagé {file} avec vous",
     "{user} shared {file} with you"},
    {"notification/files/fullness",
     "L’espace est plein à {percent} %. Voyez ce qui prend la place.",
     "The space is {percent} % full. See what takes the room."},
    {"notification/comments/mention", "{user} vous mentionne dans un commentaire sur {file}",
     "{user} mentioned you in a comment on {file}"},
    {"notification//", "Quelque chose de nouveau vous concerne", "There is news for you"},

    {"action/accept", "Accepter", "Accept"},
    {"action/decline", "Refuser", "Decline"},

    {"filter/all", "Toute l’activité", "All activities"},
    {"filter/self", "Par vous", "By you"},
    {"filter/by", "Par d’autres", "By others"},
    {"filter/files", "Fichiers", "File changes"},
    {"filter/files_sharing", "Partages", "File shares"},
    {"filter/comments", "Commentaires", "Comments"},
};

const Text* find_text(std::string_view key) {
  const auto* found = std::ranges::find(kTexts, key, &Text::key);
  return found == std::end(kTexts) ? nullptr : found;
}

std::string_view in(call::Language language, const Text& text) {
  return language == call::Language::french ? text.french : text.english;
}

// Calls `text` with what stands between placeholders, and `placeholder` with their names.
template <class OnText, class OnPlaceholder>
void walk(std::string_view sentence, OnText text, OnPlaceholder placeholder) {
  while (!sentence.empty()) {
    auto open = sentence.find('{');
    auto close = open == std::string_view::npos ? open : sentence.find('}', open);
    if (close == std::string_view::npos) break;
    text(sentence.substr(0, open));
    placeholder(sentence.substr(open + 1, close - open - 1));
    sentence.remove_prefix(close + 1);
  }
  text(sentence);
}

Sentence sentence_of(std::string_view rich, const json::object& parameters) {
  Sentence out{std::string(rich), {}};
  walk(
      rich, [](std::string_view) {},
      [&](std::string_view name) {
        if (const auto* value = parameters.if_contains(name)) out.parameters[name] = *value;
      });
  return out;
}

std::string_view name_of(const json::object& parameters, std::string_view placeholder) {
  const auto* value = parameters.if_contains(placeholder);
  const auto* object = value == nullptr ? nullptr : value->if_object();
  const auto* name = object == nullptr ? nullptr : object->if_contains("name");
  const auto* text = name == nullptr ? nullptr : name->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::string what_happened(const notices::Event& event, bool to_reader) {
  std::string what(notices::wire_name(event.type));
  if (event.type == notices::Type::file_moved && !event.extra.old_name.empty() &&
      event.extra.old_name != event.name) {
    return "file_renamed";
  }
  bool sharing = event.type == notices::Type::shared || event.type == notices::Type::unshared;
  if (sharing && to_reader) return what + "_with_you";
  if (sharing && (!event.extra.other.empty() || !event.extra.group.empty())) return what + "_with";
  return what;
}

}  // namespace

std::string Sentence::plain() const {
  std::string out;
  // CLIENT: a sentence that somebody wrote has no parameters, and its braces are its own.
  if (parameters.empty()) return rich;
  walk(
      rich, [&](std::string_view text) { out += text; },
      [&](std::string_view name) { out += name_of(parameters, name); });
  return out;
}

json::value Sentence::parameters_json() const {
  if (parameters.empty()) return json::array();
  return parameters;
}

call::Language reader_language(const call::Call& call) {
  if (call.head.headers.get("Accept-Language")) return call.language;
  bool english = call.caller->locale.starts_with("en");
  return english ? call::Language::english : call::Language::french;
}

json::object rich_user(std::string_view uid, std::string_view display) {
  return {{"type", "user"}, {"id", uid}, {"name", display}};
}

json::object rich_group(std::string_view gid, std::string_view display) {
  return {{"type", "user-group"}, {"id", gid}, {"name", display}};
}

json::object rich_file(const call::Call& call, NodeId node, std::string_view name,
                       std::string_view path) {
  std::string id = std::to_string(node.value);
  return {{"type", "file"},
          {"id", id},
          {"name", name},
          {"path", path},
          {"link", call::base_url(call) + "/index.php/f/" + id}};
}

Sentence activity_sentence(const notices::Event& event, Who who, bool to_reader,
                           const json::object& parameters, call::Language language) {
  std::string key = "activity/" + what_happened(event, to_reader) + "/";
  key += who == Who::self ? "self" : who == Who::other ? "other" : "nobody";
  const Text* text = find_text(key);
  if (text == nullptr) text = find_text("activity//nobody");
  return sentence_of(in(language, *text), parameters);
}

Sentence notification_sentence(std::string_view app, std::string_view key,
                               const json::object& parameters, call::Language language) {
  std::string name = "notification/";
  name.append(app).append("/").append(key);
  const Text* text = find_text(name);
  if (text == nullptr) text = find_text("notification//");
  return sentence_of(in(language, *text), parameters);
}

std::string_view action_label(std::string_view key, call::Language language) {
  const Text* text = find_text("action/" + std::string(key));
  return text == nullptr ? std::string_view("OK") : in(language, *text);
}

std::string_view filter_label(std::string_view id, call::Language language) {
  const Text* text = find_text("filter/" + std::string(id));
  return text == nullptr ? id : in(language, *text);
}

std::string offset_time(Instant instant) {
  std::string out = format_iso8601(instant);
  if (out.ends_with('Z')) out.replace(out.size() - 1, 1, "+00:00");
  return out;
}

}  // namespace essaim::ocs
