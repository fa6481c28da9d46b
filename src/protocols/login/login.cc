#include "protocols/login/login.h"

namespace essaim::login {

http::Response status(Maintenance maintenance) {
  std::string body = "{\"installed\":true,\"maintenance\":";
  body += maintenance == Maintenance::yes ? "true" : "false";
  body += ",\"needsDbUpgrade\":false,\"version\":\"";
  body += kVersion;
  body += "\",\"versionstring\":\"";
  body += kVersionString;
  body += "\",\"edition\":\"\",\"productname\":\"Essaim\",\"extendedSupport\":false}";
  http::Response response;
  response.headers.set("Content-Type", "application/json");
  response.headers.set("Access-Control-Allow-Origin", "*");
  response.body = std::move(body);
  return response;
}

http::Response no_content(const call::Call&) {
  http::Response response;
  response.status = 204;
  response.body = std::string();
  return response;
}

}  // namespace essaim::login
