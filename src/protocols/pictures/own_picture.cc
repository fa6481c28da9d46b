#include "protocols/pictures/own_picture.h"

#include <boost/json.hpp>

#include "base/text/text.h"
#include "features/previews/previews.h"
#include "formats/http/multipart.h"
#include "formats/uri/uri.h"
#include "protocols/call/page.h"
#include "protocols/pictures/initials.h"
#include "protocols/pictures/internal/pages.h"

namespace essaim::pictures {

namespace json = boost::json;

namespace {

constexpr std::string_view kAccountPath = "/settings/user";

struct Problem {
  Code code;
  int status;
  std::string_view french;
  std::string_view english;
};

constexpr Problem kProblems[] = {
    {Code::bad_request, 400, "Ce fichier ne se lit pas comme une image.",
     "This file cannot be read as a picture."},
    {Code::not_found, 400, "Aucune image n’a été choisie.", "No picture was chosen."},
    {Code::too_large, 413,
     "Cette image est trop grande : il faut 20 Mo et 50 millions de pixels au plus.",
     "This picture is too large: at most 20 MB and 50 million pixels are taken."},
    {Code::unsupported, 503, "Ce serveur ne peut pas recevoir d’images pour le moment.",
     "This server cannot take pictures for now."},
    {Code::busy, 503, "Le serveur est très occupé : réessayez bientôt.",
     "The server is very busy: try again soon."},
};

const Problem& problem_of(Code code) {
  for (const auto& problem : kProblems) {
    if (problem.code == code) return problem;
  }
  return kProblems[std::size(kProblems) - 1];  // the disk's, for a while
}

bool is_french(const call::Call& call) {
  return call.language == call::Language::french;
}

std::string_view words_of(const call::Call& call, const Problem& problem) {
  return is_french(call) ? problem.french : problem.english;
}

// What the form's head alone tells about a picture that would be refused.
Result<void> check_head(const call::Call& call) {
  if (call.head.content_length.value_or(0) > kPictureFormMax) return fail(Code::too_large, "form");
  bool form = http::boundary_of(call.head.headers.get("Content-Type").value_or("")).has_value();
  if (!form) return fail(Code::bad_request, "no form with files");
  if (call.previews == previews::Offer::nothing) return fail(Code::unsupported, "no helper");
  return {};
}

// Keeps what was drawn.
Result<void> keep_portrait(store::WriteTx& tx, const call::Call& call) {
  if (call.portrait == nullptr) return fail(Code::not_found, "no picture was chosen");
  if (!*call.portrait) return tl::unexpected(call.portrait->error());
  return members::set_picture(tx, call.caller->member, **call.portrait);
}

// --- the page

std::string portrait_of(store::ReadTx& tx, const call::Call& call, bool& own) {
  auto png = members::picture_of(tx, call.caller->member, members::PictureSize::medium);
  own = png.has_value();
  if (!png) {
    png = draw_initials(initials(call.caller->display, call.caller->uid), call.caller->uid,
                        members::kPictureMedium, Shade::light);
  }
  return "data:image/png;base64," + text::base64_encode(*png);
}

http::Response account(store::ReadTx& tx, const call::Call& call, std::string_view done,
                       const Problem* problem) {
  bool own = false;
  auto values = call::words(call.language, call.space.display_name);
  values.text("name", call.caller->display)
      .text("user", call.caller->uid)
      .text("portrait", portrait_of(tx, call, own))
      .text("problem", problem != nullptr ? words_of(call, *problem) : "")
      .flag("changed", done == "picture")
      .flag("removed", done == "removed")
      .flag("can", call.previews != previews::Offer::nothing)
      .flag("own", own);
  call::Page page{.title = is_french(call) ? "Mon compte" : "My account",
                  .space_name = call.space.display_name,
                  .pictures = true};
  if (problem != nullptr) {
    page.status = problem->status;
    page.title.insert(0, is_french(call) ? "Erreur : " : "Error: ");
  }
  auto response = call::page(call.language, page, html::fill(pages::account, values));
  if (page.status == 503) response.headers.set("Retry-After", "10");
  return response;
}

// The page is asked for anew, so that going back or reloading changes nothing.
http::Response back_to_page(std::string_view done) {
  return call::see_other(std::string(kAccountPath) + "?done=" + std::string(done));
}

// --- JSON

http::Response reply(int status, const json::value& said) {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json; charset=utf-8");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.body = json::serialize(said);
  return response;
}

http::Response reply(const call::Call& call, const Problem& problem) {
  return reply(problem.status, {{"data", {{"message", words_of(call, problem)}}}});
}

// CLIENT: Nextcloud's own guard against forms of other sites, and its answer.
std::optional<http::Response> refuse_forms(const call::Call& call) {
  auto header = call.head.headers.get("OCS-APIRequest");
  if (header && text::equal_ignoring_case(*header, "true")) return std::nullopt;
  return reply(412, {{"message", "CSRF check failed"}});
}

}  // namespace

http::Response account_page(store::ReadTx& tx, const call::Call& call) {
  if (call.caller == nullptr) return call::to_login(kAccountPath);
  return account(tx, call, uri::form_value(call.head.query, "done").value_or(""), nullptr);
}

call::Answer change_account(store::WriteTx& tx, const call::Call& call) {
  if (call.caller == nullptr) return call::to_login(kAccountPath);
  if (uri::form_value(call.body, "action").value_or("") != "remove_picture") {
    return call::see_other(kAccountPath);
  }
  members::remove_picture(tx, call.caller->member);
  return back_to_page("removed");
}

call::Admitted admit_picture(store::ReadTx& tx, const call::Call& call) {
  if (call.caller == nullptr) return {call::to_login(kAccountPath)};
  auto good = check_head(call);
  if (!good) return {account(tx, call, "", &problem_of(good.error().code))};
  return {};
}

call::Answer change_picture(store::WriteTx& tx, const call::Call& call) {
  if (call.caller == nullptr) return call::to_login(kAccountPath);
  auto kept = keep_portrait(tx, call);
  if (!kept) return account(tx, call, "", &problem_of(kept.error().code));
  return back_to_page("picture");
}

call::Admitted admit_avatar(store::ReadTx&, const call::Call& call) {
  if (auto refused = refuse_forms(call)) return {std::move(refused)};
  auto good = check_head(call);
  if (!good) return {reply(call, problem_of(good.error().code))};
  return {};
}

call::Answer set_avatar(store::WriteTx& tx, const call::Call& call) {
  if (auto refused = refuse_forms(call)) return std::move(*refused);
  auto kept = keep_portrait(tx, call);
  if (!kept) return reply(call, problem_of(kept.error().code));
  return reply(200, {{"status", "success"}});
}

call::Answer remove_avatar(store::WriteTx& tx, const call::Call& call) {
  if (auto refused = refuse_forms(call)) return std::move(*refused);
  members::remove_picture(tx, call.caller->member);
  return reply(200, json::array{});
}

}  // namespace essaim::pictures
