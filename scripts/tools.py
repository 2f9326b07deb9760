"""The tools that the commands need: find them, and install them if possible."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

from checks import Failed, expect, heading
from project import ROOT, argument, command, output, run, succeeds, version_key

# A shell command that shows that a tool works, its Debian packages, and other advice if it is missing.
Tool = namedtuple("Tool", "probe packages advice", defaults=("", ""))
TOOLS = {
    "cargo": Tool("cargo --version", "rustup", "install Rust as https://rustup.rs says"),
    "rustfmt": Tool("cargo fmt --version", advice="rustup component add rustfmt"),
    "clippy": Tool("cargo clippy --version", advice="rustup component add clippy"),
    "rust-src": Tool('test -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library"',
                     advice="rustup component add rust-src"),
    "cc": Tool("cc --version", "gcc libc6-dev"),
    "g++": Tool("g++ --version", "g++"),
    "clang++": Tool('echo "int main() {}" | clang++ -fsanitize=address,undefined -x c++ - -o /dev/null',
                    "clang libclang-rt-dev"),
    "doctest": Tool('echo "#include <doctest/doctest.h>" | g++ -fsyntax-only -x c++ -', "doctest-dev"),
    "nlohmann-json": Tool('echo "#include <nlohmann/json.hpp>" | g++ -fsyntax-only -x c++ -', "nlohmann-json3-dev"),
    "valgrind": Tool("valgrind -q true", "valgrind libc6-dbg"),
    "strace": Tool("strace --version", "strace"),
    "readelf": Tool("readelf --version", "binutils"),
    "python3": Tool('python3 -c "import ensurepip, venv"', "python3 python3-venv"),
    "go": Tool("go version", "golang-go"),
    "pkg-config": Tool("pkg-config --version", "pkg-config"),
    "ruby": Tool('ruby -rffi -rrack -e "exit RUBY_VERSION >= %q(3.1)"', "ruby ruby-ffi ruby-rack"),
    "ruby-tools": Tool('ruby -rfaraday -e "gem %q(minitest); gem %q(rbs)" && rubocop --version && yard --version',
                       "ruby-faraday rubocop yard"),
    "faraday": Tool("ruby -rfaraday -e exit", "ruby-faraday"),
    "rails": Tool("ruby -ractive_support/all -raction_controller -e exit", "ruby-activesupport ruby-actionpack"),
    "api-gems": Tool("ruby -roctokit -relasticsearch -roauth2 -rfaraday_middleware -rfaraday_middleware/aws_sigv4 "
                     "-racme-client -rsignet -e exit",
                     "ruby-octokit ruby-elasticsearch ruby-oauth2 ruby-faraday-middleware "
                     "ruby-faraday-middleware-aws-sigv4 ruby-acme-client ruby-signet"),
    "faraday-examples": Tool("command -v rspec unshare ip && ruby -rwebmock -rmultipart_parser/reader -e exit",
                             "ruby-rspec ruby-webmock ruby-multipart-parser util-linux iproute2"),
    "puma": Tool("ruby -rpuma -e exit", "puma"),
    "sidekiq": Tool("ruby -rsidekiq -e exit", "ruby-sidekiq"),
    "async": Tool("ruby -rasync -e exit", "ruby-async"),
    "newest-ruby": Tool('[ "$(id -u)" = 0 ] && command -v mmdebstrap', "mmdebstrap"),
    "doxygen": Tool("doxygen --version", "doxygen"),
    "mandoc": Tool("command -v mandoc", "mandoc"),
    "yard": Tool("yard --version", "yard"),
    "nginx": Tool("PATH=$PATH:/usr/sbin nginx -v", "nginx-light"),
    "tinyproxy": Tool("tinyproxy -v", "tinyproxy"),
    "microsocks": Tool("command -v microsocks", "microsocks"),
    "openssl": Tool("openssl version", "openssl ca-certificates"),
    "libcurl": Tool('echo "#include <curl/curl.h>" | cc -fsyntax-only -x c -', "libcurl4-openssl-dev"),
    "cpr": Tool('echo "#include <cpr/cpr.h>" | g++ -std=c++17 -fsyntax-only -x c++ -',
                advice="Debian has libcpr-dev since release 13"),
    "cpp-httplib": Tool("pkg-config --exists cpp-httplib openssl", "libcpp-httplib-dev libssl-dev"),
    "boost": Tool('echo "#include <boost/beast.hpp>" | g++ -fsyntax-only -x c++ -', "libboost-dev"),
    "simdjson": Tool('echo "#include <simdjson.h>" | g++ -std=c++17 -fsyntax-only -x c++ -', "libsimdjson-dev"),
    "http-rb": Tool("ruby -rhttp -e exit", "ruby-http"),
    "typhoeus": Tool("ruby -rtyphoeus -e exit", "ruby-typhoeus"),
    "cmake": Tool("cmake --version", "cmake"),
    "abigail": Tool("abidiff --version", "abigail-tools"),
    "dpkg-dev": Tool("dpkg-gencontrol --version", "dpkg-dev"),
    "lintian": Tool("lintian --version", "lintian"),
}
# The required and the optional tools of each purpose. Without an optional tool, everything that needs it is skipped.
PURPOSES = {
    "demo": ("cargo cc g++", "go pkg-config ruby"),
    "docs": ("cargo cc python3 go pkg-config doxygen mandoc yard", ""),
    "test": ("cargo rustfmt clippy cc g++ valgrind strace readelf python3 go pkg-config ruby ruby-tools clang++ "
             "doctest nlohmann-json doxygen mandoc openssl cmake abigail",
             "nginx tinyproxy microsocks dpkg-dev lintian rust-src rails api-gems faraday-examples puma sidekiq "
             "async newest-ruby"),
    "bench": ("cargo cc g++ go pkg-config ruby python3 valgrind strace nginx openssl libcurl",
              "cpr cpp-httplib boost simdjson faraday http-rb typhoeus"),
}
# Services for tests, with their Debian packages. They are unpacked in the build folder and not installed, so that the
# system does not start them.
PARTS = Path("build/parts")
PYTHON_PACKAGES = "usr/lib/python3/dist-packages"
PART_PACKAGES = {
    "usr/bin/docker-registry": ["docker-registry"],
    "usr/bin/etcd": ["etcd-server"],
    "usr/bin/prometheus": ["prometheus"],
    "usr/bin/redis-server": ["redis-server", "redis-tools", "libjemalloc2", "liblzf1"],
    "usr/sbin/apache2": ["apache2-bin", "libapr1", "libaprutil1"],
    "usr/sbin/lighttpd": ["lighttpd"],
    "usr/sbin/danted": ["dante-server", "libwrap0"],
    f"{PYTHON_PACKAGES}/uvicorn": ["python3-uvicorn", "python3-asgiref", "python3-click", "python3-h11",
                                   "python3-typing-extensions"],
    f"{PYTHON_PACKAGES}/starlette": ["python3-starlette", "python3-anyio", "python3-idna", "python3-sniffio"],
}
NEWEST_RUBY = ROOT / PARTS / "newest-ruby"
NEWEST_RUBY_PACKAGES = ("ruby,ruby-ffi,ruby-minitest,ruby-rack,ruby-rspec,ruby-webmock,ruby-faraday,ruby-octokit,"
                        "ruby-elasticsearch,ruby-oauth2,ruby-acme-client,ruby-signet,ruby-actionpack,base-files,"
                        "coreutils,dash")
# The list of the unpacked packages.
NEWEST_RUBY_LIST = NEWEST_RUBY.with_suffix(".packages")
# The mounts disappear when the command ends.
IN_NEWEST_RUBY = """
root=$1
shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$PWD" "$root$PWD"
LANG=C.UTF-8 exec chroot "$root" sh -ec "cd \\"$PWD\\" && exec \\"\\$@\\"" sh "$@"
"""


@command(argument("purpose", choices=PURPOSES, help="the command that needs the tools"))
def set_up(purpose):
    """Check that the tools for a purpose are installed.

    As root on a system with apt-get, it installs the missing ones; otherwise it lists them."""
    needed, optional = (names.split() for names in PURPOSES[purpose])
    absent = missing(needed + optional)
    if absent:
        install(absent)
        absent = missing(needed)
    for name in absent:
        tool = TOOLS[name]
        warn(f"missing: {name} ({tool.advice or 'install ' + tool.packages})")
    expect(not absent, f"missing: {' '.join(absent)}")
    unavailable = missing(optional)
    if purpose == "test":
        unavailable += unpack_parts()
        if "newest-ruby" not in unavailable:
            heading("unpacking the newest Ruby of Debian")
            try:
                unpack_newest_ruby()
            except Failed as failure:
                warn(f"not available: the newest Ruby of Debian; the tests do not run with it ({failure})")
    for name in unavailable:
        warn(f"not available: {name}; everything that needs it is skipped")
    check_rust_version()


@command(argument("words", nargs="+", metavar="COMMAND", help="the command and its arguments"))
def newest_ruby(words, environment=None):
    """Run a command with the Ruby of Debian's newest release, which `set-up test` unpacks.

    The command sees the project at the same path, and the gems of the tests. Needs root and mmdebstrap. Example:
    scripts/run newest-ruby -- ruby --version"""
    unpack_newest_ruby()
    (NEWEST_RUBY / str(ROOT).lstrip("/")).mkdir(parents=True, exist_ok=True)
    run("unshare", "--mount", "sh", "-ec", IN_NEWEST_RUBY, "sh", NEWEST_RUBY, *words, environment=environment)


def warn(line):
    print(line, file=sys.stderr)


def missing(names):
    return [name for name in names if not works(name)]


def works(name):
    return succeeds("bash", "-c", TOOLS[name].probe, stdin=subprocess.DEVNULL)


def can_install():
    return os.geteuid() == 0 and shutil.which("apt-get")


def install(names):
    packages = [package for name in names for package in TOOLS[name].packages.split()]
    if packages and can_install():
        heading(f"installing {' '.join(packages)}")
        subprocess.run(["apt-get", "update", "-q"])
        # One by one, so that a package that this release lacks does not prevent the others.
        for package in packages:
            apt_install(package)
    if shutil.which("rustup"):
        if not works("cargo"):
            subprocess.run(["rustup", "default", "stable"])
        for component in missing(["rustfmt", "clippy"]):
            subprocess.run(["rustup", "component", "add", component])
        # Only one check needs it, so the time is limited.
        if "rust-src" in names:
            subprocess.run(["timeout", "120", "rustup", "component", "add", "rust-src"])


def apt_install(package):
    subprocess.run(["apt-get", "install", "-q", "-y", "--no-install-recommends", package],
                   env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def unpack_parts():
    """Unpacks the missing services; returns those that are not available."""
    packages = [name for part, names in PART_PACKAGES.items() if not (PARTS / part).exists() for name in names]
    if packages and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        heading(f"unpacking {' '.join(packages)}")
        if os.geteuid() == 0:
            subprocess.run(["apt-get", "update", "-q"])
        PARTS.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            for package in packages:
                subprocess.run(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", package], cwd=folder)
            for archive in Path(folder).glob("*.deb"):
                run("dpkg-deb", "-x", archive, PARTS)
    return [Path(part).name for part in PART_PACKAGES if not (PARTS / part).exists()]


def unpack_newest_ruby():
    if has_newest_ruby():
        return
    shutil.rmtree(NEWEST_RUBY, ignore_errors=True)
    NEWEST_RUBY.parent.mkdir(parents=True, exist_ok=True)
    # A mirror may be a snapshot with expired package lists.
    run("mmdebstrap", "--quiet", "--variant=extract", '--aptopt=Acquire::Check-Valid-Until "false"',
        f"--include={NEWEST_RUBY_PACKAGES}", "stable", NEWEST_RUBY)
    (NEWEST_RUBY / "etc/hosts").write_text("127.0.0.1 localhost\n", encoding="utf-8")
    NEWEST_RUBY_LIST.write_text(NEWEST_RUBY_PACKAGES, encoding="utf-8")


def has_newest_ruby():
    return (os.access(NEWEST_RUBY / "usr/bin/ruby", os.X_OK) and NEWEST_RUBY_LIST.exists()
            and NEWEST_RUBY_LIST.read_text(encoding="utf-8") == NEWEST_RUBY_PACKAGES)


def check_rust_version():
    """Cargo also rejects an old compiler, but only after it has downloaded and read many crates."""
    required = re.search(r'^rust-version = "(.*)"$', Path("Cargo.toml").read_text(encoding="utf-8"), re.M)[1]
    have = output("cargo", "--version").split()[1]
    expect(version_key(have.split("-")[0]) >= version_key(required),
           f"Rust {required} or later is needed, this is {have}: rustup update")


def python_environment(folder, requirements):
    """The Python of a virtual environment with these requirements, which is installed again if their list changes."""
    python, installed = ROOT / folder / "bin/python", Path(folder) / "requirements.txt"
    required = Path(requirements).read_text(encoding="utf-8")
    if not (succeeds(python, "--version") and installed.exists() and installed.read_text(encoding="utf-8") == required):
        run(sys.executable, "-m", "venv", "--clear", folder)
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements)
        installed.write_text(required, encoding="utf-8")
    return python
