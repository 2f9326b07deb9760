"""Programs in every language: the examples, the guide, the conformance suite, interoperability."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import build
import tools
from checks import Checks, expect
from languages import RUBY_LIBRARY
from project import ROOT, WARNINGS, Server, argument, command, compile_c, demo_server, linked, run, succeeds

CONFORMANCE = Path("build/conformance")
SUITE = Path("tests/conformance")
LANGUAGES = ["c", "cpp", "go", "ruby"]


@command()
def demo():
    """In a new clone: build everything, and run every example with the demo server.

    As root on a system with apt-get, it installs the missing tools."""
    tools.set_up("demo")
    build.build()
    checks, environment, folder = Checks(live=True), build.go_environment(), ROOT / "build/examples"
    folder.mkdir(parents=True, exist_ok=True)
    with demo_server() as url:
        print(f"The demo server is at {url}")
        for source in [*sorted(Path("examples/c").glob("*.c")), *sorted(Path("examples/cpp").glob("*.cpp"))]:
            checks.check(str(source), run_example, source, folder / f"{source.parent.name}-{source.stem}", url)
        if shutil.which("go") and shutil.which("pkg-config"):
            for example in sorted(Path("examples/go").glob("*/")):
                if example.is_dir():
                    checks.check(str(example), run_go_example, example, folder / f"go-{example.name}", url, environment)
        else:
            checks.skip("examples/go", "needs go and pkg-config")
        if succeeds("ruby", "-rffi", "-rrack", "-e", "exit"):
            for source in sorted(Path("examples/ruby").glob("*.rb")):
                checks.check(str(source), run, "ruby", "-Ibindings/ruby/lib", source, url,
                             environment=RUBY_LIBRARY)
        else:
            checks.skip("examples/ruby", "needs ruby with ffi and rack")
    return checks


@command(argument("languages", nargs="*", metavar="LANGUAGE", help="of c, cpp, go, ruby; the default is all"))
def conformance(languages):
    """The conformance cases in every language, as a table.

    See tests/conformance/README.md."""
    build.build()
    shutil.rmtree(CONFORMANCE, ignore_errors=True)
    CONFORMANCE.mkdir(parents=True)
    languages = languages or LANGUAGES
    checks, results = Checks(), {}
    with Server("conformance-server", "--cases", SUITE / "cases.json") as url:
        for language in languages:
            checks.check(language, run_cases, language, url, results)
    print_table(languages, results)
    return checks


@command(argument("pages", nargs="*", metavar="PAGE", help="for example docs/guide/retries.md; the default is all"))
def test_guide(pages):
    """Every program of the guide and the README runs, and prints the documented output.

    Needs cc, g++, go and ruby."""
    build.build()
    pages = pages or ["README.md", *sorted(Path("docs/guide").glob("*.md"))]
    environment = {**build.go_environment(), "PYTHONPATH": str(ROOT / "scripts")}
    run("python3", "-B", "tests/guide/run", *pages, environment=environment)


@command()
def test_interop():
    """The library with current versions of Flask, cookie-manager, botocore, moto, and packages of senders of webhooks.

    The others are Werkzeug, itsdangerous, stripe, slack_sdk and standardwebhooks. Signed cookies and the signatures of
    webhooks go in both directions. The signatures for AWS are those of botocore, and moto accepts them for S3, DynamoDB
    and STS. pip installs the packages in build/venv."""
    build.build()
    folder = Path("build/interop")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("client", "aws_client"):
        compile_c([f"tests/interop/{name}.c"], folder / name, *linked(), flags=("-std=c11",))
    python = tools.python_environment("build/venv", "tests/interop/requirements.txt")
    environment = {"PYTHONPATH": str(ROOT / "scripts")}
    run(python, "-B", "tests/interop/check.py", folder / "client", environment=environment)
    run(python, "-B", "tests/interop/aws.py", folder / "aws_client", environment=environment)


@command()
def test_oauth2():
    """The library with a token server of Authlib (OAuth 2.0), for client credentials and refresh tokens.

    pip installs the packages in build/oauth2/venv."""
    build.build()
    program = Path("build/oauth2/client")
    program.parent.mkdir(parents=True, exist_ok=True)
    compile_c(["tests/oauth2/client.c"], program, *linked(), flags=("-std=c11", "-pthread"))
    python = tools.python_environment("build/oauth2/venv", "tests/oauth2/requirements.txt")
    run(python, "-B", "tests/oauth2/check.py", program, environment={"PYTHONPATH": str(ROOT / "scripts")})


def run_example(source, program, url):
    """Compiles an example like a user, and runs it."""
    compiler = ["g++", "-std=c++20"] if source.suffix == ".cpp" else ["cc", "-std=c99"]
    run(*compiler, *WARNINGS, "-Iinclude", source, "-o", program, *linked(), "-pthread")
    run(program, url)


def run_go_example(folder, program, url, environment):
    run("go", "build", "-o", program, f"./{folder.name}", cwd=folder.parent, environment=environment)
    run(program, url)


def runner(language):
    """The command that runs the cases in a language. Builds the program if necessary."""
    program, sources = ROOT / CONFORMANCE / language, SUITE / language
    (CONFORMANCE / language).parent.mkdir(parents=True, exist_ok=True)
    if language == "c":
        compile_c(sorted(sources.glob("*.c")), program, *linked())
    elif language == "cpp":
        run("g++", "-std=c++11", *WARNINGS, "-Wconversion", "-Iinclude", *sorted(sources.glob("*.cpp")), "-o", program,
            *linked(), "-pthread")
    elif language == "go":
        run("go", "build", "-o", program, ".", cwd=sources, environment=build.go_environment())
    else:
        return ["ruby", "-Ibindings/ruby/lib", sources / "main.rb"]
    return [program]


def run_cases(language, url, results):
    """Runs the cases in a language, and records the result of each."""
    done = subprocess.run([*runner(language), url], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, **RUBY_LIBRARY})
    for state, case in re.findall(r"^(ok|FAILED) +(\S+)", done.stdout, re.M):
        results.setdefault(case.rstrip(":"), {})[language] = state
    rest = "\n".join(line for line in done.stdout.splitlines() if not line.startswith("ok "))
    expect(done.returncode == 0, f"its runner ended with {done.returncode}\n{rest}")
    return rest


def print_table(languages, results):
    """A row for each case, a column for each language; blank if a runner did not reach the case."""
    width = max(map(len, results), default=4)
    print("".join([f"{'case':{width}}", *(f"  {language:6}" for language in languages)]))
    for case, states in results.items():
        print("".join([f"{case:{width}}", *(f"  {states.get(language, ''):6}" for language in languages)]))
