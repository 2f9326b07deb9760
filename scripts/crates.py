"""What cargo knows of the crates of this workspace. Imported by the scripts beside it."""

import json
import re
import subprocess
from pathlib import Path


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Graph:
    """The packages of the workspace and how they depend on each other."""

    def __init__(self):
        host = re.search(r"^host: (.*)$", output("rustc", "-vV"), re.M).group(1)
        data = json.loads(output("cargo", "metadata", "--locked", "--format-version", "1",
                                 "--filter-platform", host))
        self.packages = {package["id"]: package for package in data["packages"]}
        self.nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
        self.root = data["resolve"]["root"]
        self.members = set(data["workspace_members"])

    def needs(self, package):
        """The ids of what a package needs when it runs."""
        return [dependency["pkg"] for dependency in self.nodes[package]["deps"]
                if any(kind["kind"] is None for kind in dependency["dep_kinds"])]

    def is_macro(self, package):
        """Whether it works in the compiler, and is no part of what comes out."""
        return any("proc-macro" in target["kind"] for target in self.packages[package]["targets"])

    def in_the_library(self):
        """The ids of all that is compiled into it."""
        found, ahead = set(), [self.root]
        while ahead:
            package = ahead.pop()
            if package in found:
                continue
            found.add(package)
            if not self.is_macro(package):
                ahead += self.needs(package)
        return found

    def name(self, package):
        return "{name} {version}".format(**self.packages[package])


def checksums():
    """The SHA-256 of each crate's archive, by name and version."""
    blocks = Path("Cargo.lock").read_text(encoding="utf-8").split("[[package]]")
    values = [dict(re.findall(r'^(\w+) = "(.*)"$', block, re.M)) for block in blocks]
    return {(value["name"], value["version"]): value["checksum"]
            for value in values if "checksum" in value}
