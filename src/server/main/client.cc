#include "server/main/client.h"

#include <curl/curl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace essaim::main {

namespace json = boost::json;

namespace {

constexpr std::size_t kAnswerMax = 64 * 1024 * 1024;  // bytes of an answer kept in memory

struct CurlFree {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

Code code_of(long status) {
  switch (status) {
    case 400:
      return Code::bad_request;
    case 404:
      return Code::not_found;
    case 409:
      return Code::conflict;
    case 413:
      return Code::too_large;
    case 423:
      return Code::locked;
    case 503:
      return Code::busy;
    case 507:
      return Code::disk_full;
    default:
      return Code::internal;
  }
}

}  // namespace

// One request on its way, as curl's callbacks see it.
struct Client::Exchange {
  std::unique_ptr<CURL, CurlFree> curl{curl_easy_init()};
  std::unique_ptr<curl_slist, ListFree> headers;
  std::string method = "GET";
  const std::string* body = nullptr;
  int in = -1;         // a body that is read from here
  int out = -1;        // where a good answer goes; else it is kept
  std::string answer;  // kept
  bool disk_failed = false;
  int disk_errno = 0;

  void header(const char* line) { headers.reset(curl_slist_append(headers.release(), line)); }

  static std::size_t take(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    long status = 0;
    curl_easy_getinfo(exchange.curl.get(), CURLINFO_RESPONSE_CODE, &status);
    if (exchange.out < 0 || status != 200) {
      if (exchange.answer.size() + size > kAnswerMax) return 0;
      exchange.answer.append(bytes, size);
      return size;
    }
    for (std::size_t written = 0; written < size;) {
      ssize_t wrote = ::write(exchange.out, bytes + written, size - written);
      if (wrote < 0) {
        exchange.disk_failed = true;
        exchange.disk_errno = errno;
        return 0;
      }
      written += static_cast<std::size_t>(wrote);
    }
    return size;
  }

  static std::size_t give(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    ssize_t got = ::read(exchange.in, bytes, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    exchange.disk_failed = true;
    exchange.disk_errno = errno;
    return CURL_READFUNC_ABORT;
  }
};

Result<Client> Client::for_folder(const std::string& folder) {
  auto socket = socket_path(folder);
  if (!socket) {
    // No such folder: then no server runs there either.
    return fail(Code::not_found, "no server is running on " + folder +
                                     "; start it with: essaim serve --data " + folder);
  }
  return Client(folder, std::move(*socket));
}

Result<void> Client::perform(Exchange& exchange, const std::string& path) {
  CURL* curl = exchange.curl.get();
  if (curl == nullptr) return fail(Code::internal, "no memory");
  std::string url = "http://operator" + path;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_.path.c_str());
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Exchange::take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  if (exchange.in >= 0) {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, Exchange::give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &exchange);
    curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 512L * 1024);
  } else if (exchange.body != nullptr) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, exchange.body->data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(exchange.body->size()));
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, exchange.method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, exchange.headers.get());

  CURLcode code = curl_easy_perform(curl);
  if (exchange.disk_failed) return fail(Code::io, std::strerror(exchange.disk_errno));
  if (code == CURLE_COULDNT_CONNECT) {
    return fail(Code::not_found, "no server is running on " + folder_ +
                                     "; start it with: essaim serve --data " + folder_);
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  // An answer that came before the whole body was sent counts, whatever became of the rest.
  if (code != CURLE_OK && status < 400) {
    return fail(Code::io, std::string("the server cut the connection: its log says why (") +
                              curl_easy_strerror(code) + ")");
  }
  if (status >= 200 && status < 300) return {};
  json::error_code error;
  auto value = json::parse(exchange.answer, error);
  if (!error && value.is_object()) {
    const auto* message = value.get_object().if_contains("message");
    if (message != nullptr && message->is_string()) {
      return fail(code_of(status), std::string(message->get_string()));
    }
  }
  return fail(code_of(status), "the server answered " + std::to_string(status));
}

Result<json::value> Client::json_of(Exchange& exchange, const std::string& path) {
  TRY_VOID(perform(exchange, path));
  json::error_code error;
  auto value = json::parse(exchange.answer, error);
  if (error) return fail(Code::internal, "the server's answer is not JSON");
  return value;
}

Result<json::value> Client::ask(const std::string& method, const std::string& path,
                                const json::value* body) {
  Exchange exchange;
  exchange.method = method;
  std::string text;
  if (body != nullptr) {
    text = json::serialize(*body);
    exchange.body = &text;
    exchange.header("Content-Type: application/json");
  }
  return json_of(exchange, path);
}

Result<json::value> Client::send_text(const std::string& path, const std::string& text) {
  Exchange exchange;
  exchange.method = "POST";
  exchange.body = &text;
  exchange.header("Content-Type: text/tab-separated-values");
  return json_of(exchange, path);
}

Result<json::value> Client::upload(const std::string& path, int fd) {
  Exchange exchange;
  exchange.method = "POST";
  exchange.in = fd;
  exchange.header("Content-Type: application/x-tar");
  return json_of(exchange, path);
}

Result<void> Client::download(const std::string& path, int fd) {
  Exchange exchange;
  exchange.out = fd;
  return perform(exchange, path);
}

}  // namespace essaim::main
