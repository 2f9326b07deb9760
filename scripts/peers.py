"""The test suites of other projects, with this library in place of the one that they are written for."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import build
from checks import Checks, expect
from project import ROOT, command, run

# The pinned release of resty v2, with its hash as in go.sum.
RESTY = "github.com/go-resty/resty/v2@v2.17.2"
RESTY_SUM = "h1:FQW5oHYcIlkCNrMD2lloGScxcHJ0gkjshV3qcQAyHQk="
RESTY_WORK = Path("build/resty")
# Where resty makes the transport of a client.
RESTY_TRANSPORT = "hc.Transport = createTransport(nil)"
# The tests that need something else than the transport of net/http, one a line: the name, a colon, the reason.
RESTY_LIST = Path("tests/resty/cannot-pass.txt")
# A client that did not use the library would make the result worthless.
LEAST_REQUESTS = 300


@command()
def test_resty():
    """The tests of resty v2 (Go), with sac.Transport in place of the transport of net/http.

    All tests must pass, except those of tests/resty/cannot-pass.txt, which must fail. A failed test runs again alone,
    because some measure pauses, which a busy machine makes longer. Needs go, and access to a proxy of Go modules."""
    checks = Checks()
    build.build()
    environment = {**build.go_environment(), "GOFLAGS": "-buildvcs=false -mod=mod"}
    module = download(RESTY, environment)
    if module is None:
        checks.skip("resty", f"go cannot download {RESTY}")
        return checks
    expect(module["Sum"] == RESTY_SUM, f"{RESTY} has the hash {module['Sum']}, not {RESTY_SUM}")
    prepare(Path(module["Dir"]), environment)
    checks.check("resty's tests", run_resty, environment)
    return checks


def download(module, environment):
    """Downloads a Go module. Returns its description; None if that is impossible."""
    Path("build").mkdir(exist_ok=True)
    words = ["go", "mod", "download", "-json", module]
    # In a folder without a go.mod.
    done = subprocess.run(words, cwd="build", env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True,
                          check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def prepare(source, environment):
    """Copies resty, and lets its clients use the library."""
    shutil.rmtree(RESTY_WORK, ignore_errors=True)
    shutil.copytree(source, RESTY_WORK)
    # The module cache is read-only.
    for path in [RESTY_WORK, *RESTY_WORK.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)
    client = RESTY_WORK / "client.go"
    text = client.read_text(encoding="utf-8")
    expect(text.count(RESTY_TRANSPORT) == 1, f"{client} does not contain {RESTY_TRANSPORT} once")
    text = text.replace(RESTY_TRANSPORT, "hc.Transport = sendThroughSAC(createTransport(nil))")
    client.write_text(text, encoding="utf-8")
    shutil.copy("tests/resty/transport.go", RESTY_WORK / "sac_transport.go")
    shutil.copy("tests/resty/main_test.go", RESTY_WORK / "sac_main_test.go")
    run("go", "mod", "edit", "-require=libsac/sac@v0.0.0", f"-replace=libsac/sac={ROOT / 'bindings/go'}",
        cwd=RESTY_WORK, environment=environment)


def run_resty(environment):
    results, log = run_tests(environment)
    requests = re.search(r"^sac\.Transport has sent (\d+) requests$", log, re.M)
    expect(requests, "the tests did not run to their end")
    expect(int(requests[1]) >= LEAST_REQUESTS, f"sac.Transport has sent only {requests[1]} requests")
    failed = {name for name, result in results.items() if result == "fail" and not passes_alone(name, environment)}
    listed = dict(line.split(": ", 1) for line in RESTY_LIST.read_text(encoding="utf-8").splitlines()
                  if line and not line.startswith("#"))
    unlisted, passing = sorted(failed - set(listed)), sorted(set(listed) - failed)
    expect(not unlisted, f"these tests of resty fail: {', '.join(unlisted)}")
    expect(not passing, f"these tests of resty pass, or do not exist; remove them from {RESTY_LIST}: {', '.join(passing)}")
    skipped = sum(result == "skip" for result in results.values())
    passed = len(results) - skipped - len(failed)
    return f"{passed} of {len(results)} passed, {len(listed)} cannot pass, {skipped} skipped, {requests[1]} requests"


def passes_alone(name, environment):
    return any(run_tests(environment, "-run", f"^{name}$")[0].get(name) == "pass" for _ in range(2))


def run_tests(environment, *more):
    """Runs tests of resty. Returns the result of each test, without subtests, and the output."""
    # Without vet, because it judges the code of resty.
    words = ["go", "test", "-count=1", "-vet=off", "-timeout=10m", "-json", *more, "."]
    done = subprocess.run(words, cwd=RESTY_WORK, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True,
                          check=False)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    log = "".join(event.get("Output", "") for event in events)
    print(log, end="")
    results = {event["Test"]: event["Action"] for event in events
               if event["Action"] in ("pass", "fail", "skip") and "/" not in event.get("Test", "/")}
    return results, log
