"""The library: build, link, and the settings of programs that use it."""

import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import crates
import tools
from checks import Failed, expect
from project import (HEADER, LIBRARY, LICENCES, RELEASE, ROOT, SBOM_FILE, SONAME, STATIC_LIBS, TARGET, VERSION,
                     argument, command, declared_functions, output, run)

# nodelete: thread-local destructors and a DNS lookup thread can outlive a dlclose.
LINK_FLAGS = [
    "-shared", f"-Wl,-soname,{SONAME}", "-Wl,--version-script=packaging/libsac.map",
    "-Wl,-z,defs", "-Wl,-z,nodelete", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack",
    "-Wl,--gc-sections", "-Wl,--as-needed", "-Wl,--build-id=sha1",
]
# The unwinder is linked statically: a shared one would be another file, which may be missing.
COMPILER = ["cc", "-static-libgcc"]
# The functions of a first call: a list, which `order` writes.
FIRST_CALL = Path("packaging/first-call")
# The oldest glibc for the packages: that of CentOS 7, which is also the minimum of Rust.
OLD_GLIBC = "2.17"
ZIG = Path("build/zig")

FOLDER = argument("--folder", type=Path, help="the folder for the links", default=LIBRARY)


@command(FOLDER)
def build(folder=LIBRARY):
    """Build the library and the servers (debug), with links in build/lib.

    Needs cargo and a C compiler."""
    # The whole workspace at once has the same features everywhere, so nothing is built twice.
    run("cargo", "build", "--locked", "--workspace")
    expect(HEADER.is_file(), f"{HEADER} is missing: the build did not generate it")
    # The function declarations of the Ruby binding are generated from the header.
    if shutil.which("ruby"):
        run("bindings/ruby/tool/generate")
    link("debug", TARGET / "debug/libsac.a", folder)


@command(argument("--folder", type=Path, help="the folder for the library", default=RELEASE))
def release(folder=RELEASE):
    """Build the release library, in build/release.

    It comes with the licences of the compiled-in packages, and a bill of materials. Needs cargo and a C compiler."""
    check_static_libs(build_static_library())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LICENCES).write_text(crates.licences(), encoding="utf-8")
    gcc = output("gcc", "-dumpfullversion").strip()
    bill = crates.bill("libgcc", gcc, "GPL-3.0-or-later WITH GCC-exception-3.1")
    (folder / SBOM_FILE).write_text(bill, encoding="utf-8")
    link("release", TARGET / "release/libsac.a", folder)


