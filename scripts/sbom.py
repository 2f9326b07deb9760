#!/usr/bin/env python3
"""Usage: scripts/sbom.py UNWINDER VERSION LICENCE

Prints what is compiled into the library as a CycloneDX 1.5 software bill of materials: each crate with
its version, licence and checksum, Rust's standard library, and the unwinder that is linked in. The same
sources give the same bytes."""

import json
import os
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
os.chdir(Path(__file__).resolve().parent.parent)

from crates import Graph, checksums, output


def component(name, version, licence, reference):
    return {"type": "library", "bom-ref": reference, "name": name, "version": version,
            "licenses": [{"expression": licence}]}


def crate(data, sums):
    name, version = data["name"], data["version"]
    reference = f"pkg:cargo/{name}@{version}"
    # The crates of old write MIT/Apache-2.0.
    entry = component(name, version, data["license"].replace("/", " OR "), reference)
    entry["purl"] = reference
    entry["hashes"] = [{"alg": "SHA-256", "content": sums[name, version]}]
    if data["repository"]:
        entry["externalReferences"] = [{"type": "vcs", "url": data["repository"]}]
    return entry


def main(unwinder, unwinder_version, unwinder_licence):
    graph, sums = Graph(), checksums()
    # What cargo tree lists, for the graph knows of features that other programs here ask for.
    tree = output("cargo", "tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "none",
                  "--no-dedupe", "--format", "{p}")
    listed = {f"{name} {version}" for name, version in re.findall(r"^(\S+) v(\S+)", tree, re.M)}
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

    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": itself},
        "components": sorted([*crates.values(), *others], key=lambda one: one["bom-ref"]),
        "dependencies": sorted(({"ref": references[one], "dependsOn": sorted(set(needed(one)))}
                                for one in parts), key=lambda one: one["ref"]),
    }
    json.dump(bill, sys.stdout, indent=1, ensure_ascii=False)
    print()


main(*sys.argv[1:])
