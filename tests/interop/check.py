"""Checks signed cookies and webhooks between libsac and current Python packages: usage: check.py PATH_OF_CLIENT

`scripts/run test-interop` starts it, in the environment with the packages.
"""

import json
import logging
import subprocess
import sys

from http.cookies import SimpleCookie
from importlib.metadata import version
from werkzeug.http import dump_cookie

from checks import Checks, expect

import webhooks

from app import DIGESTS, MAX_AGE_S, Server, create_app, manager, signer

KEY_ID = "service1>service2"
KEY = "ka5ud5455&y&a&e£u£334ee4rka5y&a&e£u£334ud5455&y&£"
NUMBERS = {"sha1": "1", "sha256": "2", "sha512": "3"}
PAYLOADS = {
    "the payload of the known answer": {"uuid": "19d66a3e-cf98-4d68-8b9a-1df2a40b067f"},
    "an empty object": {},
    "quotes and backslashes": {"quote": 'say "hi"', "path": "C:\\new\\054\\", '"\\': '\\"\\\\"'},
    "semicolons and commas": {"list": "a;b, c;, ;", "a;b": "\"; other=1"},
    "spaces, equals signs and full stops": {"a": " x = y.z ", "b": "...", "c": "}.{"},
    "beyond ASCII": {"näme": "Grüße, 日本語, ﷽", "nbsp": "\u00a0\u2028"},
    "emoji": {"👋": "👩‍👩‍👧‍👦 🏴‍☠️"},
    "control characters": {"text": "tab\t line\r\n nul\0 del\x7f esc\x1b"},
    "nested objects": {"a": {"b": [{"c": {"d": [[], {}, None, True]}}]}, "key": {"key_id": 1}},
    "numbers": {"big": 12345678901234567890, "small": -1, "float": 1.5, "exp": 1e300},
    "another key_id in the payload": {"key_id": "somebody else", "z": 1},
}


class Client:
    """The C program."""

    def __init__(self, program):
        self._program = program

    def _run(self, *args):
        run = subprocess.run([self._program, *args], capture_output=True, timeout=60, check=False)
        expect(run.returncode == 0, f"client {args[0]} ended with {run.returncode}: {run.stderr}")
        code, _, text = run.stdout.decode().partition("\n")
        return code, text

    def send(self, url, path, payload, digest="sha1", key=KEY):
        """Sends the signed cookie between two others, and returns the code and the JSON of the response."""
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        code, body = self._run("send", url, path, "signed", text, KEY_ID, key, NUMBERS[digest])
        return code, json.loads(body) if body else None

    def sign(self, payload, digest):
        code, cookie = self._run("sign", json.dumps(payload), KEY_ID, KEY, NUMBERS[digest])
        expect(code == "SAC_OK", f"sac_cookie_sign returns {code}")
        return cookie

    def verify(self, cookie, digest, key=KEY):
        return self._run("verify", cookie, KEY_ID, key, str(MAX_AGE_S), NUMBERS[digest])

    def webhook(self, scheme, tolerance_s, secret, body, headers):
        """Verifies a webhook, and returns the code and the id."""
        fields = [text for field in headers.items() for text in field]
        return self._run("webhook", scheme, str(tolerance_s), secret, body, *fields)

    def hmac(self, key, data, encoding):
        code, mac = self._run("hmac", key, data, {"hex": "1", "base64": "2"}[encoding])
        expect(code == "SAC_OK", f"sac_hmac returns {code}")
        return mac


def with_key_id(payload):
    return {**payload, "key_id": KEY_ID}


def expect_received(response, payload, what):
    """Expects that the server received this payload, and the cookies before and after the signed one."""
    code, body = response
    expect(code == "SAC_OK", f"{what}: {code} {body}")
    expect(body.get("payload", with_key_id(payload)) == with_key_id(payload), f"{what}: {body}")
    cookies = body["cookies"]
    expect(set(cookies) == {"before", "signed", "after"}, f"{what}: cookies {sorted(cookies)}")
    expect(cookies["before"] == "first", f"{what}: the cookie before is {cookies['before']!r}")
    # Werkzeug reads header fields as Latin-1; these are the received bytes.
    after = cookies["after"].encode("latin-1").decode()
    expect(after == "läst", f"{what}: the cookie after is {after!r}")


def sent_cookies_are_verified_by_cookie_manager(client, server):
    for name, payload in PAYLOADS.items():
        for path in ("/cookie-manager", "/guarded"):
            expect_received(client.send(server.url, path, payload), payload, f"{name}, {path}")
    return f"{len(PAYLOADS)} payloads"


