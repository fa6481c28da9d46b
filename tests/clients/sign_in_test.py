"""Signing in with a browser, as a person does: both log-in flows, sessions, app passwords, wiping.

Chromium runs without JavaScript. Every page that is met is checked for what accessibility needs:
language, title, one heading, labels, contrast, no sideways scrolling at 320 pixels. Pictures of
them at 360 and 1280 pixels are kept in build/test/sign_in/.
"""

import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import re
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import page_checks
import pictures
import report as reports
from axe import Axe, Missing
from browser import Browser, Failed, missing
from essaim_server import Server, scratch

PICTURES = pathlib.Path(__file__).resolve().parents[2] / "build" / "test" / "sign_in"
DESKTOP = "Mozilla/5.0 (Linux) mirall/3.7.3"
ANDROID = "Mozilla/5.0 (Android) Nextcloud-android/3.10.0"
TAB, ENTER = "\ue004", "\ue007"


class Person:
    """Somebody at a browser: goes through pages, each of which is checked and pictured once."""

    axe = None  # looks at the pages too, where it can be had

    def __init__(self, browser, space, name):
        self.browser = browser
        self.space = space
        self.name = name
        self.seen = set()

    def sees(self, page, title):
        browser = self.browser
        browser.wait_until(lambda: title in browser.title, f"the title has '{title}'")
        if page not in self.seen:
            self.seen.add(page)
            page_checks.check(browser, self.name[:2], title, self.axe)
            browser.picture(PICTURES / f"{self.name}-{page}.png")

    def goes(self, path):
        self.browser.open(self.space.url + path)

    def signs_in(self, user, password):
        self.browser.type("#user", user)
        self.browser.type("#password", password)
        self.browser.click("main button")


def ask(space, method, path, body="", **headers):
    """(status, JSON or text) of a request without a browser."""
    connection = http.client.HTTPConnection(space.address, space.server.port, timeout=60)
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if body:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, json.loads(text) if text.startswith(("{", "[")) else text


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def who(space, user, password):
    status, said = ask(
        space, "GET", "/ocs/v2.php/cloud/user?format=json",
        OCS_APIRequest="true", Authorization=basic(user, password),
    )  # fmt: skip
    return said["ocs"]["data"]["id"] if status == 200 else status


