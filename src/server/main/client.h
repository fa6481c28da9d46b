// The command's side of the operator's socket: HTTP by libcurl.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "base/core/error.h"
#include "server/main/data_folder.h"

namespace essaim::main {

class Client {
 public:
  // Nothing is sent yet. Error: io.
  static Result<Client> for_folder(const std::string& folder);

  // Sends one request and gives the JSON of the answer. Errors: not_found (no server runs there,
  // with the command that helps), io (the connection was lost), and what the server refused, with
  // its line.
  Result<boost::json::value> ask(const std::string& method, const std::string& path,
                                 const boost::json::value* body = nullptr);
  // The same, with a body that is sent as it is.
  Result<boost::json::value> send_text(const std::string& path, const std::string& text);
  // Sends what `fd` holds, to its end.
  Result<boost::json::value> upload(const std::string& path, int fd);
  // Writes the answer to `fd`, as it comes. After an error `fd` holds a part of it.
  Result<void> download(const std::string& path, int fd);

 private:
  struct Exchange;
  Client(std::string folder, SocketPath socket)
      : folder_(std::move(folder)), socket_(std::move(socket)) {}
  Result<void> perform(Exchange& exchange, const std::string& path);
  Result<boost::json::value> json_of(Exchange& exchange, const std::string& path);

  std::string folder_;
  SocketPath socket_;
};

}  // namespace essaim::main
