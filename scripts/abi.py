"""The interface: the generated code, the exports of the shared library, and the promised interface."""

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
# The promised interface (docs/abi.md): the functions with their versions, the types, the constants.
SYMBOLS = Path("packaging/debian/libsac0.symbols")
TYPES = Path("tests/abi/libsac.abi")
CONSTANTS = Path("tests/abi/constants")

# Breaks of the promise, each with the text that the check must report, and an edit of the header.
HEADER_BREAKS = [
    ("a removed function", "1 Removed", r"bool sac_cancel_triggered\([^;]*;", ""),
    ("a new function", "1 Added", r"bool sac_cancel_triggered\(", r"void sac_new(void);\n\g<0>"),
    ("a wider parameter", "parameter 2 of type 'typedef uint32_t' changed",
     r"(sac_set_retry_attempts\([^;]*)uint32_t", r"\1uint64_t"),
    ("another return type", "return type changed", r"size_t (sac_response_header_count)", r"uint16_t \1"),
    ("a field in the middle of sac_response", "offset changed", r"int32_t status;", r"uint64_t extra;\n    \g<0>"),
    ("a callback with another parameter type", "sac_log_callback",
     r"(typedef void \(\*sac_log_callback\)\([^;]*)int32_t", r"\1int64_t"),
    ("a constant with another value", "SAC_ERR_TIMEOUT", r"(#define SAC_ERR_TIMEOUT) [0-9]+", r"\1 99"),
]
# The same for the version script of the library.
LIBRARY_BREAKS = [
    ("another symbol version", "sac_get@SAC_1", [("SAC_0", "SAC_1")]),
    ("a function that is not exported", "-sac_get@SAC_0",
     [("local:", "local:\n sac_get;"), (r"sac_\*;", "sac_[!g]*; sac_ge[!t]*;")]),
]

# The protection of a shared library by the kernel and the loader: a text, the option of readelf that shows it, and a
# line that must be in its output, or must not.
MUST_HAVE = [
    ("-z relro: the tables of the loader become read-only", "-l", r"^ *GNU_RELRO"),
    ("-z now: all symbols are resolved at once, so that relro covers them", "-d", r"\(FLAGS(_1)?\).*\b(BIND_)?NOW\b"),
    ("-z noexecstack: the stack is not executable", "-l", r"^ *GNU_STACK .* RW +0"),
    ("-z nodelete: threads can outlive a dlclose", "-d", r"\(FLAGS_1\).*\bNODELETE\b"),
    (f"SONAME {SONAME}", "-d", rf"\(SONAME\).*\[{re.escape(SONAME)}\]"),
]
MUST_NOT_HAVE = [
    ("no memory is writable and executable", "-l", r"^ *LOAD .* RWE"),
    ("-z separate-code: code is separate from the headers of the file", "-l", r"^ *LOAD +0x0+ .* R E"),
    ("the loader changes no code (TEXTREL)", "-d", "TEXTREL"),
    ("no own folder for libraries (RPATH, RUNPATH)", "-d", r"\((RPATH|RUNPATH)\)"),
]


@command()
def interface():
    """Generate the code of interface/settings.toml, in every language.

    Needs Python 3.11, rustfmt and gofmt."""
    run("python3", "-B", "interface/generate.py")


@command()
def check_interface():
    """The code generated from interface/settings.toml is current, and invalid rows are rejected."""
    run("python3", "-B", "interface/generate.py", "--check")
    run("python3", "-B", "-m", "unittest", "-q", "interface/test_table.py")


@command()
def check_header():
    """include/sac.h is current, and has no name without sac_ or SAC_."""
    # An earlier build may have written the file already, so the check uses git's version; without git, the file.
    done = subprocess.run(["git", "show", f":{HEADER}"], capture_output=True, text=True)
    committed = done.stdout if done.returncode == 0 else HEADER.read_text(encoding="utf-8")
    run("cargo", "build", "--locked", "--workspace")
    generated = HEADER.read_text(encoding="utf-8")
    changes = differences(committed, generated, f"{HEADER} as committed", f"{HEADER} as generated")
    expect(not changes, f"{changes}{HEADER} is out of date: commit the file that this build has written")
    # The names of a header are in the same scope as those of the program.
    unprefixed = [line for line in generated.splitlines() if re.match(r"(#define|typedef [a-z]|struct|extern)", line)
                  and not re.search(r'[ *(](sac|SAC)_|extern "C"', line)]
    expect(not unprefixed, f"{HEADER} has names without sac_: {unprefixed}")
    print(f"{HEADER} is current")


@command()
def test_symbols():
    """The shared library exports exactly the functions of the header; its hardening.

    Needs nm and readelf."""
    build.build()
    checks = Checks()
    checks.check("the exports are the declared functions, in version SAC_0", check_exports)
    check_hardening(checks, LIBRARY_FILE)
    return checks


@command()
def test_abi():
    """The C interface is the promised one, and the check detects breaks.

    See docs/abi.md. Needs abigail-tools."""
    build.build()
    checks = Checks()
    checks.check("the interface is the promised one", check_promise, HEADER, LIBRARY_FILE)
    with tempfile.TemporaryDirectory() as folder:
        for what, message, pattern, replacement in HEADER_BREAKS:
            checks.check(f"{what} is detected", check_header_break, Path(folder), message, pattern, replacement)
        for what, message, edits in LIBRARY_BREAKS:
            checks.check(f"{what} is detected", check_library_break, Path(folder), message, edits)
    return checks


@command(argument("--reviewed", action="store_true", default=bool(os.environ.get("REVIEWED")),
                  help="accept all changes, also those that break the promise (or REVIEWED=1 in the environment)"))
