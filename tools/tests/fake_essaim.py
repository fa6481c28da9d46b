#!/usr/bin/env python3
"""A stand-in for the server, for the tests of the tools: a few commands and a few requests.

It keeps files in memory and spaces in DATA/spaces.json, and can be told to misbehave by headers.
"""

import argparse
import base64
import http.server
import io
import json
import os
import pathlib
import signal
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import server as servers  # noqa: E402  (the path comes first)

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


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files = {}
    data = pathlib.Path()

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", kind="text/plain", **more):
        self.send_response(status)
        if status not in (204, 304):
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if status not in (204, 304) and self.command != "HEAD":
            self.wfile.write(body)

    def space(self):
        host = self.headers["Host"].split(":")[0]
        for slug, space in load(self.data)["spaces"].items():
            if host in space["hosts"]:
                return slug, space
        return None, None

    def caller(self, space):
        kind, _, text = self.headers.get("Authorization", "").partition(" ")
        if kind != "Basic":
            return None
        uid, _, secret = base64.b64decode(text).decode().partition(":")
        member = space["members"].get(uid)
        if member and secret in (member["password"], *member["tokens"]):
            return uid
        return None

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/status.php":
            self.answer(200, b'{"installed": true, "maintenance": false}', "application/json")
            return
        slug, space = self.space()
        if space is None:
            self.answer(404)
        elif space.get("suspended"):
            self.answer(503, Retry_After="120")
        elif self.caller(space) is None:
            self.answer(401, WWW_Authenticate='Basic realm="fake"')
        else:
            getattr(self, "on_" + self.command.lower())((slug, self.path), body)

    do_GET = do_PUT = do_HEAD = do_PROPFIND = do_DELETE = handle_any

    def on_put(self, key, body):
        status = 204 if key in self.files else 201
        self.files[key] = body
        self.answer(status, ETag=f'"{len(body)}-{hash(body) & 0xffff:x}"')

    def on_get(self, key, _):
        if key not in self.files:
            self.answer(404)
        else:
            kind = "application/json" if key[1].endswith(".json") else "text/plain"
            self.answer(200, self.files[key], kind)

    on_head = on_get

    def on_delete(self, key, _):
        self.answer(204 if self.files.pop(key, None) is not None else 404)

    def on_propfind(self, key, _):
        found = [k for k in self.files if k[0] == key[0] and k[1].startswith(key[1])]
        responses = "".join(
            f"<d:response><d:href>{path}</d:href><d:propstat><d:prop>"
            f'<d:getetag>"{len(self.files[slug, path])}-x"</d:getetag>'
            f"<d:getcontentlength>{len(self.files[slug, path])}</d:getcontentlength></d:prop>"
            "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
            for slug, path in found
        )
        text = f'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">{responses}</d:multistatus>'
        self.answer(207, text.encode(), "application/xml; charset=utf-8")


def listen_on(listen, data):
    """A running HTTP server for the spaces of `data`, with no file in it yet."""
    address, _, port = listen.rpartition(":")
    handler = type("Bound", (Handler,), {"data": data, "files": {}})
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = type("Family", (http.server.ThreadingHTTPServer,), {"address_family": family})
    server = kind((address.strip("[]"), int(port)), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def command_serve(options, data):
    for listen in options.listen or ["127.0.0.1:8080"]:
        listen_on(listen, data)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    stop.wait()
    return 0


class InProcess(servers.Server):
    """The same without processes, which is many times faster."""

    lock = threading.Lock()
    http = None
    ends_with = 0

    def command(self, *arguments, given=None, code=0):
        out = io.StringIO()
        with self.lock:
            found = main(["--data", str(self.data), *arguments], given, out)
        if found != code:
            raise servers.Refused(f"`essaim {' '.join(arguments)}` ended with {found}, not {code}")
        return out.getvalue()

    def operator(self, method, path, body):
        if path == "/fleet/v1/spaces":
            self.command("space", "create", body["slug"], "--name", body["name"])
            return {}
        parts = path.removeprefix("/fleet/v1/spaces/").split("/")
        if parts[-1] == "tokens":
            words = ("member", "token", "--space", parts[0], parts[2], "--name", body["name"])
            return {"token": self.command(*words).strip()}
        words = ("member", "add", "--space", parts[0], body["uid"], "--password-stdin")
        self.command(*words, given=body["password"] + "\n")
        return {}

    def start(self):
        self.initialise()
        self.http = listen_on(f"{self.address}:{self.port}", self.data)
        self.port = self.http.server_address[1]
        return self

    def stop(self):
        if self.http is not None:
            self.http.shutdown()
            self.http.server_close()
            self.http = None
        return self.ends_with


def main(arguments=None, given=None, out=sys.stdout):
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
