"""A small HTTP and WebDAV client that sends what it is told and hides nothing of the answer.

One Dav is one keep-alive connection; it belongs to one thread. `exchange()` below speaks to a bare
socket, for requests no library would send.
"""

import base64
import dataclasses
import hashlib
import http.client
import socket
import time
import urllib.parse
import xml.etree.ElementTree as ET

TIMEOUT_SECONDS = 60
DAV = "{DAV:}"
OC = "{http://owncloud.org/ns}"
NC = "{http://nextcloud.org/ns}"

TREE_PROPERTIES = (
    "<d:resourcetype/><d:getetag/><d:getcontentlength/><d:getlastmodified/><oc:id/><oc:fileid/>"
    "<oc:size/><oc:checksums/><oc:permissions/>"
    '<t:mark xmlns:t="urn:test"/>'
)
MARK = '<t:mark xmlns:t="urn:test">%s</t:mark>'  # a dead property, listed with the others


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # names in lower case; of a repeated one the last
    body: bytes

    @property
    def etag(self):
        return self.headers.get("etag")

    @property
    def id(self):
        return self.headers.get("oc-fileid")

    @property
    def done(self):
        return 200 <= self.status < 300

    def text(self):
        return self.body.decode("utf-8", "replace")

    def exception(self):
        """The class name in an error body, or an empty text."""
        return self._error("{http://sabredav.org/ns}exception")

    def message(self):
        return self._error("{http://sabredav.org/ns}message")

    def _error(self, name):
        try:
            return ET.fromstring(self.body).findtext(name) or ""
        except ET.ParseError:
            return ""


@dataclasses.dataclass
class Entry:
    """What a listing says about one file or folder."""

    path: str  # below the member's root, no slash at either end; "" is the root
    folder: bool
    etag: str
    id: str
    size: int
    checksums: str
    modified: str
    permissions: str
    mark: str | None  # the dead property of MARK, None when it was never set