def sent_cookies_are_verified_by_itsdangerous(client, server):
    for digest in DIGESTS:
        path = f"/itsdangerous/{digest}/{KEY_ID.replace('>', '%3E')}"
        for name, payload in PAYLOADS.items():
            response = client.send(server.url, path, payload, digest)
            expect_received(response, payload, f"{name}, {path}")
    return f"{len(PAYLOADS)} payloads for each of {', '.join(DIGESTS)}"


def a_wrong_key_is_refused(client, server):
    code, body = client.send(server.url, "/cookie-manager", {"a": 1}, key="wrong")
    expect(code == "SAC_ERR_STATUS", f"a cookie with a wrong key: {code} {body}")


def each_attempt_has_a_new_signature(client, server):
    code, body = client.send(server.url, "/busy-once", {"a": 1})
    expect(code == "SAC_OK", f"a server that is busy once: {code} {body}")
    times = [
        signer(KEY, "sha1").unsign(cookie, return_timestamp=True)[1] for cookie in body["received"]
    ]
    expect(len(times) == 2 and times[0] < times[1], f"the attempts were signed at {times}")


def signed_cookies_have_the_text_of_python(client, _):
    for digest in DIGESTS:
        for name, payload in PAYLOADS.items():
            cookie = client.sign(payload, digest)
            text = signer(KEY, digest).unsign(cookie, max_age=MAX_AGE_S).decode("ascii")
            expected = json.dumps(with_key_id(payload)).replace(";", "\\u003b")
            expect(text == expected, f"{name}, {digest}: signed {text}, Python signs {expected}")


def forms(cookie):
    """The forms of a cookie: as signed, and as Python's libraries write it in Set-Cookie."""
    simple = SimpleCookie()
    simple["signed"] = cookie
    werkzeug = dump_cookie("signed", cookie, path=None, max_size=0).partition("=")[2]
    return {"as signed": cookie, "SimpleCookie": simple["signed"].coded_value, "Flask": werkzeug}


def cookies_of_python_are_accepted(client, _):
    for digest in DIGESTS:
        for name, payload in PAYLOADS.items():
            if digest == "sha1":
                cookie = manager({KEY_ID: KEY}).sign(dict(payload), KEY_ID)
            else:
                cookie = signer(KEY, digest).sign(json.dumps(with_key_id(payload))).decode()
            for form, value in forms(cookie).items():
                code, text = client.verify(value, digest)
                expect(code == "SAC_OK", f"{name}, {digest}, {form}: {code}")
                expect(json.loads(text) == with_key_id(payload), f"{name}, {form}: {text}")


def forged_cookies_are_refused(client, _):
    cookie = manager({KEY_ID: KEY}).sign({"role": "user"}, KEY_ID)
    forgeries = {
        "another payload": (cookie.replace("user", "root"), KEY),
        "another key": (cookie, "wrong"),
        "no mac": (cookie.rpartition(".")[0], KEY),
        "an unknown key_id": (manager({"x": KEY}).sign({"role": "user"}, "x"), KEY),
    }
    old = signer(KEY, "sha1")
    old.get_timestamp = lambda: 1586390400
    forgeries["an old timestamp"] = (old.sign(json.dumps(with_key_id({}))).decode(), KEY)
    old.get_timestamp = lambda: 1 << 40
    forgeries["a timestamp in the future"] = (old.sign(json.dumps(with_key_id({}))).decode(), KEY)
    for name, (value, key) in forgeries.items():
        code, text = client.verify(value, "sha1", key)
        expect(code == "SAC_ERR_INVALID_COOKIE" and text == "", f"{name}: {code} {text}")
    return ", ".join(forgeries)


CHECKS = {
    "cookie-manager verifies libsac's cookie, and the other cookies arrive": sent_cookies_are_verified_by_cookie_manager,
    "itsdangerous verifies libsac's cookie": sent_cookies_are_verified_by_itsdangerous,
    "cookie-manager refuses a cookie that another key signed": a_wrong_key_is_refused,
    "a retry after Retry-After has a new timestamp and mac": each_attempt_has_a_new_signature,
    "sac_cookie_sign signs the text that json.dumps writes": signed_cookies_have_the_text_of_python,
    "sac_cookie_verify accepts Python's cookies in every form": cookies_of_python_are_accepted,
    "sac_cookie_verify refuses forged cookies": forged_cookies_are_refused,
    **webhooks.CHECKS,
}


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    packages = ("Flask", "Werkzeug", "itsdangerous", "cookie-manager", "stripe", "slack_sdk", "standardwebhooks")
    print("with", ", ".join(f"{name} {version(name)}" for name in packages))
    client, checks = Client(sys.argv[1]), Checks()
    with Server(create_app({KEY_ID: KEY})) as server:
        for name, check in CHECKS.items():
            checks.check(name, check, client, server)
    print(checks.summary())
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
