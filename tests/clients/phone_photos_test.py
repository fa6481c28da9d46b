"""Photographs of two phones: the automatic uploads of Android and iOS, cut off and taken up again.

What each application sends, and in which order, is reconstructed; the server is the real one. It is
killed several times while photographs are on their way, and each phone goes on with what it knows:
at the end every photograph is there once, as it was taken.
"""

import email.utils
import hashlib
import http.client
import os
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import report as reports
from dav import sha256
from essaim_server import Server, scratch

PHOTOS = 5_000  # of both phones together
FIRST_DAY = 1_700_000_000
SMALL, LARGE = 3_000, 2_500_000  # bytes
LARGE_EVERY = 100  # one of so many is sent in chunks
CHUNK = 1_000_000  # Android over a mobile network
KILLS = 6
ANDROID = "Mozilla/5.0 (Android) Nextcloud-android/3.29.0"
IOS = "Mozilla/5.0 (iOS) Nextcloud-iOS/6.0.0"
TRIES = 200
BROKEN = (OSError, http.client.HTTPException)


class Photo:
    def __init__(self, number):
        self.number = number
        self.taken = FIRST_DAY + number * 600
        self.size = LARGE if number % LARGE_EVERY == LARGE_EVERY // 2 else SMALL
        month = time.strftime("%Y/%m", time.gmtime(self.taken))
        self.folder = month
        self.name = time.strftime("IMG_%Y%m%d_%H%M%S.jpg", time.gmtime(self.taken))

    @property
    def data(self):
        return random.Random(self.number).randbytes(self.size)


class Phone:
    """Photographs that wait, and what the phone remembers of those that are done."""

    def __init__(self, member, top, agent, photos):
        self.dav = member.dav()
        self.top = top
        self.agent = agent
        self.waiting = list(photos)
        self.done = {}  # path to file id
        self.again = 0  # found on the server after an answer was lost

    def path(self, photo):
        return f"{self.top}/{photo.folder}/{photo.name}"

    def send(self, method, path, headers=None, body=None):
        return self.dav.request(method, path, {"User-Agent": self.agent, **(headers or {})}, body)

    def found(self, path):
        """The size and id of what is there, or None."""
        stat = self.dav.stat(path)
        return (stat.size, stat.id) if stat else None

    def upload_all(self):
        tries = 0
        while self.waiting:
            try:
                self.upload(self.waiting[0])
                self.waiting.pop(0)
                tries = 0
            except BROKEN:
                # No network, or the server is gone: an application tries again in a while.
                self.dav.close()
                tries += 1
                assert tries < TRIES, "the server did not come back"
                time.sleep(0.1)

    def upload(self, photo):
        path = self.path(photo)
        there = self.found(path)
        if there and there[0] == photo.size:
            self.again += 1
            self.done[path] = there[1]
            return
        answer = self.put(photo, path)
        assert answer.status == 201, answer
        self.done[path] = answer.id
        assert self.found(path) == (photo.size, answer.id)


