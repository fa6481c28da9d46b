"""The HTTP side of the stand-in for the server, and the whole of it without processes."""

import base64
import http.server
import io
import pathlib
import socket
import threading

import server as servers
from tests import fake_essaim


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
        for slug, space in fake_essaim.load(self.data)["spaces"].items():
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


class InProcess(servers.Server):
    """The same without processes, which is many times faster."""

    lock = threading.Lock()
    http = None
    ends_with = 0

    def command(self, *arguments, given=None, code=0):
        out = io.StringIO()
        with self.lock:
            found = fake_essaim.main(["--data", str(self.data), *arguments], given, out)
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
