#include "server/main/version.h"

#include <archive.h>
#include <curl/curl.h>
#include <expat.h>
#include <fmt/core.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <sqlite3.h>
#include <utf8proc.h>
#include <zlib.h>

#include <boost/version.hpp>

namespace essaim::main {

namespace {

// "2.5.0" of "expat_2.5.0".
std::string after(std::string_view text, char mark) {
  return std::string(text.substr(text.find(mark) + 1));
}

}  // namespace

std::string_view version() {
  return ESSAIM_VERSION;
}

std::vector<std::pair<std::string, std::string>> library_versions() {
  auto dotted = [](int number, int thousand) {
    return std::to_string(number / thousand / thousand) + "." +
           std::to_string(number / thousand % thousand) + "." + std::to_string(number % thousand);
  };
  std::string boost = std::to_string(BOOST_VERSION / 100'000) + "." +
                      std::to_string(BOOST_VERSION / 100 % 1'000) + "." +
                      std::to_string(BOOST_VERSION % 100);
  return {
      {"boost", boost},
      {"curl", curl_version_info(CURLVERSION_NOW)->version},
      {"expat", after(XML_ExpatVersion(), '_')},
      {"fmt", dotted(FMT_VERSION, 100)},
      {"libarchive", after(archive_version_string(), ' ')},
      {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
      {"sodium", sodium_version_string()},
      {"sqlite", sqlite3_libversion()},
      {"utf8proc", utf8proc_version()},
      {"zlib", zlibVersion()},
      {"compiler", __VERSION__},
  };
}

}  // namespace essaim::main
