#include "server/door/metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

namespace essaim::door {

namespace {

enum class Kind : bool { gauge, counter };

void line(std::string& out, std::string_view name, Kind kind, std::string_view help,
          const std::string& value) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name);
  out.append(kind == Kind::counter ? " counter\n" : " gauge\n");
  out.append(name).append(" ").append(value).append("\n");
}

void line(std::string& out, std::string_view name, Kind kind, std::string_view help,
          std::int64_t value) {
  line(out, name, kind, help, std::to_string(value));
}

// Resident memory in bytes; 0 when the system does not tell.
std::int64_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  long long total = 0;
  long long resident = 0;
  int read = std::fscanf(file, "%lld %lld", &total, &resident);
  std::fclose(file);
  return read == 2 ? resident * ::sysconf(_SC_PAGESIZE) : 0;
}

std::int64_t open_descriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  std::int64_t count = -3;  // ".", ".." and the one that reads
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

std::int64_t descriptors_max() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<std::int64_t>(limit.rlim_cur) : 0;
}

std::string cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::int64_t us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 +
                    usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  auto fraction = std::to_string(us % 1'000'000);
  return std::to_string(us / 1'000'000) + "." + std::string(6 - fraction.size(), '0') + fraction;
}

void process_lines(std::string& out) {
  line(out, "process_resident_memory_bytes", Kind::gauge, "Memory in use.", resident_bytes());
  line(out, "process_open_fds", Kind::gauge, "Open file descriptors.", open_descriptors());
  line(out, "process_max_fds", Kind::gauge, "Most file descriptors it may open.",
       descriptors_max());
  line(out, "process_cpu_seconds_total", Kind::counter, "CPU time used.", cpu_seconds());
}

void http_lines(std::string& out, const http_server::Counters& http) {
  line(out, "essaim_http_connections_open", Kind::gauge, "Open connections.",
       http.connections_open);
  line(out, "essaim_http_connections_accepted_total", Kind::counter, "Connections accepted.",
       http.connections_accepted);
  line(out, "essaim_http_connections_refused_total", Kind::counter,
       "Connections closed at once, over the limit.", http.connections_refused);
  line(out, "essaim_http_requests_total", Kind::counter, "Requests.", http.requests);
  line(out, "essaim_http_received_bytes_total", Kind::counter, "Bytes received.", http.bytes_in);
  line(out, "essaim_http_sent_bytes_total", Kind::counter, "Bytes sent.", http.bytes_out);
}

void lane_lines(std::string& out, const lane::Counters& lanes) {
  line(out, "essaim_lane_open_spaces", Kind::gauge, "Spaces open now.", lanes.open_spaces);
  line(out, "essaim_lane_turns_waiting", Kind::gauge, "Turns waiting.", lanes.turns_waiting);
  line(out, "essaim_lane_opens_total", Kind::counter, "Spaces opened.", lanes.opens);
  line(out, "essaim_lane_reads_total", Kind::counter, "Read turns.", lanes.reads);
  line(out, "essaim_lane_writes_total", Kind::counter, "Write turns.", lanes.writes);
  line(out, "essaim_lane_commits_total", Kind::counter, "Commits; one is shared by many writes.",
       lanes.commits);
  line(out, "essaim_lane_reruns_total", Kind::counter,
       "Writes run again because their group was lost.", lanes.reruns);
  line(out, "essaim_lane_checkpoints_total", Kind::counter, "Checkpoints.", lanes.checkpoints);
  line(out, "essaim_lane_rests_total", Kind::counter,
       "Rests of spaces that took more than their share of the processors.", lanes.rests);
  line(out, "essaim_lane_lost_handles_total", Kind::counter,
       "Spaces closed and opened again after an I/O error.", lanes.lost_handles);
}

}  // namespace

std::string render_metrics(const Counted& counted) {
  std::string out;
  out += "# HELP essaim_info The running release.\n# TYPE essaim_info gauge\n";
  out += "essaim_info{version=\"" + counted.version + "\"} 1\n";
  out += "# HELP essaim_spaces Spaces by state.\n# TYPE essaim_spaces gauge\n";
  for (std::size_t i = 0; i < counted.spaces.size(); ++i) {
    out.append("essaim_spaces{state=\"").append(name(static_cast<fleet::State>(i)));
    out.append("\"} ").append(std::to_string(counted.spaces[i])).append("\n");
  }
  http_lines(out, counted.http);
  lane_lines(out, counted.lanes);
  process_lines(out);
  return out;
}

}  // namespace essaim::door
