#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "server/main/client.h"
#include "server/main/commands.h"
#include "server/main/data_folder.h"
#include "server/main/internal/asking.h"
#include "server/main/printing.h"

namespace essaim::main {

namespace json = boost::json;
using internal::escaped;
using internal::space_path;

namespace {

constexpr std::size_t kBulkFileMax = 64 * 1024 * 1024;  // bytes

tl::unexpected<Error> file_failure(const std::string& file) {
  return fail(Code::io, file + ": " + std::strerror(errno));
}

Result<UniqueFd> open_input(const std::string& file) {
  if (file == "-") return UniqueFd(::dup(STDIN_FILENO));
  UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return file_failure(file);
  return fd;
}

// Whatever happens, `file` is what it was or a whole copy; a broken one is taken away.
Result<void> export_to_file(Client& client, const std::string& path, const std::string& file) {
  std::string part = file + ".part";
  UniqueFd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return file_failure(part);
  auto done = [&]() -> Result<void> {
    TRY_VOID(client.download(path, fd.get()));
    if (::fsync(fd.get()) != 0) return file_failure(part);
    if (::rename(part.c_str(), file.c_str()) != 0) return file_failure(file);
    return {};
  }();
  if (!done) {
    ::unlink(part.c_str());
    return done;
  }
  auto slash = file.rfind('/');
  std::string folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  UniqueFd around(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!around || ::fsync(around.get()) != 0) return file_failure(folder);
  return {};
}

void print_hosts(const json::value& space) {
  const auto* hosts = space.get_object().if_contains("hosts");
  if (hosts == nullptr || !hosts->is_array()) return;
  for (const auto& host : hosts->get_array()) {
    print_line("  answers on " + std::string(host.get_string()));
  }
}

void put_plan(json::object& body, const std::optional<std::int64_t>& quota_bytes,
              const std::optional<std::int64_t>& accounts_max) {
  if (quota_bytes) body["quota_bytes"] = *quota_bytes;
  if (accounts_max) body["accounts_max"] = *accounts_max;
}

}  // namespace

Result<void> init(const std::string& data, const std::string& domain) {
  auto folder = absolute(data);
  TRY_VOID(init_data_folder(folder, domain));
  print_line("initialised " + folder + " for " + domain);
  print_line("start it with: essaim serve --data " + folder);
  return {};
}

Result<void> space_create(const std::string& data, const SpaceCreate& wanted) {
  auto client = TRY(Client::for_folder(absolute(data)));
  json::value body = json::object{{"slug", wanted.slug},
                                  {"name", wanted.name},
                                  {"hosts", json::array(wanted.hosts.begin(), wanted.hosts.end())}};
  put_plan(body.get_object(), wanted.quota_bytes, wanted.accounts_max);
  auto space = TRY(client.ask("POST", "/fleet/v1/spaces", &body));
  print_line("created space " + wanted.slug);
  print_hosts(space);
  return {};
}

Result<void> space_create_many(const std::string& data, const std::string& file) {
  auto fd = TRY(open_input(file));
  auto lines = TRY(internal::read_all(fd.get(), kBulkFileMax));
  auto client = TRY(Client::for_folder(absolute(data)));
  auto answer = TRY(client.send_text("/fleet/v1/spaces/bulk", lines));
  print_line("created " + field(answer.get_object(), "created") + " spaces");
  return {};
}

Result<void> space_list(const std::string& data, Print print) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto spaces = TRY(client.ask("GET", "/fleet/v1/spaces"));
  if (print == Print::json) {
    print_json(spaces);
    return {};
  }
  std::vector<std::vector<std::string>> rows{{"SLUG", "STATE", "NAME", "HOSTS"}};
  for (const auto& space : spaces.get_array()) {
    const auto& object = space.get_object();
    rows.push_back({field(object, "slug"), field(object, "state"), field(object, "name"),
                    field(object, "hosts")});
  }
  print_table(rows);
  return {};
}

Result<void> space_show(const std::string& data, const std::string& slug, Print print) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto space = TRY(client.ask("GET", space_path(slug)));
  if (print == Print::json) {
    print_json(space);
  } else {
    print_fields(space.get_object());
  }
  return {};
}

Result<void> space_plan(const std::string& data, const SpacePlan& wanted) {
  auto client = TRY(Client::for_folder(absolute(data)));
  json::value body = json::object();
  put_plan(body.get_object(), wanted.quota_bytes, wanted.accounts_max);
  auto plan = TRY(client.ask("PATCH", space_path(wanted.slug, "/plan"), &body));
  const auto& object = plan.get_object();
  print_line("space " + wanted.slug + " may hold " + field(object, "quota_bytes") + " bytes and " +
             field(object, "accounts_max") + " accounts, of which " + field(object, "accounts") +
             " are there");
  return {};
}

Result<void> space_suspend(const std::string& data, const SpaceSuspend& wanted) {
  auto client = TRY(Client::for_folder(absolute(data)));
  json::value body = json::object{{"read_only", wanted.read_only}, {"reason", wanted.reason}};
  TRY(client.ask("POST", space_path(wanted.slug, "/suspend"), &body));
  print_line("suspended space " + wanted.slug + (wanted.read_only ? " (read-only)" : ""));
  return {};
}

Result<void> space_resume(const std::string& data, const std::string& slug) {
  auto client = TRY(Client::for_folder(absolute(data)));
  TRY(client.ask("POST", space_path(slug, "/resume")));
  print_line("resumed space " + slug);
  return {};
}

Result<void> space_delete(const std::string& data, const std::string& slug) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto space = TRY(client.ask("DELETE", space_path(slug)));
  print_line("deleted space " + slug + "; it is held until " +
             field(space.get_object(), "removed_after") + " and can be resumed until then");
  return {};
}

Result<void> space_export(const std::string& data, const std::string& slug,
                          const std::string& file) {
  auto client = TRY(Client::for_folder(absolute(data)));
  auto path = space_path(slug, "/export");
  if (file == "-") return client.download(path, STDOUT_FILENO);
  TRY_VOID(export_to_file(client, path, file));
  print_line("exported space " + slug + " to " + file);
  return {};
}

Result<void> space_import(const std::string& data, const std::string& file, const std::string& as) {
  auto fd = TRY(open_input(file));
  auto client = TRY(Client::for_folder(absolute(data)));
  std::string path = "/fleet/v1/import";
  if (!as.empty()) path += "?as=" + escaped(as);
  auto answer = TRY(client.upload(path, fd.get()));
  const auto& space = answer.get_object().at("space");
  print_line(field(answer.get_object(), "outcome") + " space " + field(space.get_object(), "slug"));
  print_hosts(space);
  return {};
}

Result<void> doctor(const std::string& data, const std::string& space, Print print) {
  auto client = TRY(Client::for_folder(absolute(data)));
  std::string path = "/fleet/v1/doctor";
  if (!space.empty()) path += "?space=" + escaped(space);
  auto answer = TRY(client.ask("POST", path));
  const auto& problems = answer.get_object().at("problems").get_array();
  if (print == Print::json) {
    print_json(answer);
  } else {
    for (const auto& problem : problems) {
      auto slug = field(problem.get_object(), "space");
      print_line((slug.empty() ? "" : slug + ": ") + field(problem.get_object(), "problem"));
    }
    print_line("checked " + field(answer.get_object(), "checked") + " spaces");
  }
  if (problems.empty()) return {};
  return fail(Code::corrupt, std::to_string(problems.size()) + " problems found");
}

}  // namespace essaim::main
