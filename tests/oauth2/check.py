"""Checks the tokens of libsac with Authlib's token server: usage: check.py PATH_OF_CLIENT

`scripts/run test-oauth2` starts it, in the environment with the packages.
"""

import json
import logging
import os
import subprocess
import sys

from importlib.metadata import version

from checks import Checks, expect

from server import Client, Server, Token, create_app

# Plain HTTP on the loopback interface.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
THREADS = 16
# Authlib does not decode the credentials of Basic, as RFC 6749 section 2.3.1 requires, so it accepts only these there.
SECRET = "s3cret_with-dots.and~tildes"
# In a form there is no doubt.
SPECIAL_SECRET = "s3cret: with+spaces &/% é"


class Program:
    """The C program, during a `with`."""

    def __init__(self, path, url, client_id, secret="-", scope="-", refresh_token="-"):
        arguments = [path, url, client_id, secret, scope, refresh_token]
        self._run = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._run.stdin.close()
        expect(self._run.wait(timeout=60) == 0, f"the client ended with {self._run.returncode}")
        self._run.stdout.close()

    def send(self):
        """Sends the requests. Returns their codes and bodies, and the saved refresh token."""
        print("go", file=self._run.stdin, flush=True)
        lines = [self._run.stdout.readline().rstrip("\n").split("\t") for _ in range(THREADS + 1)]
        return [(code, json.loads(text)) for code, text in lines[:-1]], lines[-1][1]


def expect_all(results, code, body):
    for got in results:
        expect(got == (code, body), f"{got} instead of {(code, body)}")


def check_credentials(path, method, secret, scope, expected_scope, expected_places):
    app = create_app({"app": Client("app", secret, method)}, 3600)
    with Server(app) as server, Program(path, server.url, "app", secret, scope) as program:
        for _ in range(2):
            results, saved = program.send()
            expect_all(results, "SAC_OK", {"client": "app", "scope": expected_scope})
        expect(app.asked == expected_places, f"the library asked with {app.asked}")
        expect(saved == "-", f"saved {saved}")
        # A token that the server revokes is replaced, by one request for all threads.
        app.tokens[-1].revoked = True
        expect_all(program.send()[0], "SAC_OK", {"client": "app", "scope": expected_scope})
        expect(len(app.asked) == len(expected_places) + 1, f"the library asked with {app.asked}")


def credentials_in_basic(path):
    check_credentials(path, "client_secret_basic", SECRET, "-", "read", ["Basic"])


def credentials_in_the_form(path):
    check_credentials(path, "client_secret_post", SPECIAL_SECRET, "read write", "read write", ["Basic", "form"])


def check_refresh_token(path, method, secret):
    client = Client("mobile", secret, method)
    app = create_app({"mobile": client}, 3600)
    first = {"access_token": "none", "refresh_token": "first", "expires_in": 3600, "scope": "read"}
    app.tokens.append(Token(client, first))
    with Server(app) as server, Program(path, server.url, "mobile", secret or "-", "-", "first") as program:
        seen = set()
        for _ in range(3):
            results, saved = program.send()
            expect_all(results, "SAC_OK", {"client": "mobile", "scope": "read"})
            expect(saved == app.tokens[-1].refresh_token, "the last refresh token was not saved")
            seen.add(saved)
            app.tokens[-1].issued_at = 0
        expect(len(seen) == 3, f"the library saved {len(seen)} refresh tokens")
        expect(len(app.asked) == 3, f"the library asked with {app.asked}")


def refresh_token_of_a_public_client(path):
    check_refresh_token(path, "none", None)


def refresh_token_of_a_client_with_a_secret(path):
    check_refresh_token(path, "client_secret_basic", SECRET)


def each_expiry_costs_one_request(path):
    app = create_app({"app": Client("app", SECRET, "client_secret_basic")}, 2)
    with Server(app) as server, Program(path, server.url, "app", SECRET) as program:
        while len(app.tokens) < 4:
            expect_all(program.send()[0], "SAC_OK", {"client": "app", "scope": "read"})
        lives = [later.issued_at - token.issued_at for token, later in zip(app.tokens, app.tokens[1:])]
        # The last tenth of a life of 2 s begins after 1.8 s.
        expect(min(lives) > 1.7, f"the library asked again after {lives} s")


def refusals_have_the_words_of_the_server(path):
    known = Client("app", SECRET, "client_secret_basic")
    for secret, refresh_token, word in [("wrong", "-", "invalid_client"), (SECRET, "lost", "invalid_grant")]:
        app = create_app({"app": known}, 3600)
        with Server(app) as server, Program(path, server.url, "app", secret, "-", refresh_token) as program:
            results, _ = program.send()
            expect({code for code, _ in results} == {"SAC_ERR_TOKEN"}, f"{results}")
            expect(all(word in body["error"] for _, body in results), f"{results}")
            expect(not any(secret in body["error"] for _, body in results), f"{results}")
            # A refusal of Basic may mean that the server wants the credentials in the form.
            expect(len(app.asked) == (2 if word == "invalid_client" else 1), f"asked with {app.asked}")


CHECKS = {
    "client credentials in Basic": credentials_in_basic,
    "client credentials in the form": credentials_in_the_form,
    "a refresh token of a public client": refresh_token_of_a_public_client,
    "a refresh token of a client with a secret": refresh_token_of_a_client_with_a_secret,
    "each expiry costs one request": each_expiry_costs_one_request,
    "refusals have the words of the server": refusals_have_the_words_of_the_server,
}


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    print("with", ", ".join(f"{name} {version(name)}" for name in ("Authlib", "Flask", "Werkzeug")))
    checks = Checks()
    for name, check in CHECKS.items():
        checks.check(name, check, sys.argv[1])
    print(checks.summary())
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
