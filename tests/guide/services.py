"""The servers that the guide's programs call in addition to the demo server: one with TLS that requires
a client certificate, one on a Unix domain socket, and a proxy. They end with the process.
"""

import hashlib
import json
import os
import select
import socket
import socketserver
import ssl
import subprocess
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SUBJECTS = {"ca": "/CN=guide authority", "server": "/CN=127.0.0.1", "client": "/CN=reporting"}


class EchoHandler(BaseHTTPRequestHandler):
    """Returns the host, the path and the caller of a request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802, the name is http.server's
        body = json.dumps({"host": self.headers["Host"], "path": self.path, "caller": self.caller()})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def caller(self):
        """The name in the client's certificate, if there is one."""
        if not isinstance(self.connection, ssl.SSLSocket):
            return None
        subject = self.connection.getpeercert().get("subject", ())
        return dict(pair[0] for pair in subject).get("commonName")

    def address_string(self):
        return ""

    def log_message(self, *_):
        pass


class DigestHandler(EchoHandler):
    """Asks for Digest authentication (RFC 7616), and returns the user and the number of the request."""

    REALM, NONCE = "guide", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"

    def do_GET(self):  # noqa: N802
        if self.credentials():
            super().do_GET()
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", f'Digest realm="{self.REALM}", nonce="{self.NONCE}", '
                         'qop="auth", algorithm=SHA-256')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def credentials(self):
        """The parameters of valid credentials."""
        given = urllib.request.parse_keqv_list(urllib.request.parse_http_list(
            self.headers.get("Authorization", "").removeprefix("Digest ")))

        def digest(*parts):
            return hashlib.sha256(":".join(parts).encode()).hexdigest()

        key = digest(given.get("username", ""), self.REALM, "s3cret")
        counted = (given.get(name, "") for name in ("nc", "cnonce", "qop"))
        expected = digest(key, self.NONCE, *counted, digest(self.command, self.path))
        return given if given.get("response") == expected else None

    def caller(self):
        given = self.credentials()
        return f"{given['username']} {int(given['nc'], 16)}"


class SocketServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class SecureServer(ThreadingHTTPServer):
    """A server with TLS. The handshake runs on the connection's thread; a failed handshake is not reported."""

    def __init__(self, context):
        super().__init__(("127.0.0.1", 0), EchoHandler)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request, client_address):
        pass


class ProxyHandler(BaseHTTPRequestHandler):
    """A proxy: forwards a request for an absolute URL, and returns the response."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802
        target = urlsplit(self.path)
        with socket.create_connection((target.hostname, target.port or 80)) as upstream:
            lines = [f"GET {target.path or '/'} HTTP/1.1", "Connection: close", "Via: 1.1 guide"]
            lines += [f"{name}: {value}" for name, value in self.headers.items() if name != "Connection"]
            upstream.sendall("\r\n".join(lines + ["", ""]).encode())
            self.close_connection = True
            while select.select([upstream], [], [], 30)[0]:
                piece = upstream.recv(65536)
                if not piece:
                    break
                self.wfile.write(piece)

    def log_message(self, *_):
        pass


def start(folder):
    """Starts all servers, with their files in a folder, and returns their addresses by name."""
    _make_certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
    context.load_verify_locations(f"{folder}/ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    path = f"{folder}/shop.sock"
    if os.path.exists(path):
        os.remove(path)
    servers = {
        "tls": SecureServer(context),
        "digest": ThreadingHTTPServer(("127.0.0.1", 0), DigestHandler),
        "proxy": ThreadingHTTPServer(("127.0.0.1", 0), ProxyHandler),
        "socket": SocketServer(path, EchoHandler),
    }
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return {
        "tls": f"https://127.0.0.1:{servers['tls'].server_address[1]}",
        "digest": f"http://127.0.0.1:{servers['digest'].server_address[1]}",
        "proxy": f"http://127.0.0.1:{servers['proxy'].server_address[1]}",
        "socket": path,
    }


def _make_certificates(folder):
    """Makes an authority, and two certificates that it signs."""
    for name, subject in SUBJECTS.items():
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{folder}/{name}.key"]
        command = ["openssl", "req", "-x509", *key, "-subj", subject, "-days", "2", "-out", f"{folder}/{name}.pem"]
        if name != "ca":
            command += ["-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key"]
            command += ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
        subprocess.run(command, check=True, capture_output=True)
    encrypt = ["openssl", "pkcs8", "-topk8", "-in", f"{folder}/client.key", "-out", f"{folder}/encrypted.key"]
    subprocess.run([*encrypt, "-passout", "pass:s3cret"], check=True, capture_output=True)
