"""What libsac is to reach, and whether it does."""

import dataclasses

from . import peers


@dataclasses.dataclass(frozen=True)
class Goal:
    what: str
    value: float
    limit: float
    unit: str = "×"

    @property
    def met(self):
        # As it is printed: nobody can see more.
        return round(self.value, self.digits) <= self.limit

    @property
    def digits(self):
        return 0 if self.unit == "" and self.limit > 100 else 2

    def show(self, number):
        return f"{number:,.{self.digits}f} {self.unit}".strip() if self.digits == 0 else f"{number:.2f} {self.unit}".strip()


def goals(results):
    sac = peers.SAC
    calls, tls, threads = results["calls"], results["tls"]["times"], results["threads"]
    counted, cold = results["counters"][sac], results["cold"]
    small = calls["json-200"][sac]
    found = [
        Goal("200 B of JSON, to the floor", small["to_floor"], 1.6),
        Goal("200 B of JSON, to libcurl without JSON", small["to_libcurl"], 0.75),
        Goal("user instructions for a GET of 200 B", counted["instructions"], 26000, ""),
        Goal("system calls for a GET of 200 B", counted["system_calls"], 3, ""),
        Goal("10 KB of JSON, checked, to libcurl and jansson", calls["json-10k"][sac]["to_jansson"], 0.2),
        Goal("1 MB, binary, to libcurl with a buffer of 512 KB", calls["binary-1m"][sac]["to_libcurl"], 1.1),
        Goal("10 MB, binary, to libcurl with a buffer of 512 KB", calls["binary-10m"][sac]["to_libcurl"], 1.1),
        Goal("64 threads and one client, to libcurl with a handle each", threads["64"][sac]["to_libcurl"], 0.8),
        Goal("TLS on a kept connection, to libcurl", tls["keep"][sac]["to_libcurl"], 0.8),
        Goal("TLS, session resumed, to libcurl", tls["resumed"][sac]["to_libcurl"], 0.6),
        Goal("TLS, full handshake, to libcurl", tls["new"][sac]["to_libcurl"], 0.6),
        Goal("cold start", cold["plain"][sac], 1, "ms"),
        Goal("cold start, TLS with the system's roots", cold["tls"][sac], 3, "ms"),
    ]
    return found
