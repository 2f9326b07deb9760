"""A Flask application with Authlib: a token server (OAuth 2.0, RFC 6749), and an API that needs its tokens."""

import threading
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

SCOPES = {"read", "write"}


class Client(ClientMixin):
    """A registered client. It may authenticate only in one way, as Authlib calls it."""

    def __init__(self, client_id, secret, method):
        self.client_id, self.secret, self.method = client_id, secret, method

    def get_client_id(self):
        return self.client_id

    def get_allowed_scope(self, scope):
        return " ".join(word for word in (scope or "read").split() if word in SCOPES)

    def check_client_secret(self, client_secret):
        return self.secret == client_secret

    def check_endpoint_auth_method(self, method, endpoint):
        return self.method == method

    def check_grant_type(self, grant_type):
        return grant_type in ("client_credentials", "refresh_token")


class Token(TokenMixin):
    """An issued token."""

    def __init__(self, client, values):
        self.client, self.issued_at, self.revoked = client, time.time(), False
        self.access_token, self.refresh_token = values["access_token"], values.get("refresh_token")
        self.scope, self.expires_in = values.get("scope", ""), values["expires_in"]

    def check_client(self, client):
        return self.client is client

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return self.expires_in

    def is_expired(self):
        return self.issued_at + self.expires_in < time.time()

    def is_revoked(self):
        return self.revoked

    def get_user(self):
        return self.client

    def get_client(self):
        return self.client


class RefreshTokenGrant(grants.RefreshTokenGrant):
    """Replaces the refresh token with each use."""

    INCLUDE_NEW_REFRESH_TOKEN = True
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def authenticate_refresh_token(self, refresh_token):
        tokens = self.server.tokens
        return next((t for t in tokens if t.refresh_token == refresh_token and not t.revoked), None)

    def authenticate_user(self, refresh_token):
        return refresh_token.client

    def revoke_old_credential(self, refresh_token):
        refresh_token.revoked = True


class ClientCredentialsGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


class Validator(BearerTokenValidator):
    def __init__(self, tokens):
        super().__init__()
        self.tokens = tokens

    def authenticate_token(self, token_string):
        return next((token for token in self.tokens if token.access_token == token_string), None)


def create_app(clients, lifetime_s):
    """Makes the application. `lifetime_s`: how long its tokens may be used."""
    app, tokens, lock = Flask(__name__), [], threading.Lock()
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = dict.fromkeys(("client_credentials", "refresh_token"), lifetime_s)
    app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True

    def save_token(values, token_request):
        with lock:
            tokens.append(Token(token_request.client, values))

    server = AuthorizationServer(app, query_client=lambda id_: clients.get(id_), save_token=save_token)
    server.tokens = tokens
    server.register_grant(ClientCredentialsGrant)
    server.register_grant(RefreshTokenGrant)
    protector = ResourceProtector()
    protector.register_token_validator(Validator(tokens))
    app.tokens, app.asked = tokens, []

    @app.post("/token")
    def token():
        app.asked.append("Basic" if request.authorization else "form")
        return server.create_token_response()

    @app.get("/thing")
    @protector("read")
    def thing():
        return jsonify(client=current_token.client.client_id, scope=current_token.scope)

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
