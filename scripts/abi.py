"""The interface: what is generated of it, what the shared library exports, and what was promised."""

import difflib
import filecmp
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import build
from checks import Checks, Failed, expect
from project import (HEADER, LIBRARY, SONAME, STATIC_LIBS, TARGET, VERSION, argument, command, declared_functions,
                     output, run)

LIBRARY_FILE = LIBRARY / "libsac.so"
# What was promised (docs/abi.md): the functions and versions, the types, the constants.
SYMBOLS = Path("packaging/debian/libsac0.symbols")
TYPES = Path("tests/abi/libsac.abi")
CONSTANTS = Path("tests/abi/constants")

# Breaks of the promise, with an edit of the header that makes each, and the words that the check has to say.
HEADER_BREAKS = [
    ("a function that is gone", "1 Removed", r"bool sac_cancel_triggered\([^;]*;", ""),
    ("a new function", "1 Added", r"bool sac_cancel_triggered\(", r"void sac_new(void);\n\g<0>"),
    ("a wider parameter", "parameter 2 of type 'typedef uint32_t' changed",
     r"(sac_set_retry_attempts\([^;]*)uint32_t", r"\1uint64_t"),
    ("another result", "return type changed", r"size_t (sac_response_header_count)", r"uint16_t \1"),
    ("a field in the middle of sac_response", "offset changed", r"int32_t status;", r"uint64_t extra;\n    \g<0>"),
    ("a callback that takes something else", "sac_log_callback",
     r"(typedef void \(\*sac_log_callback\)\([^;]*)int32_t", r"\1int64_t"),
    ("a constant with another number", "SAC_ERR_TIMEOUT", r"(#define SAC_ERR_TIMEOUT) [0-9]+", r"\1 99"),
]
# The same for the version script that a library is linked with.
LIBRARY_BREAKS = [
    ("another symbol version", "sac_get@SAC_1", [("SAC_0", "SAC_1")]),
    ("a function that is not exported", "-sac_get@SAC_0",
     [("local:", "local:\n sac_get;"), (r"sac_\*;", "sac_[!g]*; sac_ge[!t]*;")]),
]

# What the kernel and the loader protect of a shared library: the words, where readelf says so, and a line that has to
# be there, or must not.
MUST_HAVE = [
    ("-z relro: tables of the loader are read-only once it is done", "-l", r"^ *GNU_RELRO"),
    ("-z now: all symbols are found at once, so that they can be", "-d", r"\(FLAGS(_1)?\).*\b(BIND_)?NOW\b"),
    ("-z noexecstack: the stack holds no code", "-l", r"^ *GNU_STACK .* RW +0"),
    ("-z nodelete: threads may outlive a dlclose", "-d", r"\(FLAGS_1\).*\bNODELETE\b"),
    (f"SONAME {SONAME}", "-d", rf"\(SONAME\).*\[{re.escape(SONAME)}\]"),
]
MUST_NOT_HAVE = [
    ("nothing can be written and run", "-l", r"^ *LOAD .* RWE"),
    ("-z separate-code: code is apart from the headers of the file", "-l", r"^ *LOAD +0x0+ .* R E"),
    ("no code is changed while it is loaded (TEXTREL)", "-d", "TEXTREL"),
    ("no folder of its own to load libraries from (RPATH, RUNPATH)", "-d", r"\((RPATH|RUNPATH)\)"),
]


@command()
def interface():
    """Write what follows from interface/settings.toml, in every language.

    Needs Python 3.11, rustfmt and gofmt."""
    run("python3", "-B", "interface/generate.py")


@command()
def check_interface():
    """What follows from interface/settings.toml is current, and bad rows are refused."""
    run("python3", "-B", "interface/generate.py", "--check")
    run("python3", "-B", "-m", "unittest", "-q", "interface/test_table.py")


@command()
def check_header():
    """include/sac.h is what the sources say, and has no name without sac_ or SAC_."""
    # An earlier build may have written the file already, so what git has decides; without git, the file.
    done = subprocess.run(["git", "show", f":{HEADER}"], capture_output=True, text=True)
    kept = done.stdout if done.returncode == 0 else HEADER.read_text(encoding="utf-8")
    run("cargo", "build", "--locked", "--workspace")
    generated = HEADER.read_text(encoding="utf-8")
    expect(kept == generated, differences(kept, generated, f"{HEADER} as committed", f"{HEADER} as generated") +
           f"{HEADER} is out of date: commit the one that the build has just written")
    # A header shares its names with the program.
    stray = [line for line in generated.splitlines() if re.match(r"(#define|typedef [a-z]|struct|extern)", line)
             and not re.search(r'[ *(](sac|SAC)_|extern "C"', line)]
    expect(not stray, f"{HEADER} has names without sac_: {stray}")
    print(f"{HEADER} is what the sources say")


