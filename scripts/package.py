"""The packages: an installation, the tarball, Debian packages, the Ruby gem."""

import glob
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import build
import crates
import languages
import reference
from checks import expect, heading
from project import (HEADER, LICENCES, RELEASE, SBOM_FILE, SONAME, STATIC_LIBS, TARGET, VERSION, argument, command,
                     newest_glibc, output, run)

DIST = Path("build/dist")
SHARED = f"libsac.so.{VERSION}"
DEBIAN = Path("packaging/debian")
PACKAGES = ["libsac0", "libsac-dev"]
TEXTS = ["README.md", "CHANGELOG.md", "SECURITY.md", "docs/abi.md", "LICENSE-APACHE", "LICENSE-MIT"]


@command()
def install():
    """Install the result of `make release`: PREFIX, LIBDIR, INCLUDEDIR, DESTDIR.

    Settings from the environment, as make passes them: PREFIX (/usr/local), LIBDIR (PREFIX/lib), INCLUDEDIR
    (PREFIX/include), DATADIR (PREFIX/share); DESTDIR, a folder before all these paths; BUILT, the folder of the library
    (build/release); RELOCATABLE=1, for a relocatable tree; MAN, the folder of the manual pages (build/docs/man,
    which `make docs` writes)."""
    place = Installation(os.environ)
    if not (place.built / SHARED).is_file():
        build.release(place.built)
    place.install()
    if not place.root and not place.relocatable and os.geteuid() == 0:
        run("ldconfig")
    print(f"libsac {VERSION} is installed in {place.root}{place.prefix}")


@command()
def uninstall():
    """Remove the files that `make install` installs with the same settings."""
    place = Installation(os.environ)
    place.uninstall()
    print(f"libsac is removed from {place.root}{place.prefix}")


@command(argument("folder", nargs="?", type=Path, default=DIST, help="the folder for the packages (build/dist)"))
def dist(folder=DIST):
    """Build the packages, in build/dist: tarball, Debian packages, gem, checksums.

    The library in them is linked for old systems if pip can install zig. The same sources give the same bytes; dates
    are from SOURCE_DATE_EPOCH, or from the last commit."""
    os.umask(0o022)
    shutil.rmtree(folder, ignore_errors=True)
    work = folder.resolve() / "work"
    work.mkdir(parents=True)
    build_for_old_systems(work)
    # For the other packaging tools, but not for the build, which would compile C again.
    date = reference.source_date()
    dated = {"SOURCE_DATE_EPOCH": str(date)}
    reference.write_manual(work / "man", date)
    make_tarball(folder.resolve(), work, date)
    if shutil.which("dpkg-gencontrol"):
        DebianPackages(work, dated).make(folder.resolve())
    else:
        print("dpkg-dev is not installed: no Debian packages are built", file=sys.stderr)
    if shutil.which("gem"):
        languages.gem(folder / f"sac-{VERSION}.gem", [work / SBOM_FILE], dated)
    else:
        print("RubyGems is not installed: no gem is built", file=sys.stderr)
    shutil.rmtree(work)
    files = sorted(file for file in folder.iterdir() if file.is_file())
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    for file in files:
        print(f"{file.stat().st_size:>10} {file}")