def accept_abi(reviewed):
    """Add new functions, types and constants to the promised interface.

    See docs/abi.md. Needs abigail-tools."""
    build.build()
    with tempfile.TemporaryDirectory() as folder:
        types = described_types(HEADER, Path(folder))
        if not reviewed:
            expect_no_breaks(types)
        lines = SYMBOLS.read_text(encoding="utf-8").splitlines()
        # A function keeps the version of the library in which it was new.
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
    errors = [f"{what}: {' '.join(sorted(found))}" for what, found in (
        ("declared, but not exported", declared - functions),
        ("exported, but not declared", functions - declared),
        ("exported, but not in version SAC_0", {name for name in names if not name.endswith("@SAC_0")}),
    ) if found]
    expect(not errors, "\n".join(errors))
    return f"{len(functions)} functions"


def check_hardening(checks, library):
    """The protection of a library, as far as the tools support it."""
    texts = {option: output("readelf", f"{option}W", library) for option in ("-l", "-d", "-n")}
    for expected, properties in ((True, MUST_HAVE), (False, MUST_NOT_HAVE)):
        for what, option, pattern in properties:
            present = bool(re.search(pattern, texts[option], re.M))
            checks.check(what, expect, present == expected, f"see readelf {option}W {library}, /{pattern}/")
    # The linker sets these if each object has them. The stable compiler cannot make such objects (-Z cf-protection is
    # unstable), and its standard library does not have them. Forced notes would be wrong and lead to a crash.
    for feature in ("IBT", "SHSTK"):
        present = re.search(rf"x86 feature:.*\b{feature}\b", texts["-n"])
        print(f"        CET {feature}: {'yes' if present else 'no, the stable Rust compiler does not support it'}")


def exported(library):
    """NAME@VERSION of each function that a library exports. nm also lists each version, as an absolute symbol."""
    lines = [line.split() for line in output("nm", "-D", "--defined-only", library).splitlines()]
    return sorted(name.replace("@@", "@") for _, kind, name in lines if kind != "A")


def promised():
    """NAME@VERSION of each promised function."""
    return sorted(line.split()[0] for line in SYMBOLS.read_text(encoding="utf-8").splitlines()[1:])


def constants(header):
    found = re.findall(r"^#define (SAC_[A-Z0-9_]+ .+)$", header.read_text(encoding="utf-8"), re.M)
    return [line for line in found if not line.startswith("SAC_VERSION_")]


def promised_constants():
    return CONSTANTS.read_text(encoding="utf-8").splitlines()


def described_types(header, folder):
    """The interface for a C compiler, described by abidw: every function of the header, with a body. Rust's own debug
    information about the types changes with every compiler."""
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
    """The differences to the promised types according to abidiff; empty if there are none."""
    done = subprocess.run(["abidiff", *options, TYPES, types], stdout=subprocess.PIPE, text=True)
    return "" if done.returncode == 0 else done.stdout or f"abidiff ended with {done.returncode}"


def check_promise(header, library):
    """Functions, constants and types are exactly the promised ones."""
    with tempfile.TemporaryDirectory() as folder:
        errors = [
            differences("\n".join(promised()), "\n".join(exported(library)), SYMBOLS, library),
            differences("\n".join(promised_constants()), "\n".join(constants(header)), CONSTANTS, header),
            type_changes(described_types(header, Path(folder))),
        ]
    expect(not any(errors), "the C interface is not the promised one; if docs/abi.md allows the change: make accept-abi"
           + "".join(f"\n{fault}" for fault in errors if fault))
    return f"{len(promised())} functions, {len(promised_constants())} constants"


def expect_no_breaks(types):
    """Nothing promised is removed or changed. The order of constants does not matter."""
    errors = [f"{what}: {', '.join(sorted(found))}" for what, found in (
        ("no longer exported", set(promised()) - set(exported(LIBRARY_FILE))),
        ("constants that are removed, or have another value", set(promised_constants()) - set(constants(HEADER))),
    ) if found]
    changes = type_changes(types, "--no-added-syms")
    if changes:
        errors.append(f"types that have changed:\n{changes}")
    expect(not errors, "the changes are not only additions. Read docs/abi.md; --reviewed accepts them\n"
           + "\n".join(errors))


def check_header_break(folder, message, pattern, replacement):
    edited, text = folder / "edited.h", HEADER.read_text(encoding="utf-8")
    edited.write_text(re.sub(pattern, replacement, text, count=1), encoding="utf-8")
    expect(edited.read_text(encoding="utf-8") != text, "the edit changes nothing in the header")
    expect_detected(message, edited, LIBRARY_FILE)


def check_library_break(folder, message, edits):
    script = Path("packaging/libsac.map").read_text(encoding="utf-8")
    for pattern, replacement in edits:
        script = re.sub(pattern, replacement, script)
    (folder / "libsac.map").write_text(script, encoding="utf-8")
    run("cc", "-shared", f"-Wl,--version-script={folder}/libsac.map", "-o", folder / "libsac.so",
        "-Wl,--whole-archive", TARGET / "debug/libsac.a", "-Wl,--no-whole-archive", *STATIC_LIBS)
    expect_detected(message, HEADER, folder / "libsac.so")


def expect_detected(message, header, library):
    try:
        check_promise(header, library)
    except Failed as failure:
        expect(message in str(failure), f"the check does not report {message!r}, but:\n{failure}")
    else:
        raise Failed("the check does not detect it")


def differences(old, new, old_name, new_name):
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), str(old_name), str(new_name), lineterm="")
    return "".join(f"{line}\n" for line in lines)
