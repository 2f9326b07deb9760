"""The servers: c/server.c for plain HTTP, and nginx for TLS."""

import contextlib
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

from . import peers

SYSTEM_ROOTS = pathlib.Path("/etc/ssl/certs")
BUNDLE = "ca-certificates.crt"


@contextlib.contextmanager
def plain():
    """Runs the server of c/server.c; gives its base URL."""
    process = subprocess.Popen([peers.BUILT / "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(timeout=10)


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def make_certificates(folder):
    """Makes a CA and a certificate for localhost, with P-256 keys. Returns the folder of trusted roots."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-days", 2, "-subj", "/CN=libsac bench CA", "-keyout", folder / "ca.key",
            "-out", folder / "ca.pem", "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", *key, "-subj", "/CN=localhost", "-keyout", folder / "server.key", "-out", folder / "server.csr")
    extensions = folder / "extensions"
    extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"
                          "basicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid\n")
    openssl("x509", "-req", "-days", 2, "-in", folder / "server.csr", "-CA", folder / "ca.pem", "-CAkey",
            folder / "ca.key", "-CAcreateserial", "-extfile", extensions, "-out", folder / "server.pem")
    return copy_roots(folder / "certs", (folder / "ca.pem").read_text())


def copy_roots(folder, own):
    """Copies the system's folder of roots, with one more root in its bundle."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    others = [entry for entry in SYSTEM_ROOTS.glob("*") if entry.name != BUNDLE]
    for entry in others:
        (folder / entry.name).symlink_to(entry.resolve())
    system = SYSTEM_ROOTS / BUNDLE
    (folder / BUNDLE).write_text((system.read_text() if system.exists() else "") + own)
    return folder


# The settings of each port: kept connections, and resumed sessions.
PORTS = {
    "keep": "keepalive_timeout 600s; keepalive_requests 1000000000; ssl_session_cache shared:keep:1m; access_log off;",
    "resumed": "keepalive_timeout 0; ssl_session_cache shared:resumed:1m; ssl_session_tickets on;",
    "new": "keepalive_timeout 0; ssl_session_cache off; ssl_session_tickets off;",
}

SERVER = """
    server {{
        listen 127.0.0.1:{port} ssl;
        {settings}
        location / {{ default_type application/json; return 200 '{body}'; }}
    }}"""

CONFIGURATION = """
daemon off;
worker_processes 1;
error_log {folder}/error.log warn;
pid {folder}/nginx.pid;
events {{ worker_connections 2048; }}
http {{
    log_format sessions '$server_port $ssl_protocol $ssl_session_reused';
    access_log {folder}/access.log sessions;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    add_header Cache-Control no-store;
    add_header X-Request-Id 0f8fad5b-d9cb-469f-a165-70867728950e;
    add_header X-RateLimit-Limit 5000;
    add_header X-RateLimit-Remaining 4987;
    add_header Strict-Transport-Security max-age=31536000;
{servers}
}}
"""


def free_ports(count):
    """Free ports, because nginx cannot report the port that the system chooses for port 0."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def wait_for(port, process):
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.02)
    raise RuntimeError("nginx does not start; see build/bench/nginx/error.log")


class Nginx:
    """The ports of nginx, and its log of handshakes."""

    def __init__(self, folder, ports, roots):
        self.log = folder / "access.log"
        self.ports = ports
        self.roots = roots

    def base_url(self, kind):
        return f"https://localhost:{self.ports[kind]}"

    def handshakes(self, kind, since=0):
        """The number of handshakes on this port, and of those with a resumed session."""
        lines = [line.split() for line in self.log.read_text().splitlines()[since:]]
        mine = [line for line in lines if line[0] == str(self.ports[kind])]
        return len(mine), sum(line[2] == "r" for line in mine)

    def lines(self):
        return len(self.log.read_text().splitlines())


@contextlib.contextmanager
def nginx(plain_url, path):
    """Runs nginx on the ports of PORTS, with the response of the plain server for this path."""
    folder = peers.BUILT / "nginx"
    folder.mkdir(exist_ok=True)
    for log in folder.glob("*.log"):
        log.unlink()
    roots = make_certificates(folder)
    body = urllib.request.urlopen(plain_url + path).read().decode("ascii")
    ports = dict(zip(PORTS, free_ports(len(PORTS))))
    servers = "".join(SERVER.format(port=ports[kind], settings=PORTS[kind], body=body.replace("\\", "\\\\")) for kind in PORTS)
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, servers=servers))
    process = subprocess.Popen(["nginx", "-c", configuration, "-p", folder, "-e", folder / "error.log"])
    try:
        wait_for(ports["keep"], process)
        yield Nginx(folder, ports, roots)
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=10)
