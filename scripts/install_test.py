"""The packages, used by programs outside of the source tree."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import abi
import build
import crates
import package
from checks import Checks, expect
from project import (LICENCES, ROOT, SBOM_FILE, VERSION, command, demo_server, newest_glibc, output, run, succeeds,
                     version_key)

# The limit for the size of the shared library. Before you raise it, check what a change adds. The last raise, by 280 kB,
# was for encrypted keys (pkcs8, pkcs5, aes, der: 170 kB), and for tokens, signatures, Digest, webhooks and traces.
MAX_BYTES = 5_480_000
DIST = ROOT / package.DIST
GEM = DIST / f"sac-{VERSION}.gem"
SETTINGS = {"INCLUDEDIR": "/usr/local/include/libsac"}
# Runs a command in a mount namespace, in which the files of a root appear in / and in the loader's cache. The system
# itself stays unchanged.
AS_INSTALLED = """
mount -t overlay overlay -o "lowerdir=$0/usr:/usr" /usr
ldconfig -C "$0/cache"
mount --bind "$0/cache" /etc/ld.so.cache
exec "$@"
"""
# The files that a program opens to find trusted certificates.
TRUST_STORE = re.compile(r'/(ssl|pki|certs)\b|\.(pem|crt)"')


@command()
def test_install():
    """Programs outside of the tree use the results of install and dist.

    In every language. The packages need no new glibc, read no trust store before the first https request, and contain
    their licences. Needs the tools of `make dist`, cmake, and root for some checks; uses strace and lintian if they are
    installed."""
    build.build()
    package.dist()
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder, demo_server() as url:
        test = InstallTest(Path(folder), url)
        checks.check("the tarball, in any folder", test.use_tarball)
        if succeeds("unshare", "--mount", "true"):
            checks.check("make install, found without settings", test.use_installed)
            checks.check("make uninstall removes everything", test.uninstall)
            checks.check("the Debian packages, in an empty root", test.use_packages)
        else:
            checks.skip("make install, make uninstall, the Debian packages",
                        "only root can test them without changes to the system")
        checks.check("the licences of all contents", test.check_licences)
        checks.check("the bill of materials in each package", test.check_bill)
        checks.check("the size of the library", test.check_size)
        abi.check_hardening(checks, test.library)
        if build.find_zig():
            checks.check(f"no glibc newer than {build.OLD_GLIBC}", test.check_glibc)
        else:
            checks.skip(f"no glibc newer than {build.OLD_GLIBC}", "zig is not available (packaging/requirements.txt)")
        if shutil.which("strace"):
            checks.check("no trust store before the first https", test.check_trust_store)
        else:
            checks.skip("no trust store before the first https", "strace is not installed")
    if shutil.which("lintian"):
        # There is no bug report in Debian that requests the packages.
        checks.check("lintian", run, "lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags",
                     "initial-upload-closes-no-bugs", *DIST.glob("*.deb"))
    else:
        checks.skip("lintian", "it is not installed")
    checks.check("the same sources give the same bytes", check_reproducible)
    return checks


class InstallTest:
    """A folder outside of the tree, with the programs of tests/install and the installed files."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url
        self.installed, self.packages, self.unpacked = folder / "installed", folder / "packages", folder / "unpacked"
        self.library = self.unpacked / f"lib/libsac.so.{VERSION}"
        self.documents = self.unpacked / "share/doc/libsac"
        shutil.copytree("tests/install", folder / "programs")
        shutil.copy2("scripts/checks.py", folder / "programs")

    def run_programs(self, name, library, binding, *runner):
        """Builds and runs programs with the library and the Go module at these paths, started by the runner."""
        work = self.folder / f"{name}-programs"
        work.mkdir()
        run(*runner, "python3", "-B", self.folder / "programs/run_programs.py", library, binding, GEM, self.url, cwd=work)

    def use_tarball(self):
        """The tarball works in any folder, if environment variables name the folder."""
        self.unpacked.mkdir()
        archive = next(DIST.glob("libsac-*.tar.gz"))
        run("tar", "-xf", archive, "-C", self.unpacked, "--strip-components", "1")
        self.run_programs("tarball", self.library, self.unpacked / "share/libsac/go", "env",
                          f"PKG_CONFIG_PATH={self.unpacked}/lib/pkgconfig", f"CMAKE_PREFIX_PATH={self.unpacked}",
                          f"LD_LIBRARY_PATH={self.unpacked}/lib")

    def use_installed(self):
        self._make("install")
        self.run_programs("installed", f"/usr/local/lib/libsac.so.{VERSION}", "/usr/local/share/libsac/go",
                          *as_installed(self.installed))

    def uninstall(self):
        (self.installed / "cache").unlink()
        self._make("uninstall")
        expect_no_files(self.installed)

    def _make(self, target):
        settings = {**SETTINGS, "DESTDIR": str(self.installed)}
        run("make", "--no-print-directory", target, *(f"{name}={value}" for name, value in settings.items()))

    def use_packages(self):
        """With a separate package database; only the C library is not in the root."""
        root, database = self.packages, self.packages / "var/lib/dpkg"
        for name in ("info", "updates", "triggers"):
            (database / name).mkdir(parents=True)
        (database / "status").touch()
        dpkg = ["dpkg", f"--root={root}"]
        subprocess.run([*dpkg, "--force-depends", "-i", *DIST.glob("libsac*.deb")])
        states = output("dpkg-query", f"--root={root}", "-W", "-f", "${db:Status-Status} ")
        expect(states == "installed installed ", f"the states of the packages are {states}")
        run("md5sum", "--quiet", "-c", *database.glob("info/libsac*.md5sums"), cwd=root)
        libdir = f"/usr/lib/{output('dpkg-architecture', '-qDEB_HOST_MULTIARCH').strip()}"
        self.run_programs("packages", f"{libdir}/libsac.so.{VERSION}", "/usr/share/libsac/go", *as_installed(root))
        run(*dpkg, "--purge", *package.PACKAGES)
        expect_no_files(root / "usr")

    def check_licences(self):
        text = (self.documents / LICENCES).read_text(encoding="utf-8")
        for name, _, _ in crates.compiled_in():
            expect(f"  {name}\n" in text, f"{name} is compiled in, but missing in {LICENCES}")

    def check_bill(self):
        """Each package has a bill with exactly the crates that cargo compiles in."""
        text = (self.documents / SBOM_FILE).read_bytes()
        listed, compiled = crates_in(json.loads(text)), {name for name, _, _ in crates.compiled_in()}
        expect(listed == compiled, f"the bill and cargo differ by {listed ^ compiled}")
        copies = {GEM: f'tar -xOf "$0" data.tar.gz | tar -xzO {SBOM_FILE}'}
        for file in DIST.glob("*.deb"):
            copies[file] = f'dpkg-deb --fsys-tarfile "$0" | tar -xO --wildcards "*/{SBOM_FILE}"'
        for file, unpack in copies.items():
            copy = run("sh", "-c", unpack, file, stdout=subprocess.PIPE).stdout
            expect(copy == text, f"{SBOM_FILE} differs between {file} and the tarball")

    def check_size(self):
        size = self.library.stat().st_size
        expect(size <= MAX_BYTES, f"the shared library has {size} bytes, more than {MAX_BYTES}")
        return f"{size} bytes"

    def check_glibc(self):
        newest = newest_glibc(self.library)
        expect(version_key(newest) <= version_key(build.OLD_GLIBC), f"{newest} is newer than {build.OLD_GLIBC}")
        return f"the newest symbol version that it needs is {newest}"

    def check_trust_store(self):
        found = [line for line in self._files_of_a_call(self.url, True) if TRUST_STORE.search(line)]
        expect(not found, f"a call over http reads the trust store: {found}")
        # The demo server does not speak TLS, so this call fails after it has read the trust store.
        found = self._files_of_a_call(self.url.replace("http:", "https:"), False)
        expect(any(map(TRUST_STORE.search, found)), "a call over https does not read the trust store")

    def _files_of_a_call(self, url, must_succeed):
        """The files that a program looks for during a call of a URL."""
        trace, program = self.folder / "trace", self.folder / "tarball-programs/gcc-shared"
        environment = {**os.environ, "LD_LIBRARY_PATH": str(self.library.parent)}
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            environment.pop(name, None)
        done = subprocess.run(["strace", "-f", "-qq", "-e", "trace=%file", "-o", trace, program, url], env=environment)
        expect((done.returncode == 0) == must_succeed, f"a call of {url} ended with {done.returncode}")
        return trace.read_text(encoding="utf-8").splitlines()


def as_installed(root):
    return ["unshare", "--mount", "bash", "-euc", AS_INSTALLED, root]


def expect_no_files(folder):
    files = [str(path) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    expect(not files, f"files remain: {' '.join(files)}")


def crates_in(bill):
    """The names and versions of the crates in a bill of materials, whose references must be complete."""
    expect((bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5"), "the bill has another format")
    known = {part["bom-ref"] for part in [bill["metadata"]["component"], *bill["components"]]}
    for one in bill["dependencies"]:
        expect(known.issuperset([one["ref"], *one["dependsOn"]]), f"a reference of {one['ref']} is missing")
    found = [part for part in bill["components"] if part["bom-ref"].startswith("pkg:cargo/")]
    for part in found:
        expect(len(part["hashes"][0]["content"]) == 64 and part["licenses"][0]["expression"], f"{part} is incomplete")
    return {f"{part['name']} {part['version']}" for part in found}


def check_reproducible():
    again = Path("build/dist-again")
    package.dist(again)
    sums = [(folder / "SHA256SUMS").read_text(encoding="utf-8") for folder in (DIST, again)]
    expect(sums[0] == sums[1], f"the first time\n{sums[0]}and the second\n{sums[1]}")
    shutil.rmtree(again)