@command()
def test_symbols():
    """The shared library exports what the header declares, and nothing else; its hardening.

    Needs nm and readelf."""
    build.build()
    checks = Checks()
    checks.check("what is exported is what is declared, in version SAC_0", check_exports)
    check_hardening(checks, LIBRARY_FILE)
    return checks


@command()
def test_abi():
    """The C interface is what was promised, and a break would be noticed.

    See docs/abi.md. Needs abigail-tools."""
    build.build()
    checks = Checks()
    checks.check("the interface is what was promised", check_promise, HEADER, LIBRARY_FILE)
    with tempfile.TemporaryDirectory() as folder:
        for what, words, pattern, instead in HEADER_BREAKS:
            checks.check(f"{what} is noticed", check_header_break, Path(folder), words, pattern, instead)
        for what, words, edits in LIBRARY_BREAKS:
            checks.check(f"{what} is noticed", check_library_break, Path(folder), words, edits)
    return checks


@command(argument("--reviewed", action="store_true", default=bool(os.environ.get("REVIEWED")),
                  help="take whatever there is, also what breaks the promise (or REVIEWED=1 in the environment)"))
def accept_abi(reviewed):
    """Take additions to the C interface into what is promised.

    See docs/abi.md. Needs abigail-tools."""
    build.build()
    with tempfile.TemporaryDirectory() as folder:
        types = described_types(HEADER, Path(folder))
        if not reviewed:
            refuse_breaks(types)
        lines = SYMBOLS.read_text(encoding="utf-8").splitlines()
        # A function keeps the version of the library that first had it.
        versions = dict(line.split() for line in lines[1:])
        listed = "".join(f" {name} {versions.get(name, VERSION)}\n" for name in exported(LIBRARY_FILE))
        SYMBOLS.write_text(f"{lines[0]}\n{listed}", encoding="utf-8")
        CONSTANTS.write_text("".join(f"{line}\n" for line in constants(HEADER)), encoding="utf-8")
        shutil.copyfile(types, TYPES)
    subprocess.run(["git", "--no-pager", "diff", "--stat", "--", SYMBOLS, CONSTANTS, TYPES], stderr=subprocess.DEVNULL)


def check_exports():
    names = exported(LIBRARY_FILE)
    functions = {name.split("@")[0] for name in names}
    declared = set(declared_functions())
    faults = [f"{what}: {' '.join(sorted(found))}" for what, found in (
        ("declared, but not exported", declared - functions),
        ("exported, but not declared", functions - declared),
        ("exported, but not in version SAC_0", {name for name in names if not name.endswith("@SAC_0")}),
    ) if found]
    expect(not faults, "\n".join(faults))
    return f"{len(functions)} functions"


def check_hardening(checks, library):
    """What protects a library, as far as that can be had."""
    said = {option: output("readelf", f"{option}W", library) for option in ("-l", "-d", "-n")}
    for wanted, marks in ((True, MUST_HAVE), (False, MUST_NOT_HAVE)):
        for what, option, pattern in marks:
            there = bool(re.search(pattern, said[option], re.M))
            checks.check(what, expect, there == wanted, f"see readelf {option}W {library}, /{pattern}/")
    # The linker sets these if each object has them. The stable compiler makes none (its switch is -Z cf-protection),
    # and neither has its standard library any: forcing the notes would be a lie that ends in a crash.
    for feature in ("IBT", "SHSTK"):
        there = re.search(rf"x86 feature:.*\b{feature}\b", said["-n"])
        print(f"        CET {feature}: {'yes' if there else 'no, the stable Rust compiler cannot make it'}")


def exported(library):
    """NAME@VERSION of each function that a library exports. A version is itself listed, as an absolute symbol."""
    lines = [line.split() for line in output("nm", "-D", "--defined-only", library).splitlines()]
    return sorted(name.replace("@@", "@") for _, kind, name in lines if kind != "A")


def promised():
    """The same of each that is promised."""
    return sorted(line.split()[0] for line in SYMBOLS.read_text(encoding="utf-8").splitlines()[1:])