class Installation:
    """The folders of an installation, from the settings of `install`."""

    def __init__(self, settings):
        self.prefix = settings.get("PREFIX") or "/usr/local"
        self.libdir = settings.get("LIBDIR") or f"{self.prefix}/lib"
        self.includedir = settings.get("INCLUDEDIR") or f"{self.prefix}/include"
        self.datadir = settings.get("DATADIR") or f"{self.prefix}/share"
        self.root = settings.get("DESTDIR", "")
        self.built = Path(settings.get("BUILT") or RELEASE)
        self.manual = Path(settings.get("MAN") or reference.OUT / "man")
        self.relocatable = bool(settings.get("RELOCATABLE"))
        for folder in (self.prefix, self.libdir, self.includedir, self.datadir):
            expect(folder.startswith("/"), f"{folder}: an absolute path is needed")
        self.docdir, self.mandir = f"{self.datadir}/doc/libsac", f"{self.datadir}/man"

    def install(self):
        self._library()
        for header in (HEADER, "include/sac.hpp"):
            self._install_file(header, self.includedir)
        for header in glob.glob("include/sac/*.hpp"):
            self._install_file(header, f"{self.includedir}/sac")
        # The Go module, which Go compiles. Its internal packages are only for its tests.
        for file in Path("bindings/go").iterdir():
            if file.suffix in (".go", ".c", ".h", ".mod", ".md") and not file.name.endswith("_test.go"):
                self._install_file(file, f"{self.datadir}/libsac/go")
        self._descriptions()
        for file in [*TEXTS, self.built / LICENCES, self.built / SBOM_FILE]:
            if Path(file).is_file():
                self._install_file(file, self.docdir)
        for page in self.manual.glob("man[37]/*"):
            self._install_file(page, f"{self.mandir}/{page.parent.name}")

    def uninstall(self):
        for pattern in (f"{self.libdir}/libsac.a", f"{self.libdir}/libsac.so", f"{self.libdir}/libsac.so.[0-9]*",
                        f"{self.includedir}/sac.h", f"{self.includedir}/sac.hpp", f"{self.libdir}/pkgconfig/sac.pc",
                        f"{self.libdir}/pkgconfig/sac-static.pc", f"{self.mandir}/man3/sac_*.3",
                        f"{self.mandir}/man3/SAC_*.3", f"{self.mandir}/man7/libsac.7"):
            for file in glob.glob(glob.escape(self.root) + pattern):
                os.remove(file)
        for folder in (f"{self.libdir}/cmake/sac", f"{self.includedir}/sac", f"{self.datadir}/libsac", self.docdir):
            shutil.rmtree(self.root + folder, ignore_errors=True)

    def _library(self):
        self._install_file(self.built / SHARED, self.libdir, 0o755)
        build.make_link(SHARED, Path(f"{self.root}{self.libdir}/{SONAME}"))
        build.make_link(SONAME, Path(f"{self.root}{self.libdir}/libsac.so"))
        self._install_file(self.built / "libsac.a", self.libdir)

    def _descriptions(self):
        """The files for pkg-config and CMake."""
        # The class of an ELF file: 1 for 32 bits, 2 for 64 bits.
        with (self.built / SHARED).open("rb") as file:
            pointer_size = file.read(5)[4] * 4
        prefix = self.prefix
        if self.relocatable:
            prefix = "${pcfiledir}/" + os.path.relpath(self.prefix, f"{self.libdir}/pkgconfig")
        values = {
            "prefix": prefix, "libdir": self._relative_to_prefix(self.libdir),
            "includedir": self._relative_to_prefix(self.includedir),
            "version": VERSION, "major": VERSION.split(".")[0], "soname": SONAME, "static_libs": " ".join(STATIC_LIBS),
            "static_libs_list": ";".join(STATIC_LIBS), "pointer_size": str(pointer_size),
            "include_from_lib": os.path.relpath(self.includedir, self.libdir),
        }
        for folder, pattern in (("pkgconfig", "packaging/*.pc.in"), ("cmake/sac", "packaging/cmake/*.in")):
            for template in glob.glob(pattern):
                text = re.sub(r"@(\w+)@", lambda match: values[match[1]], Path(template).read_text(encoding="utf-8"))
                with tempfile.TemporaryDirectory() as work:
                    filled = Path(work, Path(template).stem)
                    filled.write_text(text, encoding="utf-8")
                    self._install_file(filled, f"{self.libdir}/{folder}")

    def _relative_to_prefix(self, folder):
        start = f"{self.prefix}/"
        return "${prefix}/" + folder[len(start):] if folder.startswith(start) else folder

    def _install_file(self, file, folder, mode=0o644):
        """Copies a file into a folder below DESTDIR."""
        destination = Path(f"{self.root}{folder}", Path(file).name)
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.unlink(missing_ok=True)
        shutil.copyfile(file, destination)
        destination.chmod(mode)


def build_for_old_systems(work):
    """The release build, linked for old systems."""
    build.release()
    for name in (LICENCES, SBOM_FILE):
        shutil.copyfile(RELEASE / name, work / name)
    zig = build.find_zig()
    if zig:
        build.link("release", TARGET / "release/libsac.a", work, zig.compiler)
        with (work / LICENCES).open("a", encoding="utf-8") as file:
            file.write(crates.under(["libunwind of LLVM"], zig.unwinder_licence()))
        bill = crates.bill("libunwind", f"zig-{zig.version}", "Apache-2.0 WITH LLVM-exception")
        (work / SBOM_FILE).write_text(bill, encoding="utf-8")
        return
    heading("zig is not available (packaging/requirements.txt): the packages need the glibc of this system, not "
            f"{build.OLD_GLIBC}")
    for file in RELEASE.glob("libsac.*"):
        shutil.copy2(file, work, follow_symlinks=False)


def make_tarball(folder, work, date):
    name = f"libsac-{VERSION}-linux-{platform.machine()}"
    Installation({"PREFIX": f"/{name}", "DESTDIR": str(work), "BUILT": str(work), "MAN": str(work / "man"),
                  "RELOCATABLE": "1"}).install()
    run("tar", "--create", "--file", folder / f"{name}.tar.gz", "--use-compress-program=gzip -9n", "--directory", work,
        "--sort=name", f"--mtime=@{date}", "--owner=0", "--group=0", "--numeric-owner", name)


