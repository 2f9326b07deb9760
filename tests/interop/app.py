"""A Flask application as it stands in front of cookie-manager: the server side of the checks.

It judges the cookies that arrived over the wire, as Werkzeug hands them out.
"""

import hashlib
import threading

from cookie_manager import CookieManager, CookieSecurityDecorator
from flask import Flask, Response, jsonify, request
from itsdangerous import TimestampSigner
from werkzeug import exceptions
from werkzeug.serving import make_server

DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}
MAX_AGE_S = 50


class SilentLogger:
    """cookie-manager prints whole cookies otherwise."""

    def _ignore(self, message):
        pass

    critical = error = warning = info = debug = _ignore


def signer(key, digest):
    """itsdangerous as it has to be set up to read the cookies of libsac."""
    return TimestampSigner(key, key_derivation="django-concat", digest_method=DIGESTS[digest])


def manager(keys):
    """cookie-manager as a Flask application sets it up."""
    return CookieManager(keys=keys, logger=SilentLogger(), exceptions=exceptions)


def create_app(keys):
    """The application; `keys` are those that it believes, by their ids."""
    app = Flask(__name__)
    cookies = manager(keys)
    guard = CookieSecurityDecorator()
    guard.init_app(request=request, cookie_manager=cookies, cookie_name="signed")

    @app.get("/cookie-manager")
    def by_cookie_manager():
        return jsonify(payload=cookies.verify(request.cookies["signed"]), cookies=request.cookies)

    @app.get("/guarded")
    @guard.keys_required(list(keys))
    def by_decorator():
        return jsonify(cookies=request.cookies)

    @app.get("/itsdangerous/<digest>/<key_id>")
    def by_itsdangerous(digest, key_id):
        unsigned = signer(keys[key_id], digest).unsign(request.cookies["signed"], max_age=MAX_AGE_S)
        return jsonify(payload=app.json.loads(unsigned), cookies=request.cookies)

    first_seen = []

    @app.get("/busy-once")
    def busy_once():
        """Turns the first request away for longer than the timestamp's second."""
        first_seen.append(request.cookies["signed"])
        if len(first_seen) == 1:
            return Response("busy", 503, {"retry-after-ms": "1100", "Retry-After": "2"})
        return jsonify(seen=first_seen)

    return app


class Server:
    """The application on a free port, for as long as the `with` lasts."""

    def __init__(self, app):
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
