"""Builds programs from the snippets. All pieces of C++ become a few programs, and all pieces of Go become one,
because the compilers spend most of their time on what the pieces have in common.
"""

import os
import re
import subprocess
from pathlib import Path

import pages
from project import WARNINGS, linked

HERE = Path(__file__).parent
IMPORTS = {
    "bytes": "bytes",
    "context": "context",
    "errors": "errors",
    "fmt": "fmt",
    "hex": "encoding/hex",
    "hmac": "crypto/hmac",
    "http": "net/http",
    "httptrace": "net/http/httptrace",
    "httptest": "net/http/httptest",
    "io": "io",
    "json": "encoding/json",
    "log": "log",
    "os": "os",
    "sha256": "crypto/sha256",
    "signal": "os/signal",
    "syscall": "syscall",
    "sac": "libsac/sac",
    "slog": "log/slog",
    "strconv": "strconv",
    "strings": "strings",
    "atomic": "sync/atomic",
    "sync": "sync",
    "time": "time",
}


class Builder:
    """Builds all snippets. `faults` lists those that do not compile."""

    def __init__(self, root, work, addresses, pool):
        self.root, self.work, self.addresses, self.pool = root, work, addresses, pool
        self.library = root / "build" / "lib"
        self.commands, self.faults = {}, []

    def build(self, snippets):
        """Returns the command that runs each snippet, by its name."""
        jobs = []
        for language, make in (("cpp", self._cpp), ("go", self._go), ("c", self._c), ("ruby", self._ruby)):
            selected = [one for one in snippets if one.language == language]
            if selected:
                (self.work / language).mkdir()
                jobs += make(selected)
        for job in [self.pool.submit(*job) for job in jobs]:
            job.result()
        return self.commands

    def _c(self, snippets):
        for one in snippets:
            outside, inside = one.parts() if not one.is_whole else ([], [])
            text = with_lines(one, [(one.line, one.text)])
            if not one.is_whole:
                frame = (HERE / "frame.c").read_text()
                text = fill(frame, OUTSIDE=with_lines(one, outside), INSIDE=with_lines(one, inside))
            yield self._compile, one, ["cc", "-std=gnu99"], text

    def _compile(self, one, compiler, text):
        program = self._write(one.language, f"{one.name}.{one.language}", text)
        self._make([one], [*compiler, *WARNINGS, *self._flags(program)], [program.with_suffix("")])

    def _flags(self, source):
        return [str(source), "-o", str(source.with_suffix("")), f"-I{self.root}/include", *linked(), "-pthread"]

    def _cpp(self, snippets):
        jobs = [
            (self._compile, one, ["g++", "-std=c++17"], with_lines(one, [(one.line, one.text)]))
            for one in snippets
            if one.is_whole
        ]
        pieces = [one for one in snippets if not one.is_whole]
        halves = [half for half in (pieces[::2], pieces[1::2]) if half]
        return [(self._cpp_pieces, number, half) for number, half in enumerate(halves)] + jobs

    def _cpp_pieces(self, number, pieces):
        texts = []
        for one in pieces:
            outside, inside = one.parts()
            texts.append(
                f"namespace {one.name} {{\n{with_lines(one, outside)}\n"
                f"void run(sac::Client& client)\n{{\n(void)client;\n{{\n{with_lines(one, inside)}\n}}\n}}\n}}\n"
            )
        table = ", ".join(f'{{"{one.name}", {one.name}::run}}' for one in pieces)
        frame = (HERE / "frame.cpp").read_text()
        source = self._write("cpp", f"pieces{number}.cpp", fill(frame, PIECES="\n".join(texts), TABLE=table))
        self._make(pieces, ["g++", "-std=c++17", *WARNINGS, *self._flags(source)], [source.with_suffix("")])

    def _go(self, snippets):
        module = f"module guide\n\ngo 1.19\n\nrequire libsac/sac v0.0.0\n\nreplace libsac/sac => {self.root}/bindings/go\n"
        self._write("go", "go.mod", module)
        pieces = [one for one in snippets if not one.is_whole]
        for one in snippets:
            self._write("go", f"{one.name}/{one.name}.go", self._go_text(one))
        if pieces:
            imports = "\n".join(f'\t"guide/{one.name}"' for one in pieces)
            table = "\n".join(f'\t"{one.name}": {one.name}.Run,' for one in pieces)
            frame = (HERE / "main.go").read_text()
            self._write("go", "pieces/main.go", fill(frame, IMPORTS=imports, TABLE=table))
        return [(self._go_build, snippets)]

    def _go_text(self, one):
        if one.is_whole:
            return f"//line {self.root}/{one.page}:{one.line}\n{one.text}"
        outside, inside = one.parts()
        code = re.sub(r'//.*|"(\\.|[^"\\])*"', "", one.text) + " context. sac."
        used = sorted(path for name, path in IMPORTS.items() if re.search(rf"\b{name}\.", code))
        return fill(
            (HERE / "frame.go").read_text(),
            NAME=one.name,
            IMPORTS="\n".join(f'\t"{path}"' for path in used),
            OUTSIDE=with_lines(one, outside),
            INSIDE=with_lines(one, inside),
        )

    def _go_build(self, snippets):
        folder = self.work / "go"
        programs = folder / "bin"
        programs.mkdir()
        self._make(snippets, ["go", "build", "-o", f"{programs}/", "./..."], [programs / "pieces"], folder)
        for one in snippets:
            if one.is_whole and one.name in self.commands:
                self.commands[one.name] = [programs / one.name]
            texts = [one.text] if one.is_whole else ["\n\n".join(text for _, text in part) for part in one.parts()]
            self.faults += [f"{one.place}: gofmt would change it" for text in texts if not is_formatted(text)]

    def _ruby(self, snippets):
        frame = self._write("ruby", "frame.rb", (HERE / "frame.rb").read_text())
        os.environ["SAC_LIBRARY"] = str(self.library / "libsac.so.0")
        for one in snippets:
            # Empty lines, so that each line has the same number as in the page.
            path = self._write("ruby", f"{one.name}.rb", "\n" * (one.line - 1) + one.text)
            lib = self.root / "bindings" / "ruby" / "lib"
            options = ["-c"] if one.is_piece else [f"-I{lib}", "-r", str(frame)]
            self.commands[one.name] = ["ruby", "-w", *options, str(path)]
        return []

    def _write(self, language, name, text):
        """Writes a source file for a language, with the addresses of its servers."""
        for example, place in pages.PLACES.items():
            text = text.replace(example, self.addresses[language][place])
        path = self.work / language / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def _make(self, snippets, command, program, folder=None):
        done = subprocess.run(command, cwd=folder or self.root, capture_output=True, text=True)
        if done.returncode != 0:
            self.faults.append(f"{snippets[0].page}: a program does not compile\n{done.stdout}{done.stderr}")
            return
        for one in snippets:
            self.commands[one.name] = [*program, one.name]


def is_formatted(text):
    """Whether gofmt does not change a piece of Go."""
    text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
    done = subprocess.run(["gofmt"], input=text, capture_output=True, text=True)
    return done.stdout.strip("\n") == text


def fill(frame, **values):
    """Replaces the placeholders in a frame."""
    for name, value in values.items():
        frame = frame.replace(f"@{name}@", value)
    return frame


def with_lines(one, pieces):
    """Joins pieces of a program, each after a line with its position in the page."""
    mark = f"//line {one.page}:%d" if one.language == "go" else f'#line %d "{one.page}"'
    return "\n".join(f"{mark % line}\n{text}" for line, text in pieces)