def one_time_code(secret, steps=0):
    """RFC 6238, as an authenticator on a phone."""
    counter = int(time.time() // 30) + steps
    key = base64.b32decode(secret.replace(" ", ""))
    mac = hmac.new(key, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[19] & 15
    return f"{(int.from_bytes(mac[at:at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def poll(space, token):
    return ask(space, "POST", "/index.php/login/v2/poll", f"token={token}")


def in_french(report, server, space, lea, width):
    with Browser(server.folder / f"fr-{width}", "fr-FR", width) as browser:
        person = Person(browser, space, f"fr-{width}")
        with report.case(f"flow v2 in French, {width} pixels wide: a wrong password, then consent"):
            flow = ask(space, "POST", "/index.php/login/v2", User_Agent=DESKTOP)[1]
            browser.open(flow["login"])
            person.sees("flow", "Connecter une application")
            assert "Nextcloud (Linux)" in browser.text(), browser.text()
            browser.click("main button")
            person.sees("login", "Se connecter")
            person.signs_in("lea", "certainly wrong")
            person.sees("login-refused", "Erreur : Se connecter")
            assert browser.attribute("#password", "aria-describedby") == "problem"
            person.signs_in("lea", lea.password)
            person.sees("consent", "Autoriser l’accès ?")
            assert poll(space, flow["poll"]["token"]) == (404, []), "nothing before the click"
            browser.click("main button")
            person.sees("done", "C’est fait")
            status, given = poll(space, flow["poll"]["token"])
            assert status == 200 and given["server"] == space.url, given
            assert who(space, given["loginName"], given["appPassword"]) == "lea"
            assert poll(space, flow["poll"]["token"]) == (404, []), "one shot"
        with report.case(f"an app password made in French, {width} pixels wide, is used and ended"):
            security(space, person)


def security(space, person):
    browser = person.browser
    person.goes("/settings/user/security")
    person.sees("security", "Mes appareils et ma sécurité")
    browser.type("#name", "Vieille tablette de l’été")
    browser.click(".row button")
    person.sees("new-password", "Votre mot de passe d’application")
    secret = browser.text(".secret")
    assert re.fullmatch(r"(\w{5}-){4}\w{5}", secret), secret
    assert who(space, "lea", secret) == "lea"
    browser.click("main a.button")
    person.sees("security-again", "Mes appareils et ma sécurité")
    assert secret not in browser.text()
    assert "Vieille tablette de l’été" in browser.text()
    browser.click("button[value=wipe_token]")
    person.sees("wipe", "Effacer cet appareil ?")
    browser.click("main button")
    browser.wait_until(lambda: "sera effacé" in browser.text(), "it is marked")
    assert who(space, "lea", secret) == 401
    assert ask(space, "POST", "/index.php/core/wipe/check", f"token={secret}") == (
        200, {"wipe": True},
    )  # fmt: skip
    person.sees("security-wipe", "Mes appareils et ma sécurité")
    browser.click("button[value=end_token]")
    browser.wait_until(lambda: "accès est retiré" in browser.text(), "it is ended")
    assert ask(space, "POST", "/index.php/core/wipe/check", f"token={secret}")[0] == 404
    browser.click("main .top button")
    person.sees("login-again", "Se connecter")
    person.goes("/settings/user/security")
    person.sees("login-again", "Se connecter")


def in_english(report, server, space, lea):
    with Browser(server.folder / "en", "en-GB", 1280, dark=True) as browser:
        person = Person(browser, space, "en-1280")
        with report.case("flow v1 in English ends at nc://login with an app password that works"):
            browser.devtools("Network.enable", {})
            browser.devtools(
                "Network.setExtraHTTPHeaders", {"headers": {"OCS-APIREQUEST": "true"}}
            )
            browser.devtools("Network.setUserAgentOverride", {"userAgent": ANDROID})
            person.goes("/index.php/login/flow?user=lea")
            person.sees("flow", "Connect an application")
            assert "Nextcloud (Android)" in browser.text(), browser.text()
            browser.click("main button")
            person.sees("login", "Log in")
            assert browser.attribute("#user", "value") == "lea"
            person.signs_in("lea", lea.password)
            person.sees("consent", "Allow access?")
            browser.redirects()
            browser.click("main button")
            # This browser has no such application; a client's own takes it from here.
            sent = []
            browser.wait_until(lambda: sent.extend(browser.redirects()) or sent, "a redirect")
            location = sent[-1]
            assert not browser.blocked(), "the page's own policy stops the redirect"
            parts = re.fullmatch(
                re.escape(f"nc://login/server:{space.url}") + "&user:([^&]*)&password:([^&]*)",
                location,
            )
            assert parts, location
            user, password = map(urllib.parse.unquote_plus, parts.groups())
            assert who(space, user, password) == "lea"


def by_keyboard(report, server, space, lea):
    with Browser(server.folder / "keys", "en-GB", 1280) as browser:
        person = Person(browser, space, "en-keys")
        with report.case("the keyboard alone signs in, in English"):
            person.goes("/login?redirect_url=/settings/user/security")
            for key in (TAB, *lea.uid, TAB, *lea.password, ENTER):
                browser.press(key)
            person.sees("security", "My devices and security")
        with report.case("refusals are pages"):
            person.goes("/login/flow")
            person.sees("not-an-app", "This page is opened by an application")
            person.goes("/login/v2/flow/unknown")
            person.sees("over", "no longer valid")
            person.goes("/nowhere")
            person.sees("not-found", "Page not found")
            person.goes("/")
            person.sees("home", "Welcome")


# The code of now sets it up and the next one signs in: both hold for half a minute at least,
# however slow the browser is.
def two_steps(report, server, space, zoe, width):
    with Browser(server.folder / f"steps-{width}", "fr-FR", width) as browser:
        person = Person(browser, space, f"fr-steps-{width}")
        with report.case(f"a second factor is set up and signs in, {width} pixels wide"):
            person.goes("/settings/user/security")
            person.sees("login", "Se connecter")
            person.signs_in("zoe", zoe.password)
            person.sees("security", "Mes appareils et ma sécurité")
            browser.type("#begin-password", zoe.password)
            browser.click("button[value=begin_second_factor]")
            person.sees("set-up", "Installer la connexion en deux étapes")
            secret = browser.text(".secret")
            browser.type("#code", one_time_code(secret))
            browser.click("main form button")
            person.sees("recovery-codes", "Vos codes de secours")
            recovery = browser.text(".codes code")
            browser.click("main a.button")
            browser.wait_until(lambda: "qui restent : 10" in browser.text(), "it is on")
            person.sees("security-on", "Mes appareils et ma sécurité")
            assert who(space, "zoe", zoe.password) == 401
            browser.click("main .top button")
            person.sees("login-again", "Se connecter")
            person.signs_in("zoe", zoe.password)
            person.sees("code", "Code de vérification")
            assert browser.attribute("#code", "autocomplete") == "one-time-code"
            browser.type("#code", "000000")
            browser.click("main form button")
            person.sees("code-refused", "Erreur : Code de vérification")
            browser.type("#code", one_time_code(secret, 1))
            browser.press(ENTER)
            person.sees("security-again", "Mes appareils et ma sécurité")
        with report.case(f"a recovery code switches it off again, {width} pixels wide"):
            browser.type("#proof-code", recovery)
            browser.click("button[value=end_second_factor]")
            browser.wait_until(lambda: "est désactivée" in browser.text(), "it is off")
            person.sees("security-off", "Mes appareils et ma sécurité")
            assert who(space, "zoe", zoe.password) == "zoe"


def own_password(report, server, space, zoe):
    with Browser(server.folder / "password", "en-GB", 1280) as browser:
        person = Person(browser, space, "en-password")
        with report.case("a person changes their password, in English"):
            person.goes("/login")
            person.signs_in("zoe", zoe.password)
            person.sees("security", "My devices and security")
            for field, text in (
                ("#old-password", "certainly wrong"),
                ("#new-password", "four words at random"),
                ("#again-password", "four words at random"),
            ):
                browser.type(field, text)
            browser.click("#again-password + button")
            person.sees("password-refused", "Error: My devices and security")
            assert browser.attribute("#old-password", "aria-describedby") == "password-problem"
            for field, text in (
                ("#old-password", zoe.password),
                ("#new-password", "four words at random"),
                ("#again-password", "four words at random"),
            ):
                browser.type(field, text)
            browser.click("#again-password + button")
            browser.wait_until(lambda: "is changed" in browser.text(), "it is changed")
            assert who(space, "zoe", "four words at random") == "zoe"
            assert who(space, "zoe", zoe.password) == 401


def served(member, path):
    answer = member.dav().send("GET", path)
    assert answer.status == 200, answer
    return answer


# A photograph as a phone takes one: lying on its side, with a note of where it was.
def own_picture(report, server, space, lea, width):
    folder = server.folder / f"picture-{width}"
    folder.mkdir()
    rows = pictures.quarters(1200, 900)
    jpeg = pictures.convert(folder, pictures.stored(rows, 6), "jpg")
    photo = folder / "photo du port.jpg"
    photo.write_bytes(pictures.with_orientation(jpeg, 6, b"secret place"))
    addresses = {
        "/index.php/avatar/lea/64": (64, "image/png"),
        "/index.php/avatar/lea/512": (512, "image/jpeg"),
        "/remote.php/dav/avatars/lea/128.png": (128, "image/png"),
    }
    with Browser(folder / "browser", "fr-FR", width) as browser:
        person = Person(browser, space, f"fr-picture-{width}")
        with report.case(f"a photograph becomes one's picture, {width} pixels wide"):
            before = {path: served(lea, path) for path in addresses}
            person.goes("/settings/user")
            person.sees("login", "Se connecter")
            person.signs_in("lea", lea.password)
            person.sees("account", "Mon compte")
            browser.choose("#picture", photo)
            browser.click("#picture + button")
            browser.wait_until(lambda: "voici votre image" in browser.text(), "it is set")
            person.sees("account-picture", "Mon compte")
            assert not browser.blocked(), "the page's own policy hides the picture"
            for path, (side, content_type) in addresses.items():
                answer = served(lea, path)
                assert answer.headers["x-nc-iscustomavatar"] == "1", answer
                assert answer.headers["content-type"] == content_type, answer
                assert answer.etag != before[path].etag
                facts = pictures.check_quarters(folder, answer.body, side, side)
                assert not [name for name in facts if name.startswith(("exif", "icc"))], facts
                assert b"secret" not in answer.body and b"Exif" not in answer.body
        with report.case(f"what is no picture is said, and changes nothing, {width} pixels wide"):
            text = folder / "adresses.txt"
            text.write_text("Léa, 12 rue du Port\n")
            browser.choose("#picture", text)
            browser.click("#picture + button")
            person.sees("account-refused", "Erreur : Mon compte")
            assert "ne se lit pas" in browser.text("#problem")
            assert "problem" in browser.attribute("#picture", "aria-describedby").split()
            assert served(lea, "/index.php/avatar/lea/64").headers["x-nc-iscustomavatar"] == "1"
        with report.case(f"it is taken away: initials again, {width} pixels wide"):
            browser.click("button[value=remove_picture]")
            browser.wait_until(lambda: "est retirée" in browser.text(), "it is gone")
            for path, answer in before.items():
                now = served(lea, path)
                assert now.etag == answer.etag and now.body == answer.body
                assert now.headers["x-nc-iscustomavatar"] == "0"
            browser.click("main a.button")
            person.sees("security", "Mes appareils et ma sécurité")
            browser.click("main p a")
            person.sees("account-removed", "Mon compte")


def number_of(space, lea, path):
    wanted = '<d:prop><f:fileid xmlns:f="http://owncloud.org/ns"/></d:prop>'
    _, said = ask(
        space, "PROPFIND", f"/remote.php/dav/files/lea/{path}",
        f'<d:propfind xmlns:d="DAV:">{wanted}</d:propfind>',
        Depth="0", Authorization=basic("lea", lea.token),
    )  # fmt: skip
    return re.search(r"fileid>(\d+)<", said)[1]


def internal_link(report, server, space, lea):
    ours = basic("lea", lea.token)
    for path in ("Voile", "Voile/Un%20long%20nom%20" + "tr%C3%A8s" * 20):
        address = f"/remote.php/dav/files/lea/{path}"
        assert ask(space, "MKCOL", address, Authorization=ours)[0] == 201
    with Browser(server.folder / "link", "fr-FR", 360) as browser:
        person = Person(browser, space, "fr-link")
        with report.case("the internal link of a folder leads there by way of the log-in"):
            person.goes(f"/index.php/f/{number_of(space, lea, 'Voile')}")
            person.sees("login", "Se connecter")
            person.signs_in("lea", lea.password)
            person.sees("folder", "Voile")
            browser.click(".list a")
            person.sees("folder-inside", "Un long nom")
            assert "vide" in browser.text()
            browser.click("main a")
            person.sees("folder-again", "Voile")
            browser.click("main a")
            person.sees("root", "Mes fichiers")
            person.goes("/f/999999")
            person.sees("not-found", "Page introuvable")


def limits(report, space):
    with report.case("flows are limited by address, and the refusal says when to come back"):
        last = 0
        for _ in range(40):
            last, said = ask(space, "POST", "/login/v2", Accept_Language="en")
            if last == 429:
                break
        assert last == 429 and "Too many" in said["error"], (last, said)


def main():
    report = reports.Report()
    why = missing()
    if why:
        report.skip("signing in with a browser", why)
        report.finish()
    try:
        Person.axe = Axe(scratch("axe") / "axe")
    except Missing as reason:
        report.skip("the pages as axe-core sees them", reason)
    with Server(scratch("sign-in"), addresses=2) as server:
        space = server.create_space("voile")
        lea = server.add_member(space, "lea")
        zoe = server.add_member(space, "zoe")
        for width in (360, 1280):
            try:
                in_french(report, server, space, lea, width)
            except Failed as broken:
                with report.case("the browser goes on"):
                    raise broken
        for width in (360, 1280):
            two_steps(report, server, space, zoe, width)
        for width in (360, 1280):
            own_picture(report, server, space, lea, width)
        own_password(report, server, space, zoe)
        in_english(report, server, space, lea)
        by_keyboard(report, server, space, lea)
        internal_link(report, server, space, lea)
        limits(report, space)
    report.finish()


main()