class DebianPackages:
    """libsac0 and libsac-dev, from the library in a folder, built with dpkg's tools."""

    def __init__(self, built, dated):
        self.built, self.dated = built, dated
        self.work = built / "debian-packages"
        self.libdir = f"/usr/lib/{output('dpkg-architecture', '-qDEB_HOST_MULTIARCH').strip()}"
        self.version = output("dpkg-parsechangelog", "-l", DEBIAN / "changelog", "-S", "Version").strip()
        expect(self.version.rsplit("-", 1)[0] == VERSION,
               f"{DEBIAN}/changelog has version {self.version}, Cargo.toml has {VERSION}")

    def make(self, folder):
        """Writes the packages into a folder."""
        for package in PACKAGES:
            (self.work / "debian" / package / "DEBIAN").mkdir(parents=True)
        for name in ("control", "changelog", "libsac0.symbols"):
            shutil.copyfile(DEBIAN / name, self.work / "debian" / name)
        self._stage()
        self._describe()
        for package in PACKAGES:
            self._pack(package, folder)

    def _stage(self):
        """The files of both packages: libsac0 has those that programs need to run."""
        library, development = (self.work / "debian" / package for package in PACKAGES)
        settings = {"PREFIX": "/usr", "LIBDIR": self.libdir, "DESTDIR": str(development), "BUILT": str(self.built),
                    "MAN": str(self.built / "man")}
        Installation(settings).install()
        (library / self.libdir[1:]).mkdir(parents=True)
        for name in (SONAME, SHARED):
            shutil.move(f"{development}{self.libdir}/{name}", f"{library}{self.libdir}")
        documents = development / "usr/share/doc"
        (documents / "libsac").rename(documents / "libsac-dev")
        for licence in documents.glob("libsac-dev/LICENSE-*"):
            licence.unlink()
        for package in PACKAGES:
            self._add_documents(self.work / "debian" / package / "usr/share/doc" / package)
        for page in (development / "usr/share/man").rglob("*.[37]"):
            Path(f"{page}.gz").write_bytes(compressed(page))
            page.unlink()
        (library / self.libdir[1:] / SHARED).chmod(0o644)

    def _add_documents(self, folder):
        """The documents of every package."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "changelog.Debian.gz").write_bytes(compressed(DEBIAN / "changelog"))
        (folder / f"{LICENCES}.gz").write_bytes(compressed(self.built / LICENCES))
        shutil.copyfile(self.built / SBOM_FILE, folder / SBOM_FILE)
        for name in (LICENCES, "CHANGELOG.md"):
            (folder / name).unlink(missing_ok=True)
        (folder / "changelog.gz").write_bytes(compressed("CHANGELOG.md"))
        # The text of the MIT licence without title and copyright, which the file has already.
        text = Path("LICENSE-MIT").read_text(encoding="utf-8")
        lines = text[text.index("Permission"):].splitlines()
        mit = "".join(f" {line or '.'}\n" for line in lines)
        copyright_ = (DEBIAN / "copyright").read_text(encoding="utf-8").replace("@mit@\n", mit)
        (folder / "copyright").write_text(copyright_, encoding="utf-8")

    def _describe(self):
        """Writes the control files. dpkg's tools need a `debian` folder. A removed symbol ends the build."""
        library, control = f"debian/libsac0{self.libdir}/{SHARED}", self.work / "debian/libsac0/DEBIAN"
        run("dpkg-gensymbols", "-plibsac0", f"-v{self.version}", "-Pdebian/libsac0", "-c1", "-q", f"-e{library}",
            "-Idebian/libsac0.symbols", cwd=self.work)
        (control / "shlibs").write_text(f"libsac 0 libsac0 (>= {VERSION})\n", encoding="utf-8")
        (control / "triggers").write_text("activate-noawait ldconfig\n", encoding="utf-8")
        variables = self.work / "debian/libsac0.substvars"
        # dpkg-shlibdeps requires a C library with all symbols, also the optional (weak) ones. The minimum is the newest
        # version among the required symbols.
        run("dpkg-shlibdeps", f"-T{variables}", "-Sdebian/libsac0", library, cwd=self.work, stderr=subprocess.DEVNULL)
        required = f"libc6 (>= {newest_glibc(self.work / library)})"
        text = re.sub(r"libc6 \([^)]*\)", required, variables.read_text(encoding="utf-8"))
        variables.write_text(text, encoding="utf-8")
        (self.work / "debian/libsac-dev.substvars").touch()

    def _pack(self, package, folder):
        root = self.work / "debian" / package
        text = output("dpkg-gencontrol", f"-p{package}", f"-Pdebian/{package}", f"-Tdebian/{package}.substvars",
                      "-ldebian/changelog", "-fdebian/files", cwd=self.work, stderr=subprocess.STDOUT)
        for line in text.splitlines():
            if "substitution variable" not in line:
                print(line)
        files = sorted(str(file.relative_to(root)) for file in (root / "usr").rglob("*")
                       if file.is_file() and not file.is_symlink())
        sums = [f"{hashlib.md5((root / file).read_bytes()).hexdigest()}  {file}\n" for file in files]
        (root / "DEBIAN/md5sums").write_text("".join(sums), encoding="utf-8")
        date = int(self.dated["SOURCE_DATE_EPOCH"])
        for path in [*root.rglob("*"), root]:
            os.utime(path, (date, date), follow_symlinks=False)
        run("dpkg-deb", "--root-owner-group", "--build", root, folder, stdout=subprocess.DEVNULL,
            environment=self.dated)


def compressed(file):
    return run("gzip", "-9nc", file, stdout=subprocess.PIPE).stdout
