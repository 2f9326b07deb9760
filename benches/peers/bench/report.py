"""The tables of docs/performance.md. The other text of the page, outside of `<!-- begin NAME -->` and
`<!-- end NAME -->`, is written by hand."""

import re

from . import parsers, peers, targets
from .measure import THREADS

PAGE = peers.ROOT / "docs/performance.md"
NAMES = {peer.key: peer.label for peer in peers.ALL}


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value):
    """The number with three significant digits."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def in_order(keys):
    return [peer.key for peer in peers.ALL if peer.key in keys]


def rows_of(columns, cell):
    """A row for each peer in any of the columns (dicts by key); blank if a column lacks it."""
    keys = {key for column in columns for key in column}
    return [[NAMES[key]] + [cell(column[key]) if key in column else "" for column in columns] for key in in_order(keys)]


def time_and_ratio(result):
    ratio = result["to_libcurl"]
    return number(result["us"]) + (f" ({ratio:.2f})" if ratio else "")


def targets_table(results):
    rows = [[target.what, target.show(target.limit), target.show(target.value), "met" if target.met else "**not met**"]
            for target in targets.all_targets(results)]
    allocations = results["counters"][peers.SAC]["allocations"]
    rows.append(["allocations for a GET of 200 B", "no target", f"{allocations:.0f}", ""])
    return table(["", "at most", "measured", ""], rows)


def calls_table(results):
    sizes = ["json-200", "json-10k", "json-1m", "binary-1m", "binary-10m"]
    rows = rows_of([results["calls"][size] for size in sizes], time_and_ratio)
    floors = {NAMES[key]: f"{own['to_floor']:.2f}" for key, own in results["calls"]["json-200"].items()}
    rows = [[row[0], floors.get(row[0], ""), *row[1:]] for row in rows]
    return table(["µs for a call (× libcurl)", "200 B, × raw socket loop", "200 B", "10 KB", "1 MB", "1 MB, binary",
                  "10 MB, binary"], rows)


def values_table(results):
    def cell(result):
        ratio = result["to_yyjson"]
        return number(result["us"]) + (f" ({ratio:.2f})" if ratio else "")

    rows = rows_of([results["calls"][key] for key in ("value-200", "value-10k", "walk")], cell)
    return table(["µs for a call (× libcurl and yyjson)", "200 B, a value", "10 KB, a value",
                  "110 KB, five values of 1,000 objects"], rows)


def bindings_table(results):
    calls = results["calls"]["json-200"]
    rows = []
    for key, others in (("sac-c", ("curl",)), ("sac-cpp", ("cpr", "httplib", "beast")),
                        ("sac-go", ("net-http-go", "fasthttp", "resty")),
                        ("sac-ruby", ("net-http-ruby", "http-rb", "typhoeus", "faraday")), ("sac-ruby-main", ())):
        if key in calls:
            others_text = ", ".join(f"{NAMES[other].split(',')[0]} {number(calls[other]['over_sac'])}"
                               for other in others if other in calls)
            rows.append([NAMES[key], number(calls[key]["us"]), number(calls[key]["over_sac"]), others_text])
    return table(["200 B", "µs for a call", "µs over libsac from C", "other clients, µs over libsac from C"], rows)


def threads_table(results):
    columns = [results["threads"][str(threads)] for threads in THREADS]
    return table(["µs for a call (× libcurl)", *map(str, THREADS)], rows_of(columns, time_and_ratio))


def tls_table(results):
    times, resumed = results["tls"]["times"], results["tls"]["resumed"]["resumed"]
    rows = rows_of([times["keep"], times["resumed"], times["new"]], time_and_ratio)
    shares = {NAMES[key]: f"{share:.0%}" for key, share in resumed.items()}
    return table(["µs for a call (× libcurl)", "connection kept", "session resumed", "full handshake",
                  "share of resumed sessions"], [[*row, shares[row[0]]] for row in rows])


def cold_table(results):
    rows = rows_of([results["cold"]["plain"], results["cold"]["tls"]], number)
    return table(["ms from the start of the process", "plain", "TLS, the system's roots"], rows)


def memory_table(results):
    def mebibytes(kind):
        return lambda result: f"{result[kind] / 1024:.1f}"

    single = rows_of([results["threads"]["1"], results["threads"]["64"]], mebibytes("resident"))
    peaks = {NAMES[key]: mebibytes("peak")(own) for key, own in results["calls"]["binary-10m"].items()}
    return table(["MiB resident", "200 B, one thread", "200 B, 64 threads", "10 MB, peak"],
                 [[*row, peaks.get(row[0], "")] for row in single])


def counters_table(results):
    kinds = ("instructions", "instructions_few_fields", "system_calls", "allocations")
    formats = {"instructions": "{:,.0f}", "instructions_few_fields": "{:,.0f}", "system_calls": "{:.1f}", "allocations": "{:.0f}"}
    counted = results["counters"]
    rows = [[NAMES[key]] + [formats[kind].format(counted[key][kind]) if kind in counted[key] else "" for kind in kinds]
            for key in in_order(counted)]
    return table(["for a GET of 200 B", "user instructions", "with two response fields", "system calls", "allocations"], rows)


def sizes_table(results):
    rows = [[name, f"{own['alone'] / 1e6:.2f}", f"{own['all'] / 1e6:.2f}", str(own["files"])]
            for name, own in (("libsac.so", results["sizes"]["sac-c"]), ("libcurl.so", results["sizes"]["curl"]))]
    return table(["MB, stripped", "alone", "with its dependencies except the C library", "files"], rows)


def parsers_table(results):
    return table(["MB/s", "", *parsers.PROGRAMS], parsers.rows(results["json"]))


def faster_peers(series_of, value=lambda own: own["us"]):
    """Each peer that is at least 2 % faster than libsac in the same language, with the ratio of the times."""
    ours = {peer.language: peer.key for peer in reversed(peers.ALL) if peer.ours and peer.key in series_of}
    for peer in peers.ALL:
        if peer.key in series_of and not peer.ours and peer.key != peers.FLOOR and peer.language in ours:
            ratio = value(series_of[peer.key]) / value(series_of[ours[peer.language]])
            if ratio < 0.98:
                yield f"{NAMES[peer.key]} ({ratio:.2f})"


def faster_text(results):
    """The cases of all tables in which a peer is faster than libsac."""
    timed = {
        **{f"{threads} threads": own for threads, own in results["threads"].items() if threads != "1"},
        **{{"keep": "TLS, kept", "resumed": "TLS, resumed", "new": "TLS, full handshake"}[kind]: own
           for kind, own in results["tls"]["times"].items()},
    }
    names = {"json-200": "200 B", "json-10k": "10 KB", "json-1m": "1 MB of JSON", "binary-1m": "1 MB, binary",
             "binary-10m": "10 MB, binary", "value-200": "200 B, a value read", "value-10k": "10 KB, a value read",
             "walk": "five values of 1,000 objects"}
    timed = {**{names[key]: own for key, own in results["calls"].items()}, **timed}
    found = {where: list(faster_peers(series_of)) for where, series_of in timed.items()}
    for where, key in (("cold start", "plain"), ("cold start with TLS", "tls")):
        found[where] = list(faster_peers(results["cold"][key], lambda own: own))
    lines = [f"- {where}: {', '.join(each)}" for where, each in found.items() if each]
    return "\n".join(lines) or "None in this run."


def machine_text(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    spread = results["calls"]["json-200"][peers.SAC]["spread"]
    return (f"{machine['date']}; {machine['cores']} cores of {machine['processor']}, {machine['memory']}, {machine['system']}. "
            f"{versions}. Instructions by `{results['counter']}`. Half of the rounds of libsac at 200 B lie within "
            f"±{spread:.1%} of their median.")


BLOCKS = {
    "machine": machine_text,
    "targets": targets_table,
    "faster": faster_text,
    "calls": calls_table,
    "values": values_table,
    "bindings": bindings_table,
    "threads": threads_table,
    "tls": tls_table,
    "cold": cold_table,
    "memory": memory_table,
    "counters": counters_table,
    "sizes": sizes_table,
    "parsers": parsers_table,
}


def write(results):
    page = PAGE.read_text()
    for name, make in BLOCKS.items():
        pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        if not pattern.search(page):
            raise SystemExit(f"{PAGE} has no block {name}")
        block = make(results)
        page = pattern.sub(lambda found: found[1] + block + "\n" + found[2], page)
    PAGE.write_text(page)


def print_targets(results):
    for target in targets.all_targets(results):
        print(f"{'met    ' if target.met else 'NOT MET'}  {target.what}: {target.show(target.value)} (at most {target.show(target.limit)})")