@command(
    argument("profile", choices=["debug", "release"],
             help="release: with the functions of a first call first, and without debug symbols"),
    argument("archive", type=Path, help="the static library that cargo has built"),
    argument("folder", type=Path, help="the folder for the libraries"),
)
def link(profile, archive, folder, compiler=None):
    """Link the shared library from the static one that cargo has built.

    It gets the names that the loader and the linker use. The static library exports only the interface."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".link-", dir=folder) as work:
        link_shared(profile, archive.resolve(), folder, Path(work), compiler or COMPILER)
        if profile == "debug":
            make_link(archive.resolve(), folder / "libsac.a")
        else:
            link_static(archive.resolve(), folder, Path(work))


@command(argument("folder", nargs="?", type=Path, default=LIBRARY, help="the folder of the library (build/lib)"))
def pkg_config(folder=LIBRARY):
    """Write sac.pc and sac-static.pc for the library in a folder.

    Then `PKG_CONFIG_PATH=FOLDER/pkgconfig pkg-config --libs sac` works. A program linked with sac.pc finds the library
    in FOLDER without LD_LIBRARY_PATH."""
    target = folder.resolve() / "pkgconfig"
    target.mkdir(parents=True, exist_ok=True)
    for name, how, libs in (
        ("sac", "shared", "-L${libdir} -lsac -Wl,-rpath,${libdir}"),
        ("sac-static", "static", f"${{libdir}}/libsac.a {' '.join(STATIC_LIBS)}"),
    ):
        (target / f"{name}.pc").write_text(
            f"libdir={folder.resolve()}\nincludedir={ROOT}/include\n\nName: {name}\n"
            f"Description: Simple API Client: call JSON APIs, linked {how}\nVersion: {VERSION}\n"
            f"Cflags: -I${{includedir}}\nLibs: {libs}\n", encoding="utf-8")


@command(argument("words", nargs="+", metavar="ARGUMENT", help="the arguments of `go`"))
def go(words):
    """Run go in bindings/go, with the environment variables for the library in build/lib.

    Example: scripts/run go -- test -run Setting ."""
    run("go", *words, cwd="bindings/go", environment=go_environment())


@command()
def clean():
    """Remove all build results."""
    run("cargo", "clean")
    shutil.rmtree("build", ignore_errors=True)


def build_static_library():
    """Builds only the static library, because cargo does not use LTO if it also builds an rlib. Returns the libraries
    that rustc requires with it."""
    words = ["cargo", "rustc", "--locked", "--release", "--lib", "--crate-type", "staticlib", "--color", "never",
             "--", "--print", "native-static-libs"]
    needed = []
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            sys.stderr.write(line)
            if line.startswith("note: native-static-libs: "):
                needed = line.split()[2:]
    expect(process.returncode == 0, f"cargo ended with {process.returncode}")
    return needed


def check_static_libs(needed):
    """The libraries that rustc requires are those that the project documents, except those that every compiler adds."""
    absent = set(needed) - {"-lgcc_s", "-lc", *STATIC_LIBS}
    expect(needed and not absent, f"STATIC_LIBS in scripts/project.py lacks {absent}; rustc requires {needed}")


def link_shared(profile, archive, folder, work, compiler):
    finish = []
    if profile == "release":
        (work / "order").write_text(order_script(), encoding="utf-8")
        finish = ["-Wl,-s", f"-Wl,-T,{work}/order"]
    run(*compiler, *LINK_FLAGS, *finish, "-o", work / "libsac.so",
        "-Wl,--whole-archive", archive, "-Wl,--no-whole-archive", *STATIC_LIBS)
    # A copy in one write: the linker writes in random order, so its file is in small pieces in the system's page cache,
    # and a process that loads it waits for each piece. An installed library is a copy anyway.
    whole = work / "whole.so"
    whole.write_bytes((work / "libsac.so").read_bytes())
    whole.chmod((work / "libsac.so").stat().st_mode)
    replace_if_changed(whole, folder / f"libsac.so.{VERSION}")
    make_link(f"libsac.so.{VERSION}", folder / SONAME)
    make_link(SONAME, folder / "libsac.so")


def order_script():
    """Places the functions of a first call next to each other. The kernel maps a library in pieces of 64 KB at the
    first access, and the first response waits for that. Otherwise these functions would be spread over two and a half
    megabytes, crate by crate. Functions that are not in the list, or have a new name, come after them."""
    names = [line for line in FIRST_CALL.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    lines = "".join(f"*(.text.{name} .text.unlikely.{name})\n" for name in names)
    return f"SECTIONS {{\n.text.first : {{\n{lines}}}\n}}\nINSERT BEFORE .text;\n"


def link_static(archive, folder, work):
    """One object with only the interface as global symbols, so that it does not conflict with other libraries of a
    program, for example another static library in Rust, or another version of ring."""
    functions = declared_functions()
    (work / "keep").write_text("".join(f"{name}\n" for name in functions), encoding="utf-8")
    run("cc", "-r", "-nostdlib", "-Wl,--gc-sections", *(f"-Wl,-u,{name}" for name in functions), "-o", work / "whole.o",
        "-Wl,--whole-archive", archive, "-Wl,--no-whole-archive")
    run("objcopy", "--strip-debug", "--remove-section=.llvm*", "--remove-section=.comment",
        f"--keep-global-symbols={work}/keep", work / "whole.o", work / "sac.o")
    run("ar", "rcsD", work / "libsac.a", work / "sac.o")
    # In a working copy this may be a link to a debug build.
    if (folder / "libsac.a").is_symlink():
        (folder / "libsac.a").unlink()
    replace_if_changed(work / "libsac.a", folder / "libsac.a")


def replace_if_changed(new, file):
    """Keeps a file, with its time, if its content is the same."""
    if not (file.exists() and filecmp.cmp(new, file, shallow=False)):
        new.replace(file)


def make_link(destination, path):
    if path.is_symlink() and path.readlink() == Path(destination):
        return
    if path.is_symlink() or path.exists():
        path.unlink()
    path.symlink_to(destination)


def go_environment(folder=LIBRARY):
    """The environment in which Go builds with the library in a folder. Go downloads no toolchain and adds no git
    revision."""
    folder = folder.resolve()
    pkg_config(folder)
    # Go's build cache ignores changes of the pkg-config output, the library and its header, and would reuse an old
    # build. So the flags name a folder that does not exist and whose name has their state; the linker ignores it.
    states = [os.stat(file) for file in (folder / "libsac.so", folder / "libsac.a", HEADER)]
    state = "-".join(f"{int(state.st_mtime)}-{state.st_size}" for state in states)
    return {
        "PKG_CONFIG_PATH": str(folder / "pkgconfig"), "GOTOOLCHAIN": "local", "GOWORK": "off",
        "GOFLAGS": "-buildvcs=false",
        "CGO_LDFLAGS": f"-O2 -g -L{folder}/made-of-{state}",
    }


class Zig:
    """zig from PyPI, in a folder of the build. It has the symbols of every version of glibc, so it can link for old
    versions."""

    def __init__(self):
        python, cache = tools.python_environment(ZIG, "packaging/requirements.txt"), ROOT / ZIG / "cache"
        self.command = ["env", f"ZIG_GLOBAL_CACHE_DIR={cache}", f"ZIG_LOCAL_CACHE_DIR={cache}", python, "-m", "ziglang"]
        self.version = output(*self.command, "version").strip()
        # The compiler that links for the old glibc.
        self.compiler = [*self.command, "cc", "-target", f"{os.uname().machine}-linux-gnu.{OLD_GLIBC}", "-lunwind"]

    def unwinder_licence(self):
        folder = re.search(r'^ *\.lib_dir = "(.*)",$', output(*self.command, "env"), re.M)[1]
        return Path(folder, "libunwind/LICENSE.TXT").read_text(encoding="utf-8")


def find_zig():
    """zig, or None if it is not available."""
    try:
        return Zig()
    except (Failed, OSError) as failure:
        print(f"not available: zig ({failure})", file=sys.stderr)
        return None
