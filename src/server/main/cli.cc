#include "server/main/cli.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/main/commands.h"
#include "server/main/printing.h"
#include "server/main/serve.h"
#include "server/main/version.h"

namespace essaim::main {

namespace {

// What the command line filled in, and the command it chose.
struct Line {
  std::string data;
  bool version = false;
  bool verbose = false;
  bool json = false;
  std::string domain;
  ServeOptions serve;
  SpaceCreate create;
  SpacePlan plan;
  SpaceSuspend suspend;
  std::string slug;
  std::string file;
  std::string as;
  MemberAdd member;
  std::string space;
  std::string uid;
  std::string label;
  std::string role;
  std::string day;
  std::string heir;
  bool heir_given = false;  // "" is a name too, of nobody
  std::int64_t held_id = 0;
  GroupChange group;
  PlaceGive place;
  std::int64_t token_id = 0;
  bool wipe = false;
  std::string demanded_of;
  std::int64_t since = 0;
  bool password_stdin = false;
  std::function<Result<void>()> command;

  Print print() const { return json ? Print::json : Print::text; }
};

CLI::App* add_command(CLI::App& parent, Line& line, const std::string& name,
                      const std::string& help, std::function<Result<void>()> run) {
  auto* command = parent.add_subcommand(name, help);
  command->callback([&line, run = std::move(run)] { line.command = run; });
  return command;
}

void add_json(CLI::App* command, Line& line) {
  command->add_flag("--json", line.json, "print JSON");
}

void add_server_commands(CLI::App& app, Line& line) {
  auto* init = add_command(app, line, "init", "make a data folder",
                           [&line] { return essaim::main::init(line.data, line.domain); });
  init->add_option("--domain", line.domain, "spaces answer on SLUG.DOMAIN")->required();

  auto* serve = add_command(app, line, "serve", "run the server", [&line] {
    line.serve.data = line.data;
    return essaim::main::serve(line.serve);
  });
  serve->add_option("--listen", line.serve.listen, "ADDR:PORT, unix:/path or systemd:0");
  serve->add_option("--default-space", line.serve.default_space,
                    "SLUG of the space that answers on every host nobody has");
  serve->add_option("--trusted-proxy", line.serve.trusted_proxies,
                    "address or network whose X-Forwarded headers are believed");

  auto* doctor = add_command(app, line, "doctor", "look for what is wrong", [&line] {
    return essaim::main::doctor(line.data, line.space, line.print());
  });
  doctor->add_option("--space", line.space, "only this space");
  add_json(doctor, line);
}

void add_security_commands(CLI::App& space, Line& line) {
  auto* second = add_command(space, line, "second-factor", "demand a second factor", [&line] {
    return space_second_factor(line.data, line.slug, line.demanded_of);
  });
  second->add_option("SLUG", line.slug)->required();
  second->add_option("OF", line.demanded_of, "of whom: gestion or nobody")
      ->check(CLI::IsMember({"gestion", "nobody"}))
      ->required();

  auto* audit = add_command(space, line, "audit", "who did what to its accounts", [&line] {
    return space_audit(line.data, line.slug, line.since, line.print());
  });
  audit->add_option("SLUG", line.slug)->required();
  audit->add_option("--since", line.since, "only rows after this ID")
      ->check(CLI::NonNegativeNumber);
  add_json(audit, line);
}

template <class Wanted>
void add_plan(CLI::App* command, Wanted& wanted) {
  command->add_option("--quota", wanted.quota_bytes, "bytes")->check(CLI::NonNegativeNumber);
  command->add_option("--accounts", wanted.accounts_max, "how many, guests not counted")
      ->check(CLI::PositiveNumber);
}

void add_space_commands(CLI::App& app, Line& line) {
  auto* space = app.add_subcommand("space", "spaces: create, list, suspend, copy");
  space->require_subcommand(1);

  auto* create = add_command(*space, line, "create", "make a space",
                             [&line] { return space_create(line.data, line.create); });
  create->add_option("SLUG", line.create.slug, "first label of its host")->required();
  create->add_option("--name", line.create.name, "as people read it")->required();
  create->add_option("--host", line.create.hosts, "one more host or IP address it answers on");
  add_plan(create, line.create);

  auto* many = add_command(*space, line, "create-many", "make spaces from a list",
                           [&line] { return space_create_many(line.data, line.file); });
  many->add_option("FILE", line.file, "lines of SLUG TAB NAME TAB HOST,HOST; - reads stdin")
      ->required();

  auto* list = add_command(*space, line, "list", "all spaces",
                           [&line] { return space_list(line.data, line.print()); });
  add_json(list, line);

  auto* show = add_command(*space, line, "show", "one space",
                           [&line] { return space_show(line.data, line.slug, line.print()); });
  show->add_option("SLUG", line.slug)->required();
  add_json(show, line);

  auto* plan = add_command(*space, line, "plan", "what it may hold from now on",
                           [&line] { return space_plan(line.data, line.plan); });
  plan->add_option("SLUG", line.plan.slug)->required();
  add_plan(plan, line.plan);

  auto* suspend = add_command(*space, line, "suspend", "close it",
                              [&line] { return space_suspend(line.data, line.suspend); });
  suspend->add_option("SLUG", line.suspend.slug)->required();
  suspend->add_flag("--read-only", line.suspend.read_only, "close it for writes only");
  suspend->add_option("--reason", line.suspend.reason, "why, for the operators");

  auto* resume = add_command(*space, line, "resume", "open it again",
                             [&line] { return space_resume(line.data, line.slug); });
  resume->add_option("SLUG", line.slug)->required();

  auto* remove = add_command(*space, line, "delete", "close it; removed after 30 days",
                             [&line] { return space_delete(line.data, line.slug); });
  remove->add_option("SLUG", line.slug)->required();

  auto* out = add_command(*space, line, "export", "copy it into a tar",
                          [&line] { return space_export(line.data, line.slug, line.file); });
  out->add_option("SLUG", line.slug)->required();
  out->add_option("FILE", line.file, "- writes to stdout")->required();

  auto* in = add_command(*space, line, "import", "bring a copy in, or restore from it",
                         [&line] { return space_import(line.data, line.file, line.as); });
  in->add_option("FILE", line.file, "- reads stdin")->required();
  in->add_option("--as", line.as, "SLUG, instead of the one it had");
  add_security_commands(*space, line);

  auto* usage = add_command(*space, line, "usage", "what eats the quota",
                            [&line] { return space_usage(line.data, line.slug, line.print()); });
  usage->add_option("SLUG", line.slug)->required();
  add_json(usage, line);
}

// `of_member` adds what names one account.
void add_token_commands(CLI::App& member, Line& line,
                        const std::function<void(CLI::App*)>& of_member) {
  auto* tokens = add_command(member, line, "tokens", "the app tokens of an account", [&line] {
    return member_tokens(line.data, line.space, line.uid, line.print());
  });
  of_member(tokens);
  add_json(tokens, line);
  auto* end = add_command(member, line, "token-end", "end an app token", [&line] {
    return member_token_end(line.data, line.space, line.uid, line.token_id,
                            line.wipe ? Wipe::yes : Wipe::no);
  });
  of_member(end);
  end->add_option("ID", line.token_id, "as `member tokens` lists it")->required();
  end->add_flag("--wipe", line.wipe, "have its device erase what it holds, then end it");
  of_member(
      add_command(member, line, "picture-remove", "for one that should not be there",
                  [&line] { return member_picture_remove(line.data, line.space, line.uid); }));
  of_member(add_command(member, line, "second-factor-off", "for a lost phone", [&line] {
    return member_second_factor_off(line.data, line.space, line.uid);
  }));
}

// What ends an account, and what becomes of its files.
void add_leaving_commands(CLI::App& member, Line& line,
                          const std::function<void(CLI::App*)>& of_space,
                          const std::function<void(CLI::App*)>& of_member) {
  auto* expires = add_command(member, line, "expires", "when a guest's account ends", [&line] {
    return member_expires(line.data, line.space, line.uid, line.day);
  });
  of_member(expires);
  expires->add_option("DAY", line.day, "the last day, as 2027-06-14, or never")->required();

  auto* handover = add_command(member, line, "handover", "end an account", [&line] {
    std::optional<std::string> heir;
    if (line.heir_given) heir = line.heir;
    return member_handover(line.data, line.space, line.uid, heir);
  });
  of_member(handover);
  handover
      ->add_option("--heir", line.heir,
                   "UID of who gets their files; without, they are held for 30 days")
      ->each([&line](const std::string&) { line.heir_given = true; });

  auto* held = add_command(member, line, "held", "files held of people who are gone",
                           [&line] { return member_held(line.data, line.space, line.print()); });
  of_space(held);
  add_json(held, line);

  auto* take = add_command(member, line, "take-over", "give held files to somebody", [&line] {
    return member_take_over(line.data, line.space, line.held_id, line.heir);
  });
  of_space(take);
  take->add_option("HELD_ID", line.held_id, "as `member held` lists it")->required();
  take->add_option("HEIR", line.heir, "log-in name of who gets them")->required();
}

void add_member_commands(CLI::App& app, Line& line) {
  auto* member = app.add_subcommand("member", "the people of a space");
  member->require_subcommand(1);
  auto of_space = [&line](CLI::App* command) {
    command->add_option("--space", line.space, "SLUG")->required();
  };
  auto of_member = [&line, of_space](CLI::App* command) {
    of_space(command);
    command->add_option("UID", line.uid, "log-in name")->required();
  };
  auto with_password = [&line](CLI::App* command) {
    command->add_flag("--password-stdin", line.password_stdin, "read the password from stdin")
        ->required();
  };

  auto* add = add_command(*member, line, "add", "make an account", [&line] {
    line.member.space = line.space;
    line.member.uid = line.uid;
    return member_add(line.data, line.member);
  });
  of_member(add);
  add->add_option("--role", line.member.role, "gestion, referent, member or guest")
      ->check(CLI::IsMember({"gestion", "referent", "member", "guest"}))
      ->default_val("member");
  add->add_option("--email", line.member.email);
  add->add_option("--name", line.member.display, "as people read it");
  add->add_option("--quota", line.member.quota_bytes, "bytes")->check(CLI::NonNegativeNumber);
  with_password(add);

  auto* list = add_command(*member, line, "list", "all accounts of a space",
                           [&line] { return member_list(line.data, line.space, line.print()); });
  of_space(list);
  add_json(list, line);

  auto* passwd = add_command(*member, line, "passwd", "set a password",
                             [&line] { return member_passwd(line.data, line.space, line.uid); });
  of_member(passwd);
  with_password(passwd);

  of_member(add_command(*member, line, "disable", "close an account", [&line] {
    return member_disable(line.data, line.space, line.uid, Disabled::yes);
  }));
  of_member(add_command(*member, line, "enable", "open an account again", [&line] {
    return member_disable(line.data, line.space, line.uid, Disabled::no);
  }));

  auto* role = add_command(*member, line, "role", "change what somebody is in the space", [&line] {
    return member_role(line.data, line.space, line.uid, line.role);
  });
  of_member(role);
  role->add_option("ROLE", line.role, "gestion, referent, member or guest")
      ->check(CLI::IsMember({"gestion", "referent", "member", "guest"}))
      ->required();

  auto* token = add_command(*member, line, "token", "print a new app token, once", [&line] {
    return member_token(line.data, line.space, line.uid, line.label);
  });
  of_member(token);
  token->add_option("--name", line.label, "what it is for")->required();
  add_token_commands(*member, line, of_member);
  add_leaving_commands(*member, line, of_space, of_member);
}

void add_group_commands(CLI::App& app, Line& line) {
  auto* group = app.add_subcommand("group", "groups of members");
  group->require_subcommand(1);
  auto of_space = [&line](CLI::App* command) {
    command->add_option("--space", line.group.space, "SLUG")->required();
  };
  auto of_group = [&line, of_space](CLI::App* command) {
    of_space(command);
    command->add_option("GID", line.group.gid, "name that stays")->required();
  };

  auto* add = add_command(*group, line, "add", "make a group",
                          [&line] { return group_add(line.data, line.group); });
  of_group(add);
  add->add_option("--name", line.group.display, "as people read it");

  auto* list = add_command(*group, line, "list", "all groups of a space", [&line] {
    return group_list(line.data, line.group.space, line.print());
  });
  of_space(list);
  add_json(list, line);

  of_group(add_command(*group, line, "remove", "remove a group, not its people",
                       [&line] { return group_remove(line.data, line.group); }));

  auto* join = add_command(*group, line, "join", "put an account into a group",
                           [&line] { return group_join(line.data, line.group); });
  of_group(join);
  join->add_option("UID", line.group.uid, "log-in name")->required();
  join->add_flag("--manager", line.group.manager, "who adds and removes its members");

  auto* leave = add_command(*group, line, "leave", "take an account out of a group",
                            [&line] { return group_leave(line.data, line.group); });
  of_group(leave);
  leave->add_option("UID", line.group.uid, "log-in name")->required();
}

// Exactly one says whom a level is for.
void add_grantee(CLI::App* give, Line& line) {
  auto* whom = give->add_option_group("to whom");
  whom->require_option(1);
  auto named = [&](const char* kind, const char* value) {
    whom->add_option_function<std::string>("--" + std::string(kind),
                                           [&line, kind](const std::string& name) {
                                             line.place.kind = kind;
                                             // An empty name would be a wish for nobody.
                                             line.place.name = name.empty() ? "-" : name;
                                           })
        ->type_name(value);
  };
  named("member", "UID");
  named("group", "GID");
  named("managers", "GID");
  for (const char* kind : {"everyone", "gestion"}) {
    whom->add_flag_callback("--" + std::string(kind), [&line, kind] { line.place.kind = kind; });
  }
}

void add_place_commands(CLI::App& app, Line& line) {
  auto* place = app.add_subcommand("place", "the common folder and those of groups");
  place->require_subcommand(1);
  auto of_space = [&line](CLI::App* command) {
    command->add_option("--space", line.place.space, "SLUG")->required();
  };
  auto of_place = [&line, of_space](CLI::App* command) {
    of_space(command);
    command->add_option("ID", line.place.id, "as `place list` has it, or of a folder in one")
        ->required();
  };

  auto* list = add_command(*place, line, "list", "all places of a space", [&line] {
    return place_list(line.data, line.place.space, line.print());
  });
  of_space(list);
  add_json(list, line);

  auto* rights = add_command(*place, line, "rights", "who may do what in a place", [&line] {
    return place_rights(line.data, line.place.space, line.place.id, line.print());
  });
  of_place(rights);
  add_json(rights, line);

  auto* give = add_command(*place, line, "give", "say who may do what in a place",
                           [&line] { return place_give(line.data, line.place); });
  of_place(give);
  give->add_option("LEVEL", line.place.level, "see, comment, edit, drop, manage or none")
      ->check(CLI::IsMember({"see", "comment", "edit", "drop", "manage", "none"}))
      ->required();
  add_grantee(give, line);
}

void print_version(const Line& line) {
  print_line("essaim " + std::string(version()));
  if (!line.verbose) return;
  for (const auto& [name, built, loaded] : library_versions()) {
    std::string text = name;
    text.append(" ").append(loaded.empty() ? built : loaded);
    if (!loaded.empty()) text.append(" (built with ").append(built).append(")");
    print_line(text);
  }
}

int run_command(const Line& line) {
  auto done = line.command();
  if (std::fflush(stdout) != 0 && done) done = fail(Code::io, "standard output cannot be written");
  if (done) return kDone;
  std::fprintf(stderr, "essaim: %s\n", done.error().detail.c_str());
  return kRefused;
}

}  // namespace

int run(int argc, char** argv) {
  Line line;
  CLI::App app("Private clouds for thousands of associations, in one process.", "essaim");
  app.fallthrough();
  app.require_subcommand(0, 1);
  app.add_option("--data", line.data, "the data folder")->envname("ESSAIM_DATA");
  app.add_flag("--version", line.version, "print the release");
  app.add_flag("--verbose", line.verbose, "with --version: the libraries and the compiler too");
  add_server_commands(app, line);
  add_space_commands(app, line);
  add_member_commands(app, line);
  add_group_commands(app, line);
  add_place_commands(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? kDone : kWrongUse;
  }
  if (line.version) {
    print_version(line);
    return kDone;
  }
  if (!line.command) {
    std::fprintf(stderr, "essaim: no command given; essaim --help lists them\n");
    return kWrongUse;
  }
  if (line.data.empty()) {
    std::fprintf(stderr, "essaim: no data folder: give --data DIR or set ESSAIM_DATA\n");
    return kWrongUse;
  }
  try {
    return run_command(line);
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "essaim: %s\n", bug.what());
    return kRefused;
  }
}

}  // namespace essaim::main
