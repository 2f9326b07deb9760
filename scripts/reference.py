"""The reference of every language."""

import datetime
import os
import re
import shutil
import subprocess
from pathlib import Path

import build
import tools
from checks import Checks
from languages import RUBY, check_yard
from project import HEADER, TARGET, VERSION, command, output, run

OUT = Path("build/docs")
PARTS = Path("scripts/docs")


@command()
def docs():
    """Generate the reference of every language, in build/docs.

    Fails if anything has no documentation, or if a link is broken. Needs doxygen, mandoc, go and yard."""
    tools.set_up("docs")
    build.build()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    checks = Checks()
    checks.check("C and C++: Doxygen", make_doxygen)
    checks.check("C: manual pages", make_manual)
    checks.check("Rust: cargo doc", make_rust)
    checks.check("Go: go doc", make_go)
    checks.check("Ruby: YARD", make_ruby)
    page = (PARTS / "index.html").read_text(encoding="utf-8").replace("@VERSION@", VERSION)
    (OUT / "index.html").write_text(page, encoding="utf-8")
    print(f"see {OUT}/index.html")
    return checks


@command()
def test_docs():
    """The reference is complete: everything is documented, and no link is broken."""
    return docs()


def source_date():
    """The date in the generated files, in seconds since 1970: the same sources give the same bytes."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        return int(epoch)
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], capture_output=True, text=True)
    return int(done.stdout) if done.returncode == 0 else int(os.stat("Cargo.toml").st_mtime)


def write_manual(folder, seconds):
    """The manual pages of the C interface."""
    date = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d")
    run("python3", "-B", PARTS / "man.py", HEADER, folder, VERSION, date)


def make_doxygen():
    settings = (PARTS / "Doxyfile").read_text(encoding="utf-8")
    settings += f"OUTPUT_DIRECTORY={OUT.resolve()}\nHTML_OUTPUT=c\nPROJECT_NUMBER={VERSION}\n"
    run("doxygen", "-", input=settings, text=True)


def make_manual():
    folder = OUT / "man"
    write_manual(folder, source_date())
    pages = sorted(folder.glob("man?/*"))
    run("mandoc", "-T", "lint", "-W", "warning", *(page for page in pages if not page.is_symlink()))
    (folder / "html").mkdir()
    for page in pages:
        text = output("mandoc", "-T", "html", page.relative_to(folder), cwd=folder)
        # A bold word with a section after it is another page.
        text = re.sub(r"<b>(libsac|sac_[a-z0-9_]+)</b>\(([37])\)", r'<a href="\1.\2.html"><b>\1</b></a>(\2)', text)
        (folder / "html" / f"{page.name}.html").write_text(text, encoding="utf-8")
    return f"{len(pages)} pages: man -M {folder} libsac"


def make_rust():
    run("cargo", "doc", "--locked", "--no-deps", "--document-private-items",
        environment={"RUSTDOCFLAGS": "-D warnings"})
    shutil.copytree(TARGET / "doc", OUT / "rust")


def make_go():
    environment = build.go_environment()
    run("go", "test", "-count=1", "./internal/documented", cwd="bindings/go", environment=environment)
    (OUT / "go").mkdir()
    text = output("go", "doc", "-all", ".", cwd="bindings/go", environment=environment)
    (OUT / "go/sac.txt").write_text(text, encoding="utf-8")


def make_ruby():
    out = OUT.resolve()
    run("yard", "doc", "--quiet", "--no-cache", "--fail-on-warning", "-b", out / ".yardoc", "-o", out / "ruby",
        cwd=RUBY)
    check_yard(out / ".yardoc")