def constants(header):
    found = re.findall(r"^#define (SAC_[A-Z0-9_]+ .+)$", header.read_text(encoding="utf-8"), re.M)
    return [line for line in found if not line.startswith("SAC_VERSION_")]


def promised_constants():
    return CONSTANTS.read_text(encoding="utf-8").splitlines()


def described_types(header, folder):
    """The interface as a C compiler sees it, described by abidw: every function of the header, with a body. What Rust's
    own debug information says of the types would change with every compiler."""
    text = " ".join(output("cc", "-E", "-P", header).split())
    functions = [one.strip() for one in re.split(r"[;{}]", text)]
    functions = [one for one in functions
                 if re.search(r"\bsac_[a-z0-9_]+\(.*\)$", one) and not one.startswith("typedef")]
    (folder / "interface.c").write_text(
        '#include "sac.h"\n' + "".join(f"{one} {{ __builtin_trap(); }}\n" for one in functions), encoding="utf-8")
    if not (folder / "sac.h").exists() or not filecmp.cmp(header, folder / "sac.h", shallow=False):
        shutil.copyfile(header, folder / "sac.h")
    run("cc", "-g", "-fPIC", "-shared", f"-ffile-prefix-map={folder}=.", f"-Wl,-soname,{SONAME}",
        f"-Wl,--version-script={Path('packaging/libsac.map').resolve()}", "interface.c", "-o", "interface.so",
        cwd=folder)
    run("abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--out-file", folder / "types.abi",
        folder / "interface.so")
    return folder / "types.abi"


def type_changes(types, *options):
    """What abidiff says of the difference to the promised types; empty if there is none."""
    done = subprocess.run(["abidiff", *options, TYPES, types], stdout=subprocess.PIPE, text=True)
    return "" if done.returncode == 0 else done.stdout or f"abidiff ended with {done.returncode}"


def check_promise(header, library):
    """Functions, constants and types are what was promised, no more and no less."""
    with tempfile.TemporaryDirectory() as folder:
        faults = [
            differences("\n".join(promised()), "\n".join(exported(library)), SYMBOLS, library),
            differences("\n".join(promised_constants()), "\n".join(constants(header)), CONSTANTS, header),
            type_changes(described_types(header, Path(folder))),
        ]
    expect(not any(faults), "the C interface is not what was promised; if docs/abi.md allows it: make accept-abi"
           + "".join(f"\n{fault}" for fault in faults if fault))
    return f"{len(promised())} functions, {len(promised_constants())} constants"


def refuse_breaks(types):
    """Nothing that was promised is lost or changed. The order of constants does not matter."""
    faults = [f"{what}: {', '.join(sorted(found))}" for what, found in (
        ("no longer exported", set(promised()) - set(exported(LIBRARY_FILE))),
        ("constants that are gone, or have another value", set(promised_constants()) - set(constants(HEADER))),
    ) if found]
    changes = type_changes(types, "--no-added-syms")
    if changes:
        faults.append(f"types that have changed:\n{changes}")
    expect(not faults, "more than additions. Read docs/abi.md; with --reviewed it is taken as it is\n"
           + "\n".join(faults))


def check_header_break(folder, words, pattern, instead):
    edited, text = folder / "edited.h", HEADER.read_text(encoding="utf-8")
    edited.write_text(re.sub(pattern, instead, text, count=1), encoding="utf-8")
    expect(edited.read_text(encoding="utf-8") != text, "the edit finds nothing to change in the header")
    expect_noticed(words, edited, LIBRARY_FILE)


def check_library_break(folder, words, edits):
    script = Path("packaging/libsac.map").read_text(encoding="utf-8")
    for pattern, instead in edits:
        script = re.sub(pattern, instead, script)
    (folder / "libsac.map").write_text(script, encoding="utf-8")
    run("cc", "-shared", f"-Wl,--version-script={folder}/libsac.map", "-o", folder / "libsac.so",
        "-Wl,--whole-archive", TARGET / "debug/libsac.a", "-Wl,--no-whole-archive", *STATIC_LIBS)
    expect_noticed(words, HEADER, folder / "libsac.so")


def expect_noticed(words, header, library):
    try:
        check_promise(header, library)
    except Failed as failure:
        expect(words in str(failure), f"the check does not say {words!r}, but:\n{failure}")
    else:
        raise Failed("it goes unnoticed")


def differences(old, new, old_name, new_name):
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), str(old_name), str(new_name), lineterm="")
    return "".join(f"{line}\n" for line in lines)
