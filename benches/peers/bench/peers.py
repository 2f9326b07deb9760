"""The compared clients: their commands and features."""

import dataclasses
import functools
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
BUILT = ROOT / "build/bench"
LIBRARY = ROOT / "build/release/libsac.so.0"

FLOOR = "raw"
LIBCURL = "curl"
YYJSON = "curl-yyjson"
SAC = "sac-c"


@dataclasses.dataclass(frozen=True)
class Peer:
    """A client program. `native`: it is entirely C or C++, so that its instructions and allocations can
    be counted from outside. `parses`: its purpose is to read values, so it does that in each call. `gem`: it needs
    this library of Ruby."""

    key: str
    name: str
    language: str
    command: tuple
    native: bool = False
    tls: bool = True
    reads_values: bool = True
    parses: bool = False
    gem: str = ""

    @property
    def ours(self):
        return self.key.startswith("sac-")

    @property
    def label(self):
        return f"{self.name}, {self.language}"

    def is_built(self):
        program = pathlib.Path(self.command[-2 if len(self.command) > 1 else 0])
        return program.exists() and (not self.gem or has_gem(self.gem))


@functools.cache
def has_gem(name):
    return subprocess.run(["ruby", "-r", name, "-e", "exit"], capture_output=True).returncode == 0


def compiled(key, name, language, **traits):
    return Peer(key, name, language, (str(BUILT / key),), **traits)


def ruby(key, name, client, gem=""):
    library = str(ROOT / "bindings/ruby/lib")
    return Peer(key, name, "Ruby", ("ruby", "-I" + library, str(HERE / "ruby/peer.rb"), client), gem=gem)


def python(key, name):
    interpreter = str(BUILT / "venv/bin/python")
    return Peer(key, name, "Python", (interpreter, str(HERE / "python/peer.py"), key))


ALL = (
    compiled("raw", "raw socket loop", "C", native=True, tls=False, reads_values=False),
    compiled("curl", "libcurl", "C", native=True, reads_values=False),
    compiled("curl-yyjson", "libcurl and yyjson", "C", native=True, parses=True),
    compiled("sac-c", "**libsac**", "C", native=True),
    compiled("cpr", "cpr", "C++", native=True, reads_values=False),
    compiled("httplib", "cpp-httplib", "C++", native=True, reads_values=False),
    compiled("beast", "Boost.Beast", "C++", native=True, tls=False, reads_values=False),
    compiled("beast-simdjson", "Boost.Beast and simdjson", "C++", native=True, tls=False, parses=True),
    compiled("sac-cpp", "**libsac**", "C++", native=True),
    compiled("net-http-go", "net/http", "Go"),
    compiled("fasthttp", "fasthttp", "Go"),
    compiled("resty", "resty", "Go"),
    compiled("sac-go", "**libsac**", "Go"),
    ruby("net-http-ruby", "Net::HTTP, kept", "net_http"),
    ruby("http-rb", "http.rb", "http_rb", gem="http"),
    ruby("typhoeus", "Typhoeus", "typhoeus", gem="typhoeus"),
    ruby("faraday", "Faraday", "faraday", gem="faraday"),
    ruby("sac-ruby", "**libsac**", "sac"),
    ruby("sac-ruby-main", "**libsac**, main thread", "sac-main"),
    python("requests", "requests, kept"),
    python("original", "simple-api-client"),
)


def built():
    """The clients that could be built on this machine."""
    return [peer for peer in ALL if peer.is_built()]


def choose(*keys):
    return [peer for peer in built() if peer.key in keys]


def environment(roots):
    """The environment of a client: the library, and the trusted roots, a folder like /etc/ssl/certs."""
    trust = {}
    if roots:
        bundle = str(roots / "ca-certificates.crt")
        trust = {"SSL_CERT_FILE": bundle, "SSL_CERT_DIR": str(roots), "REQUESTS_CA_BUNDLE": bundle}
    return {**os.environ, "SAC_LIBRARY": str(LIBRARY), **trust}
