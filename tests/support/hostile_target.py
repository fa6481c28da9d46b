"""The server and the space that hostile_test.py attacks, and how to speak to it without manners."""

import base64

from dav import exchange, status_of

FILES = "/remote.php/dav/files/lea"
UPLOADS = "/remote.php/dav/uploads/lea"


class Target:
    """The server, the space under attack, and what must not change."""

    def __init__(self, server):
        self.server = server
        self.space = server.create_space("voile")
        self.lea = server.add_member(self.space, "lea")
        server.add_member(self.space, "max")
        self.other = server.create_space("chorale")
        self.dav = self.lea.dav()
        self.dav.mkcol("docs")
        self.dav.mkcol("docs/deep")
        self.dav.put("docs/plan.txt", b"0123456789" * 100)
        self.dav.put("docs/deep/big.bin", b"x" * 100_000)
        secret = base64.b64encode(f"lea:{self.lea.token}".encode()).decode()
        self.signed = {"Host": self.space.host, "Authorization": f"Basic {secret}"}

    def head(self, method, target, headers=None, version="HTTP/1.1"):
        """A request head as bytes; header values may be bytes."""
        lines = [_bytes(method) + b" " + _bytes(target) + b" " + version.encode()]
        for name, value in {**self.signed, "Connection": "close", **(headers or {})}.items():
            if value is not None:
                lines.append(_bytes(name) + b": " + _bytes(value))
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def send(self, method, target, headers=None, body=b"", seconds=20):
        """One request as bytes; the status of the answer, 0 for none."""
        if body:
            headers = {"Content-Length": str(len(body)), **(headers or {})}
        return status_of(self.raw(self.head(method, target, headers) + body, seconds))

    def raw(self, data, seconds=20, more=None):
        return exchange(self.space.address, self.server.port, data, seconds, more)


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def refused(status, what, also=()):
    assert 400 <= status < 500 or status in also, f"{what!r}: {status}"