class Dav:
    """Paths given to the methods are plain text below the member's root."""

    def __init__(self, address, port, uid="", secret="", host=None, timeout=TIMEOUT_SECONDS):
        self.address = address
        self.port = port
        self.uid = uid
        self.host = host or f"{address}:{port}"
        self.timeout = timeout
        self.root = f"/remote.php/dav/files/{urllib.parse.quote(uid)}"
        self.authorization = {}
        if uid:
            secret = base64.b64encode(f"{uid}:{secret}".encode()).decode()
            self.authorization = {"Authorization": f"Basic {secret}"}
        self.connection = None

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def send(self, method, target, headers=None, body=None):
        """One request to an encoded target. A connection that broke is not tried again."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, self.port, self.timeout)
        everything = {"Host": self.host, **self.authorization, **(headers or {})}
        try:
            self.connection.request(method, target, body, everything)
            answer = self.connection.getresponse()
            data = answer.read()
        except Exception:
            self.close()
            raise
        if answer.will_close:
            self.close()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, names, data)

    def url(self, path):
        path = urllib.parse.quote(path.strip("/"))
        return f"{self.root}/{path}"

    def request(self, method, path, headers=None, body=None):
        return self.send(method, self.url(path), headers, body)

    # --- methods

    def put(self, path, data, **headers):
        """Keyword arguments are headers, with _ for -: If_Match='"1"'."""
        return self.request("PUT", path, _headers(headers), data)

    def get(self, path, **headers):
        return self.request("GET", path, _headers(headers))

    def mkcol(self, path):
        return self.request("MKCOL", path)

    def delete(self, path, **headers):
        return self.request("DELETE", path, _headers(headers))

    def move(self, path, to, overwrite="T"):
        headers = {"Destination": self.url(to), "Overwrite": overwrite}
        return self.request("MOVE", path, headers)

    def copy(self, path, to, overwrite="T"):
        headers = {"Destination": self.url(to), "Overwrite": overwrite}
        return self.request("COPY", path, headers)

    def proppatch(self, path, properties):
        """`properties` is XML inside <d:prop>, prefixes d, oc, nc."""
        body = _xml(f"<d:set><d:prop>{properties}</d:prop></d:set>", "propertyupdate")
        return self.request("PROPPATCH", path, {"Content-Type": "application/xml"}, body)

    def propfind(self, path, depth=0, properties=TREE_PROPERTIES):
        body = _xml(f"<d:prop>{properties}</d:prop>", "propfind")
        headers = {"Depth": str(depth), "Content-Type": "application/xml"}
        return self.request("PROPFIND", path, headers, body)

    # --- listings

    def list(self, path, depth=1):
        """The folder first, then its children. Raises when it is not answered 207."""
        answer = self.propfind(path, depth)
        if answer.status != 207:
            raise AssertionError(f"PROPFIND {path!r}: {answer.status} {answer.text()[:300]}")
        return [self._entry(each) for each in ET.fromstring(answer.body)]

    def stat(self, path):
        """None when there is no such thing."""
        answer = self.propfind(path, 0)
        if answer.status == 404:
            return None
        if answer.status != 207:
            raise AssertionError(f"PROPFIND {path!r}: {answer.status} {answer.text()[:300]}")
        return self._entry(ET.fromstring(answer.body)[0])

    def tree(self, top=""):
        """Everything below `top`, it included: path -> Entry."""
        found = {}
        waiting = [top]
        while waiting:
            for entry in self.list(waiting.pop()):
                if entry.path not in found and entry.folder and entry.path != top:
                    waiting.append(entry.path)
                found[entry.path] = entry
        return found

    def bin(self):
        """What lies in the bin: id -> (address, where it was)."""
        url = f"/remote.php/dav/trashbin/{urllib.parse.quote(self.uid)}/trash"
        body = _xml("<d:prop><oc:id/><nc:trashbin-original-location/></d:prop>", "propfind")
        answer = self.send("PROPFIND", url, {"Depth": "1"}, body)
        if answer.status != 207:
            raise AssertionError(f"PROPFIND of the bin: {answer.status} {answer.text()[:300]}")
        found = {}
        for response in list(ET.fromstring(answer.body))[1:]:
            props = response.find(f"{DAV}propstat/{DAV}prop")
            origin = props.findtext(NC + "trashbin-original-location")
            found[props.findtext(OC + "id")] = (response.findtext(DAV + "href"), origin)
        return found

    def versions(self, file_id):
        """The addresses of the versions of a file, by its oc:id; the oldest first."""
        url = f"/remote.php/dav/versions/{urllib.parse.quote(self.uid)}/versions/"
        url += str(int(file_id.split("oc")[0]))
        answer = self.send("PROPFIND", url, {"Depth": "1"})
        if answer.status != 207:
            raise AssertionError(f"PROPFIND of versions: {answer.status} {answer.text()[:300]}")
        hrefs = [each.findtext(DAV + "href") for each in ET.fromstring(answer.body)]
        return sorted(hrefs[1:])

    def restore(self, address):
        """Brings back an entry of the bin, or a version, by its address."""
        area = address.split("/")[3]
        to = f"/remote.php/dav/{area}/{urllib.parse.quote(self.uid)}/restore/x"
        return self.send("MOVE", address, {"Destination": to})

    def _entry(self, response):
        href = urllib.parse.unquote(response.findtext(DAV + "href"))
        if not href.startswith(self.root):
            raise AssertionError(f"href {href!r} is not below {self.root}")
        props = response.find(f"{DAV}propstat/{DAV}prop")
        folder = props.find(f"{DAV}resourcetype/{DAV}collection") is not None
        size = props.findtext(OC + "size" if folder else DAV + "getcontentlength")
        return Entry(
            path=href[len(self.root) :].strip("/"),
            folder=folder,
            etag=props.findtext(DAV + "getetag"),
            id=props.findtext(OC + "id"),
            size=int(size),
            checksums=props.findtext(f"{OC}checksums/{OC}checksum") or "",
            modified=props.findtext(DAV + "getlastmodified"),
            permissions=props.findtext(OC + "permissions"),
            mark=props.findtext("{urn:test}mark"),
        )


def _headers(keywords):
    return {name.replace("_", "-"): str(value) for name, value in keywords.items()}


def _xml(content, root):
    return (
        f'<?xml version="1.0"?><d:{root} xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"'
        f' xmlns:nc="http://nextcloud.org/ns">{content}</d:{root}>'
    ).encode()


def exchange(address, port, data, seconds=30, more=None):
    """Sends bytes to a new connection and returns all that came back before it was closed, or
    `seconds` had passed. `more` is a function that goes on sending on the socket."""
    with socket.create_connection((address, port), seconds) as link:
        link.settimeout(seconds)
        try:
            link.sendall(data)
            if more is not None:
                more(link)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before everything was sent: the answer may be there all the same
        return read_until_closed(link, time.monotonic() + seconds)


def read_until_closed(link, until):
    received = b""
    while True:
        link.settimeout(max(0.01, until - time.monotonic()))
        try:
            piece = link.recv(65536)
        except (TimeoutError, ConnectionResetError):
            return received
        if not piece:
            return received
        received += piece


def status_of(received):
    """The status of the first answer in raw bytes; 0 when there is none."""
    if not received.startswith(b"HTTP/1."):
        return 0
    return int(received.split(None, 2)[1])
