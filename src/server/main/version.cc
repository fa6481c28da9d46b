#include "server/main/version.h"

#include <archive.h>
#include <curl/curl.h>
#include <expat.h>
#include <fmt/core.h>
#include <gnu/libc-version.h>
#include <libdeflate.h>
#include <openssl/crypto.h>
#include <qrencode.h>
#include <sodium.h>
#include <sqlite3.h>
#include <utf8proc.h>
#include <zlib.h>

#include <CLI/Version.hpp>
#include <boost/version.hpp>
#include <tl/expected.hpp>

namespace essaim::main {

namespace {

#ifdef __clang__
constexpr const char* kCompiler = __VERSION__;  // "Clang 14.0.6 ..." already
#else
constexpr const char* kCompiler = "g++ " __VERSION__;
#endif

// "2.5.0" of "expat_2.5.0".
std::string after(std::string_view text, char mark) {
  return std::string(text.substr(text.find(mark) + 1));
}

}  // namespace

std::string_view version() {
  return ESSAIM_VERSION;
}

std::vector<LibraryVersion> library_versions() {
  auto dotted = [](int major, int minor, int patch) {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  };
  return {
      {"boost",
       dotted(BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1'000, BOOST_VERSION % 100),
       {}},
      {"cli11", CLI11_VERSION, {}},
      {"curl", LIBCURL_VERSION, curl_version_info(CURLVERSION_NOW)->version},
      {"deflate", LIBDEFLATE_VERSION_STRING, {}},
      {"expat", dotted(XML_MAJOR_VERSION, XML_MINOR_VERSION, XML_MICRO_VERSION),
       after(XML_ExpatVersion(), '_')},
      {"expected",
       dotted(TL_EXPECTED_VERSION_MAJOR, TL_EXPECTED_VERSION_MINOR, TL_EXPECTED_VERSION_PATCH),
       {}},
      {"fmt", dotted(FMT_VERSION / 10'000, FMT_VERSION / 100 % 100, FMT_VERSION % 100), {}},
      {"glibc", std::to_string(__GLIBC__) + "." + std::to_string(__GLIBC_MINOR__),
       gnu_get_libc_version()},
      {"libarchive", ARCHIVE_VERSION_ONLY_STRING, after(archive_version_string(), ' ')},
      {"openssl", OPENSSL_FULL_VERSION_STR, OpenSSL_version(OPENSSL_FULL_VERSION_STRING)},
      {"qrencode", QRcode_APIVersionString(), QRcode_APIVersionString()},
      {"sodium", SODIUM_VERSION_STRING, sodium_version_string()},
      {"sqlite", SQLITE_VERSION, sqlite3_libversion()},
      {"systemd", ESSAIM_SYSTEMD_VERSION, {}},
      {"utf8proc", dotted(UTF8PROC_VERSION_MAJOR, UTF8PROC_VERSION_MINOR, UTF8PROC_VERSION_PATCH),
       utf8proc_version()},
      {"zlib", ZLIB_VERSION, zlibVersion()},
      {"compiler", kCompiler, {}},
  };
}

}  // namespace essaim::main
