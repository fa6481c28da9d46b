"""The sample configurations of packaging/ in front of a real server: Caddy, nginx, HAProxy.

Each proxy runs in the foreground with its sample as it is, but for the port, the certificate and
the address of the server behind it. Requests go through TLS to `voile.essaim.test`.
"""

import base64
import contextlib
import http.client
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import time
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
from essaim_server import DOMAIN, Server, free_port, scratch

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
START_SECONDS_MAX = 20
LOG_SECONDS_MAX = 5
LARGE = 24 * 1024 * 1024  # bytes; more than any buffer on the way
NGINX_AROUND = "daemon off;\npid {0}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{1}\n}}\n"


def certificate(folder):
    """A self-signed certificate: (chain, key, both in one file)."""
    chain, key, both = (folder / name for name in ("chain.pem", "key.pem", "site.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=*.essaim.test", "-addext", "subjectAltName=DNS:*.essaim.test",
         "-keyout", key, "-out", chain],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    both.write_text(chain.read_text() + key.read_text())
    return chain, key, both


def adapted(text, port, behind, files):
    """A sample with this test's port, server and certificate; each must have been in it."""
    chain, key, both = files
    replaced = text
    for old, new in (
        ("127.0.0.1:8080", behind),
        ("/etc/essaim/tls/fullchain.pem", str(chain)),
        ("/etc/essaim/tls/privkey.pem", str(key)),
        ("/etc/essaim/tls/site.pem", str(both)),
        ("*.example.org, example.org {", f"https://*.essaim.test:{port} {{"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("example.org", "essaim.test"),
        ("bind :443", f"bind 127.0.0.1:{port}"),
    ):
        replaced = replaced.replace(old, new)
    assert ":443" not in replaced and "8080" not in replaced, replaced
    return replaced


def caddy(folder, text):
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]


def nginx(folder, text):
    (folder / "nginx.conf").write_text(NGINX_AROUND.format(folder, text))
    return ["nginx", "-p", folder, "-c", folder / "nginx.conf"]


def haproxy(folder, text):
    (folder / "haproxy.cfg").write_text(text)
    return ["haproxy", "-db", "-f", folder / "haproxy.cfg"]


PROXIES = (("Caddyfile", caddy), ("nginx.conf", nginx), ("haproxy.cfg", haproxy))


@contextlib.contextmanager
def running(folder, sample, prepare, behind):
    """The proxy with its sample; gives its port."""
    port = free_port(["127.0.0.1"])
    files = certificate(folder)
    text = adapted((PACKAGING / sample).read_text(), port, behind, files)
    command = prepare(folder, text)
    with open(folder / "proxy.log", "wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, env={**os.environ, "HOME": str(folder)}
        )
    try:
        wait_for(port, process, folder / "proxy.log")
        yield port
    finally:
        process.terminate()
        process.wait(START_SECONDS_MAX)


def wait_for(port, process, log):
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(errors="replace")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"the proxy does not listen: {log.read_text(errors='replace')}")


class Tls(http.client.HTTPSConnection):
    """A TLS connection to the proxy, asking for one host."""

    def __init__(self, port, host):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(host, port, timeout=60, context=context)

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), 60)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


class Through:
    """Requests of one member through the proxy."""

    def __init__(self, port, space, member):
        self.host = f"{space.name}:{port}"
        self.connection = Tls(port, space.name)
        self.member = member
        self.root = f"/remote.php/dav/files/{member.uid}/"

    def ask(self, method, path, body=None, chunked=False, **headers):
        secret = f"{self.member.uid}:{self.member.token}".encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Authorization"] = "Basic " + base64.b64encode(secret).decode()
        headers["Host"] = self.host
        self.connection.request(method, path, body, headers, encode_chunked=chunked)
        answer = self.connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, names, answer.read()


def pieces(data, size=1024 * 1024):
    return (data[at : at + size] for at in range(0, len(data), size))