class Android(Phone):
    """Makes the folders, looks whether the photograph is there, sends it, looks at it again."""

    def put(self, photo, path):
        self.make_folders(photo)
        times = {"X-OC-Mtime": str(photo.taken), "X-OC-CTime": str(photo.taken)}
        if photo.size <= CHUNK:
            headers = {**times, "OC-Total-Length": str(photo.size), "Content-Type": "image/jpeg"}
            return self.send("PUT", path, headers, photo.data)
        return self.put_chunks(photo, path, times)

    def make_folders(self, photo):
        parts = [self.top, *photo.folder.split("/")]
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if self.send("PROPFIND", folder, {"Depth": "0"}).status == 404:
                assert self.send("MKCOL", folder).status in (201, 405)

    def put_chunks(self, photo, path, times):
        transfer = "/remote.php/dav/uploads/" + self.dav.uid + "/"
        transfer += hashlib.md5(path.encode()).hexdigest()
        common = {
            "User-Agent": self.agent,
            "OC-Total-Length": str(photo.size),
            "Destination": self.dav.url(path),
        }
        assert self.dav.send("MKCOL", transfer, common).status in (201, 405)
        listed = self.dav.send("PROPFIND", transfer, {"User-Agent": self.agent, "Depth": "1"})
        data = photo.data
        for number in range(1, -(-photo.size // CHUNK) + 1):
            name = f"{number:06d}"
            if f"/{name}<" in listed.text():
                continue
            chunk = data[(number - 1) * CHUNK : number * CHUNK]
            sent = self.dav.send("PUT", f"{transfer}/{name}", common, chunk)
            assert sent.status in (201, 204), sent
        headers = {**common, **times, "Overwrite": "T"}
        return self.dav.send("MOVE", f"{transfer}/.file", headers)


class Ios(Phone):
    """Has the folders made by the server; times have a fraction."""

    def put(self, photo, path):
        headers = {
            "X-OC-Mtime": f"{photo.taken}.25",
            "X-OC-CTime": f"{photo.taken}.25",
            "X-NC-WebDAV-AutoMkcol": "1",
            "Content-Type": "application/octet-stream",
        }
        return self.send("PUT", path, headers, photo.data)


def kill_now_and_then(server, phones, seed):
    """Kills the server when a share of the photographs is through, and starts it again."""
    chance = random.Random(seed)
    for kill in range(1, KILLS + 1):
        goal = PHOTOS * kill // (KILLS + 1)
        while sum(len(phone.done) for phone in phones) < goal:
            if not any(phone.waiting for phone in phones):
                return
            time.sleep(0.01)
        time.sleep(chance.random() * 0.02)
        server.kill()
        time.sleep(0.2)
        server.start()


def run_phones(server, phones, seed):
    failures = []

    def work(phone):
        try:
            phone.upload_all()
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)
            phone.waiting.clear()

    threads = [threading.Thread(target=work, args=(phone,)) for phone in phones]
    for thread in threads:
        thread.start()
    kill_now_and_then(server, phones, seed)
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def everything_is_there_once(member, phones, photos_of):
    dav = member.dav()
    found = {path: entry for path, entry in dav.tree().items() if not entry.folder}
    expected = {}
    for phone in phones:
        for photo in photos_of[phone]:
            expected[phone.path(photo)] = (phone, photo)
    assert set(found) == set(expected), set(found) ^ set(expected)
    for path, (phone, photo) in expected.items():
        entry = found[path]
        assert entry.size == photo.size, path
        assert entry.id == phone.done[path], path
        taken = email.utils.parsedate_to_datetime(entry.modified).timestamp()
        assert taken == photo.taken, path
    for path, (phone, photo) in random.Random(1).sample(sorted(expected.items(), key=str), 200):
        assert sha256(dav.get(path).body) == sha256(photo.data), path


def main():
    report = reports.Report()
    seed = int.from_bytes(os.urandom(4), "big")
    report.note(f"seed {seed}")
    with Server(scratch("phones"), addresses=1) as server:
        space = server.create_space("voile")
        lea = server.add_member(space, "lea")
        photos = [Photo(number) for number in range(PHOTOS)]
        android = Android(lea, "InstantUpload", ANDROID, photos[: PHOTOS // 2])
        ios = Ios(lea, "Photos", IOS, photos[PHOTOS // 2 :])
        photos_of = {android: list(android.waiting), ios: list(ios.waiting)}
        with report.case(f"two phones send {PHOTOS} photographs through {KILLS} cuts"):
            run_phones(server, [android, ios], seed)
            report.note(f"{android.again + ios.again} were there although the answer was lost")
        with report.case("every photograph is there once, with its time and its id"):
            everything_is_there_once(lea, [android, ios], photos_of)
        with report.case("the doctor finds nothing"):
            server.doctor()
    report.finish()


if __name__ == "__main__":
    main()
