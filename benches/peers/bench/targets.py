"""The targets for libsac, and whether it meets them."""

import dataclasses

from . import peers


@dataclasses.dataclass(frozen=True)
class Target:
    what: str
    value: float
    limit: float
    unit: str = "×"

    @property
    def met(self):
        # Compared as printed.
        return round(self.value, self.digits) <= self.limit

    @property
    def digits(self):
        return 0 if self.unit == "" and self.limit > 100 else 2

    def show(self, number):
        return f"{number:,.{self.digits}f} {self.unit}".strip() if self.digits == 0 else f"{number:.2f} {self.unit}".strip()


def all_targets(results):
    """The targets whose value could be measured; without yyjson, those relative to it are missing."""
    sac = peers.SAC
    tls, threads, counted, cold = results["tls"]["times"], results["threads"], results["counters"][sac], results["cold"]
    calls = {scenario: own[sac] for scenario, own in results["calls"].items()}
    found = [
        Target("200 B of JSON, relative to the raw socket loop", calls["json-200"]["to_floor"], 1.08),
        Target("10 KB of JSON, relative to the raw socket loop", calls["json-10k"]["to_floor"], 1.35),
        Target("1 MB of JSON, relative to the raw socket loop", calls["json-1m"]["to_floor"], 2.5),
        Target("200 B of JSON, relative to libcurl without JSON", calls["json-200"]["to_libcurl"], 0.75),
        Target("user instructions for a GET of 200 B", counted["instructions"], 26000, ""),
        Target("user instructions for a GET of 200 B with two response fields", counted["instructions_few_fields"], 10000, ""),
        Target("system calls for a GET of 200 B", counted["system_calls"], 3, ""),
        Target("10 KB of JSON, a value read, relative to libcurl and yyjson", calls["value-10k"]["to_yyjson"], 0.9),
        Target("five values of each of 1,000 objects, relative to libcurl and yyjson", calls["walk"]["to_yyjson"], 1),
        Target("1 MB, binary, relative to libcurl with a buffer of 512 KB", calls["binary-1m"]["to_libcurl"], 1.1),
        Target("10 MB, binary, relative to libcurl with a buffer of 512 KB", calls["binary-10m"]["to_libcurl"], 1.1),
        Target("64 threads and one client, relative to libcurl with one handle per thread", threads["64"][sac]["to_libcurl"], 0.8),
        Target("TLS on a kept connection, relative to libcurl", tls["keep"][sac]["to_libcurl"], 0.8),
        Target("TLS, session resumed, relative to libcurl", tls["resumed"][sac]["to_libcurl"], 0.6),
        Target("TLS, full handshake, relative to libcurl", tls["new"][sac]["to_libcurl"], 0.6),
        Target("cold start", cold["plain"][sac], 1, "ms"),
        Target("cold start, TLS with the system's roots", cold["tls"][sac], 3, "ms"),
    ]
    return [target for target in found if target.value is not None]
