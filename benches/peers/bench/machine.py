"""The machine of the measurements, and the versions of the programs."""

import datetime
import os
import pathlib
import platform
import re
import subprocess

from . import peers


def first_line(*command):
    """The first line of a program's output."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=peers.environment(None))
    except FileNotFoundError:
        return ""
    return (done.stdout or done.stderr).strip().split("\n")[0]


def processor():
    found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return found.group(1) if found else platform.machine()


def system():
    release = dict(re.findall(r'^(\w+)="?(.*?)"?$', pathlib.Path("/etc/os-release").read_text(), re.MULTILINE))
    return release.get("PRETTY_NAME", platform.system())


def python_package(name):
    script = f"import importlib.metadata as m; print(m.version('{name}'))"
    return first_line(str(peers.BUILT / "venv/bin/python"), "-c", script)


def cpr_version():
    # From the preprocessor, because the header defines the version as a macro.
    done = subprocess.run(["g++", "-std=c++17", "-E", "-P", "-x", "c++", "-"], capture_output=True, text=True,
                          input="#include <cpr/cprver.h>\nlibsac_bench_cpr CPR_VERSION\n")
    found = re.search(r'libsac_bench_cpr "(.*)"', done.stdout)
    return found.group(1) if found else None


def versions():
    manifest = (peers.ROOT / "Cargo.toml").read_text()
    found = {
        "libsac": re.search(r'^version = "(.*)"', manifest, re.MULTILINE).group(1),
        "libcurl": first_line("curl-config", "--version").removeprefix("libcurl "),
        "jansson": first_line("pkg-config", "--modversion", "jansson"),
        "cpr": cpr_version(),
        "Go": first_line("go", "env", "GOVERSION").removeprefix("go"),
        "Ruby": first_line("ruby", "-e", "puts RUBY_VERSION"),
        "Faraday": first_line("ruby", "-rfaraday", "-e", "puts Faraday::VERSION"),
        "Python": first_line(str(peers.BUILT / "venv/bin/python"), "-V").removeprefix("Python "),
        "requests": python_package("requests"),
        "simple-api-client": python_package("simple-api-client"),
        "nginx": first_line("nginx", "-v").rpartition("/")[2],
        "OpenSSL": first_line("openssl", "version").split()[1],
    }
    return {name: version for name, version in found.items() if version}


def describe():
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return {
        "date": datetime.date.today().isoformat(),
        "cores": os.cpu_count(),
        "processor": processor(),
        "memory": f"{int(memory.group(1)) / 1024 ** 2:.0f} GiB",
        "system": f"{system()}, Linux {platform.release().split('-')[0]}",
        "versions": versions(),
    }
