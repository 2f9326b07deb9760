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


def macro(header, name):
    """The value of a macro of a C++ header, from the preprocessor; None if there is no such header."""
    done = subprocess.run(["g++", "-std=c++17", "-E", "-P", "-x", "c++", "-"], capture_output=True, text=True,
                          input=f"#include <{header}>\nlibsac_bench {name}\n")
    found = re.search(r'^libsac_bench "?(.*?)"?$', done.stdout, re.MULTILINE)
    return found.group(1) if found and done.returncode == 0 else None


def yyjson_version():
    header = peers.BUILT / "yyjson/yyjson.h"
    found = header.exists() and re.search(r'YYJSON_VERSION_STRING "(.*)"', header.read_text())
    return found.group(1) if found else None


def go_module(program, module):
    """The version of a module in a Go program; None if the program is not built."""
    listed = subprocess.run(["go", "version", "-m", str(peers.BUILT / program)], capture_output=True, text=True).stdout
    found = re.search(rf"\s{re.escape(module)}\s+v(\S+)", listed)
    return found.group(1) if found else None


def gem_version(name, constant):
    return peers.has_gem(name) and first_line("ruby", "-r", name, "-e", f"puts {constant}")


def versions():
    manifest = (peers.ROOT / "Cargo.toml").read_text()
    found = {
        "libsac": re.search(r'^version = "(.*)"', manifest, re.MULTILINE).group(1),
        "libcurl": first_line("curl-config", "--version").removeprefix("libcurl "),
        "yyjson": yyjson_version(),
        "cpr": macro("cpr/cprver.h", "CPR_VERSION"),
        "cpp-httplib": macro("httplib.h", "CPPHTTPLIB_VERSION"),
        "Boost": (macro("boost/version.hpp", "BOOST_LIB_VERSION") or "").replace("_", "."),
        "simdjson": macro("simdjson.h", "SIMDJSON_VERSION"),
        "Go": first_line("go", "env", "GOVERSION").removeprefix("go"),
        "fasthttp": go_module("fasthttp", "github.com/valyala/fasthttp"),
        "resty": go_module("resty", "github.com/go-resty/resty/v2"),
        "Ruby": first_line("ruby", "-e", "puts RUBY_VERSION"),
        "http.rb": gem_version("http", "HTTP::VERSION"),
        "Typhoeus": gem_version("typhoeus", "Typhoeus::VERSION"),
        "Faraday": gem_version("faraday", "Faraday::VERSION"),
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
