"""The crates of this workspace according to cargo; the licences and the bill of materials of those in the library."""

import hashlib
import json
import re
from pathlib import Path

from checks import expect
from project import host, output

LICENCE_FILE = re.compile(r"(licen[cs]e|copying|copyright|notice)", re.I)
RULE = "-" * 72
INTRODUCTION = """\
libsac is under the MIT licence or the Apache License 2.0, at your choice. Compiled into it are the
following packages, and Rust's standard library (MIT OR Apache-2.0, https://www.rust-lang.org/).
The list of public suffixes in psl is Mozilla's (MPL-2.0); its source is https://publicsuffix.org/list/.
The shared library also contains an unwinder: that of the C compiler (GCC's is under the GNU GPL 3 with
the runtime library exception), or LLVM's libunwind (Apache-2.0 WITH LLVM-exception) if zig has linked it.

"""


class Graph:
    """The packages of the workspace and how they depend on each other."""

    def __init__(self):
        data = json.loads(output("cargo", "metadata", "--locked", "--format-version", "1",
                                 "--filter-platform", host()))
        self.packages = {package["id"]: package for package in data["packages"]}
        self.nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
        self.root = data["resolve"]["root"]
        self.members = set(data["workspace_members"])

    def needs(self, package):
        """The ids of the run-time dependencies of a package."""
        return [dependency["pkg"] for dependency in self.nodes[package]["deps"]
                if any(kind["kind"] is None for kind in dependency["dep_kinds"])]

    def is_macro(self, package):
        """Whether the package runs in the compiler, and is not part of the result."""
        return any("proc-macro" in target["kind"] for target in self.packages[package]["targets"])

    def in_the_library(self):
        """The ids of the packages that are compiled into the library."""
        found, waiting = set(), [self.root]
        while waiting:
            package = waiting.pop()
            if package in found:
                continue
            found.add(package)
            if not self.is_macro(package):
                waiting += self.needs(package)
        return found

    def name(self, package):
        return "{name} {version}".format(**self.packages[package])


def compiled_in():
    """The crates in the library, without those that only help to build it, sorted: name and version, licence,
    repository. The graph would also have the features that other programs of the workspace enable."""
    lines = output("cargo", "tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "none", "--no-dedupe",
                   "--format", "{p}|{l}|{r}").splitlines()[1:]
    found = (re.match(r"(\S+) v([^\s|]+)[^|]*\|(.*)\|(.*)$", line).groups() for line in lines)
    return sorted({(f"{name} {version}", licence, repository) for name, version, licence, repository in found})


def licences():
    """The licences of all crates in the library, from the sources that cargo builds: each text once, under the names of
    its crates."""
    graph, crates, texts = Graph(), compiled_in(), {}
    folders = {graph.name(package): Path(data["manifest_path"]).parent for package, data in graph.packages.items()}
    for name, _, repository in crates:
        # A crate without a text has the text of another crate of its repository.
        files = licence_files(folders[name]) or [
            file for other, _, place in crates if place == repository for file in licence_files(folders[other])]
        expect(files, f"{name} has no licence text")
        for file in files:
            text = file.read_text(encoding="utf-8")
            # Texts that differ only in whitespace are the same.
            key = hashlib.sha256(re.sub(r"\s+", " ", text).encode()).hexdigest()
            texts.setdefault(key, (text, set()))[1].add(name)
    parts = [INTRODUCTION, *(f"  {name:<30} {licence}\n" for name, licence, _ in crates)]
    parts += [under(sorted(names), text) for _, (text, names) in sorted(texts.items())]
    return "".join(parts)


def under(names, text):
    """A licence text under the names of its packages."""
    return f"\n{RULE}\nFrom:\n\n" + "".join(f"  {name}\n" for name in names) + f"\n{text}"


def licence_files(folder):
    return sorted(file for file in folder.iterdir()
                  if file.is_file() and LICENCE_FILE.match(file.name) and file.stat().st_size)


def checksums():
    """The SHA-256 of each crate's archive, by name and version."""
    blocks = Path("Cargo.lock").read_text(encoding="utf-8").split("[[package]]")
    values = [dict(re.findall(r'^(\w+) = "(.*)"$', block, re.M)) for block in blocks]
    return {(value["name"], value["version"]): value["checksum"]
            for value in values if "checksum" in value}


def component(name, version, licence, reference):
    return {"type": "library", "bom-ref": reference, "name": name, "version": version,
            "licenses": [{"expression": licence}]}


def crate(data, sums):
    name, version = data["name"], data["version"]
    reference = f"pkg:cargo/{name}@{version}"
    # Old crates write MIT/Apache-2.0.
    entry = component(name, version, data["license"].replace("/", " OR "), reference)
    entry["purl"] = reference
    entry["hashes"] = [{"alg": "SHA-256", "content": sums[name, version]}]
    if data["repository"]:
        entry["externalReferences"] = [{"type": "vcs", "url": data["repository"]}]
    return entry


def bill(unwinder, unwinder_version, unwinder_licence):
    """The crates of the library, and an unwinder, as a CycloneDX 1.5 software bill of materials: each with its version,
    licence and checksum. The same sources give the same bytes."""
    graph, sums = Graph(), checksums()
    listed = {name for name, _, _ in compiled_in()} | {graph.name(graph.root)}
    parts = {package for package in graph.in_the_library() if graph.name(package) in listed}
    root = graph.packages[graph.root]
    rust = re.search(r"^release: (.*)$", output("rustc", "-vV"), re.M).group(1)
    others = [component("rust-std", rust, "MIT OR Apache-2.0", f"pkg:generic/rust-std@{rust}"),
              component(unwinder, unwinder_version, unwinder_licence,
                        f"pkg:generic/{unwinder}@{unwinder_version}")]
    itself = component("libsac", root["version"], root["license"],
                       f"pkg:generic/libsac@{root['version']}")
    crates = {package: crate(graph.packages[package], sums) for package in parts - {graph.root}}
    references = {package: entry["bom-ref"] for package, entry in crates.items()}
    references[graph.root] = itself["bom-ref"]

    def needed(package):
        needs = [references[one] for one in graph.needs(package) if one in parts]
        return needs + [one["bom-ref"] for one in others if package == graph.root]

    return json.dumps({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": itself},
        "components": sorted([*crates.values(), *others], key=lambda one: one["bom-ref"]),
        "dependencies": sorted(({"ref": references[one], "dependsOn": sorted(set(needed(one)))}
                                for one in parts), key=lambda one: one["ref"]),
    }, indent=1, ensure_ascii=False) + "\n"