def check(report, name, server, space, member, port):
    through = Through(port, space, member)
    large = os.urandom(LARGE)

    with report.case(f"{name}: the host chooses the space"):
        status, _, body = through.ask("GET", "/status.php")
        assert status == 200 and b"installed" in body, (status, body[:200])
        other = Tls(port, f"nobody.{DOMAIN}")
        other.request("GET", "/status.php", headers={"Host": f"nobody.{DOMAIN}:{port}"})
        assert other.getresponse().status >= 400

    with report.case(f"{name}: a large file goes up and comes down"):
        status, headers, _ = through.ask("PUT", through.root + "large", large)
        assert status == 201 and headers.get("etag"), (status, headers)
        status, _, body = through.ask("GET", through.root + "large")
        assert status == 200 and body == large
        status, _, body = through.ask("GET", through.root + "large", Range="bytes=5-104")
        assert status == 206 and body == large[5:105]

    with report.case(f"{name}: a body of unknown length goes up"):
        status, _, _ = through.ask(
            "PUT", through.root + "chunked", pieces(large), chunked=True,
            Transfer_Encoding="chunked",
        )  # fmt: skip
        assert status == 201, status
        status, _, body = through.ask("GET", through.root + "chunked")
        assert body == large

    with report.case(f"{name}: WebDAV's methods and headers pass"):
        status, headers, body = through.ask("PROPFIND", through.root, Depth="1")
        assert status == 207 and b"/large</d:href>" in body, (status, body[:300])
        target = f"https://{through.host}{through.root}moved"
        status, _, _ = through.ask("MOVE", through.root + "large", Destination=target)
        assert status == 201, status
        status, _, _ = through.ask("MKCOL", through.root + "folder")
        assert status == 201, status

    with report.case(f"{name}: a refusal before the body arrives as what it is"):
        status, _, _ = through.ask("PUT", through.root + "no/such/folder/x", large)
        assert status == 409, status

    with report.case(f"{name}: a client's own X-Forwarded headers do not pass"):
        mark = server.mark()
        status, _, _ = through.ask(
            "GET", "/status.php", X_Forwarded_For="203.0.113.9", X_Forwarded_Host="nobody.test"
        )
        until = time.monotonic() + LOG_SECONDS_MAX
        seen = set()
        while not seen and time.monotonic() < until:  # the line is written after the answer
            seen = {(line.get("from"), line.get("host")) for line in server.requests(mark)}
        assert status == 200 and seen == {("127.0.0.1", space.name)}, (status, seen)

    with report.case(f"{name}: HTTP/2 works"):
        done = subprocess.run(
            ["curl", "-sk", "--http2", "-o", os.devnull, "-w", "%{http_version} %{http_code}",
             "--resolve", f"{space.name}:{port}:127.0.0.1", "-X", "PROPFIND",
             "-u", f"{member.uid}:{member.token}", f"https://{through.host}{through.root}"],
            stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        assert done.stdout == "2 207", done.stdout


def check_tls(report, name, space, member, port):
    through = Through(port, space, member)
    with report.case(f"{name}: browsers are told to come by TLS alone, refusals included"):
        for path in ("/status.php", "/no/such/address"):
            _, headers, _ = through.ask("GET", path)
            assert headers.get("strict-transport-security") == "max-age=31536000", headers

    with report.case(f"{name}: what is older than TLS 1.2 is refused"):
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python too says that these are old
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", port)) as link:
            try:
                old.wrap_socket(link, server_hostname=space.name)
            except (ssl.SSLError, ConnectionError):
                pass
            else:
                raise AssertionError("TLS 1.1 was spoken")


def main():
    report = reports.Report()
    with Server(scratch("proxies"), addresses=1) as server:
        space = server.create_space("voile")
        for number, (sample, prepare) in enumerate(PROXIES):
            name = prepare.__name__
            if shutil.which(name) is None and not pathlib.Path(f"/usr/sbin/{name}").exists():
                report.skip(f"{name} in front", "it is not installed")
                continue
            member = server.add_member(space, f"lea{number}")
            behind = f"{server.addresses[0]}:{server.port}"
            try:
                with running(scratch(name), sample, prepare, behind) as port:
                    check(report, name, server, space, member, port)
                    check_tls(report, name, space, member, port)
            except AssertionError as error:
                with report.case(f"{name} starts with its sample"):
                    raise error
    report.finish()


if __name__ == "__main__":
    main()
