#include "server/main/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "features/fleet/names.h"

namespace essaim::main {

namespace {

constexpr std::size_t kSocketPathMax = sizeof(sockaddr_un::sun_path) - 1;

tl::unexpected<Error> system_failure(const std::string& what) {
  return fail(Code::io, what + ": " + std::strerror(errno));
}

std::string key_path(const std::string& folder) {
  return folder + "/secret.key";
}
std::string settings_path(const std::string& folder) {
  return folder + "/" + std::string(config::kFileName);
}

Result<void> write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t wrote = ::write(fd, text.data(), text.size());
    if (wrote < 0) return system_failure("write");
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<void> sync_folder(const std::string& folder) {
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return system_failure(folder);
  return {};
}

// Writes a small file that is there whole, with mode 0600, or not at all.
Result<void> write_file(const std::string& path, std::string_view text) {
  std::string part = path + ".part";
  UniqueFd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return system_failure(part);
  TRY_VOID(write_all(fd.get(), text));
  if (::fsync(fd.get()) != 0) return system_failure(part);
  if (::rename(part.c_str(), path.c_str()) != 0) return system_failure(path);
  return sync_folder(path.substr(0, path.rfind('/')));
}

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

std::string hex(const secrets::Key& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned char byte : key) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string absolute(const std::string& folder) {
  auto path = std::filesystem::absolute(folder).lexically_normal().string();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

Result<void> init_data_folder(const std::string& folder, const std::string& domain) {
  auto canonical = fleet::canonical_domain(domain);
  if (!canonical || canonical->size() + fleet::kSlugMax + 1 > fleet::kHostMax) {
    return fail(Code::bad_request, "'" + domain + "' is not a domain");
  }
  if (exists(settings_path(folder))) return fail(Code::exists, folder + " is initialised already");
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return fail(Code::io, folder + ": " + failed.message());
  if (::chmod(folder.c_str(), 0700) != 0) return system_failure(folder);
  // The settings come last: with them the folder counts as initialised.
  if (!exists(key_path(folder))) {
    TRY_VOID(write_file(key_path(folder), hex(secrets::random_key()) + "\n"));
  }
  return write_file(settings_path(folder), config::initial_file(*canonical));
}

Result<config::Config> read_settings(const std::string& folder) {
  auto settings = config::load(folder);
  if (!settings && settings.error().code == Code::not_found) {
    return fail(Code::not_found, folder + " is not initialised; run: essaim init --data " + folder +
                                     " --domain DOMAIN");
  }
  return settings;
}

Result<secrets::Key> read_key(const std::string& folder) {
  auto path = key_path(folder);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    return fail(errno == ENOENT ? Code::not_found : Code::io, path + ": " + std::strerror(errno));
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return system_failure(path);
  if ((status.st_mode & 077) != 0) {
    return fail(Code::forbidden, path + " may be read by others; run: chmod 600 " + path);
  }
  secrets::Key key{};
  std::array<char, 2 * key.size()> text{};
  if (::read(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return fail(Code::corrupt, path + " is not a key");
  }
  for (std::size_t i = 0; i < key.size(); ++i) {
    int high = digit(text[2 * i]);
    int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return fail(Code::corrupt, path + " is not a key");
    key[i] = static_cast<unsigned char>(16 * high + low);
  }
  return key;
}

Result<UniqueFd> lock_data_folder(const std::string& folder) {
  auto path = folder + "/essaim.lock";
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return system_failure(path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_failure(path);
    std::array<char, 32> holder{};
    ssize_t got = ::read(fd.get(), holder.data(), holder.size() - 1);
    std::string who(holder.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    while (who.ends_with('\n')) who.pop_back();
    return fail(Code::locked, "a server is running on " + folder + " already" +
                                  (who.empty() ? std::string() : " (process " + who + ")"));
  }
  // Who holds it, for the message above only.
  std::string self = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0) return system_failure(path);
  TRY_VOID(write_all(fd.get(), self));
  return fd;
}

Result<SocketPath> socket_path(const std::string& folder) {
  constexpr std::string_view kName = "/essaim.sock";
  SocketPath result;
  result.path = folder + std::string(kName);
  if (result.path.size() <= kSocketPathMax) return result;
  result.folder_fd = UniqueFd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!result.folder_fd) return system_failure(folder);
  result.path = "/proc/self/fd/" + std::to_string(result.folder_fd.get()) + std::string(kName);
  return result;
}

}  // namespace essaim::main
