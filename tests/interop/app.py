"""A Flask application with cookie-manager: the server side of the checks.

It verifies the received cookies, as Werkzeug parses them.
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
    """Without this, cookie-manager prints whole cookies."""

    def _ignore(self, message):
        pass

    critical = error = warning = info = debug = _ignore


def signer(key, digest):
    """itsdangerous, configured for the cookies of libsac."""
    return TimestampSigner(key, key_derivation="django-concat", digest_method=DIGESTS[digest])


def manager(keys):
    """cookie-manager, configured as in a Flask application."""
    return CookieManager(keys=keys, logger=SilentLogger(), exceptions=exceptions)


def create_app(keys):
    """Makes the application. `keys` are the keys that it accepts, by their ids."""
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

    received = []

    @app.get("/busy-once")
    def busy_once():
        """Delays the retry of the first request for longer than the resolution of the timestamp, a second."""
        received.append(request.cookies["signed"])
        if len(received) == 1:
            return Response("busy", 503, {"retry-after-ms": "1100", "Retry-After": "2"})
        return jsonify(received=received)

    return app


class Server:
    """Serves the application on a free port, during a `with`."""

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
