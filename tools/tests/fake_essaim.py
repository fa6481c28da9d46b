#!/usr/bin/env -S python3 -S
"""A stand-in for the server, for the tests of the tools: a few commands and a few requests.

It keeps files in memory and spaces in DATA/spaces.json. Started often, so it imports little.
"""

import json
import os
import pathlib
import sys

STATE = "spaces.json"


def load(data):
    return json.loads((data / STATE).read_text())


def save(data, state):
    fresh = data / f"{STATE}.new"
    fresh.write_text(json.dumps(state))
    fresh.rename(data / STATE)


def command_init(options, data):
    data.mkdir(parents=True, exist_ok=True)
    save(data, {"domain": options.domain, "spaces": {}})


def command_space(options, data):
    state = load(data)
    if options.verb == "list":
        listed = [{"slug": slug, **space} for slug, space in state["spaces"].items()]
        print(json.dumps(listed), file=options.out)
    elif options.verb == "create":
        if options.slug in state["spaces"]:
            print(f"the slug {options.slug} is taken", file=options.out)
            return 1
        host = f"{options.slug}.{state['domain']}"
        state["spaces"][options.slug] = {"hosts": [host, *options.host], "members": {}}
    elif options.verb == "suspend":
        state["spaces"][options.slug]["suspended"] = True
    save(data, state)
    return 0


def command_member(options, data):
    state = load(data)
    members = state["spaces"][options.space]["members"]
    if options.verb == "list":
        print(json.dumps([{"uid": uid} for uid in members]), file=options.out)
    elif options.verb == "add":
        password = (options.given or sys.stdin.readline()).strip()
        members[options.uid] = {"password": password, "tokens": []}
    else:
        members[options.uid]["tokens"].append(f"token{options.uid}{options.space}")
        print(members[options.uid]["tokens"][-1], file=options.out)
    save(data, state)
    return 0


def command_serve(options, data):
    import signal
    import threading

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
    from tests import fake_server

    for listen in options.listen or ["127.0.0.1:8080"]:
        fake_server.listen_on(listen, data)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    stop.wait()
    return 0


def main(arguments=None, given=None, out=sys.stdout):
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default=os.environ.get("ESSAIM_DATA"))
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser("init")
    init.add_argument("--domain", required=True)
    serve = commands.add_parser("serve")
    serve.add_argument("--data", dest="data", default=os.environ.get("ESSAIM_DATA"))
    serve.add_argument("--listen", action="append")
    serve.add_argument("--default-space")
    space = commands.add_parser("space")
    space.add_argument("verb")
    space.add_argument("slug", nargs="?")
    space.add_argument("--json", action="store_true")
    space.add_argument("--name")
    space.add_argument("--host", action="append", default=[])
    member = commands.add_parser("member")
    member.add_argument("verb")
    member.add_argument("--json", action="store_true")
    member.add_argument("--space")
    member.add_argument("--role")
    member.add_argument("--name")
    member.add_argument("--password-stdin", action="store_true")
    options, rest = parser.parse_known_args(arguments)
    options.given, options.out = given, out
    options.uid = rest[0] if rest else None
    return globals()[f"command_{options.command}"](options, pathlib.Path(options.data)) or 0


if __name__ == "__main__":
    sys.exit(main())
