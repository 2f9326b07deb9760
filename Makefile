# The project's commands. Each is one call of a script or of cargo; `make help` lists them.

.DEFAULT_GOAL := help
.PHONY: help build release demo test interface check-interface check-header fmt clippy check-lints test-deps test-rust test-large test-symbols \
        test-abi accept-abi test-c test-panic test-system test-interop test-go test-cpp test-ruby conformance \
        bench order docs test-docs test-guide test-sanitize test-soak soak fuzz miri install uninstall dist \
        test-install clean

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "make %-14s %s\n", $$1, $$2 }'

build: ## build the library and the demo server (debug), with links in build/lib
	@scripts/build.sh debug build/lib

release: ## build the library as it is shipped, with links in build/release
	@scripts/build.sh release build/release

demo: ## from a bare clone: build all, and run every example against the demo server
	@scripts/demo.sh

test: ## from a bare clone: set up what is needed and run every check below
	@scripts/test.sh

interface: ## write what follows from interface/settings.toml, in every language
	@python3 -B interface/generate.py

check-interface: ## what follows from interface/settings.toml is current, and bad rows are refused
	@python3 -B interface/generate.py --check
	@python3 -B -m unittest -q interface/test_table.py

check-header: ## include/sac.h is what the sources say
	@scripts/check-header.sh

fmt: ## the Rust sources are formatted
	@cargo fmt --all -- --check

check-lints: ## unsafe code in the C boundary alone, and no lint of Cargo.toml allowed away
	@scripts/check-lints.sh

test-deps: ## the dependencies: licences, sources, duplicates, withdrawn or vulnerable versions, documentation
	@python3 scripts/check_dependencies.py

clippy: ## the Rust sources are free of warnings
	@cargo clippy --locked --workspace --all-targets -- -D warnings

test-rust: ## the Rust tests
	@cargo test --locked --workspace --no-fail-fast

test-large: ## bodies of 2 GiB each way through constant memory: two minutes, 4 GiB of disk
	@SAC_LONG_TESTS=1 cargo test --locked --test streams memory:: -- --nocapture --test-threads=1

test-symbols: ## the shared library exports what the header declares, and nothing else; its hardening
	@scripts/test-symbols.sh

test-c: ## the header as C and C++, the C tests under valgrind
	@scripts/test-c.sh

test-panic: ## a panic in a built shared library is answered, and prints nothing
	@scripts/test-panic.sh

test-system: ## system calls, allocations, threads, descriptors and timeouts, from outside
	@scripts/test-system.sh

test-ruby: ## the Ruby binding: tests, style, signatures, documentation, the gem
	@scripts/test-ruby.sh

conformance: ## the conformance cases in every language, as a table
	@scripts/conformance.sh

test-interop: ## the library against other people's programs
	@scripts/test-interop.sh

test-cpp: ## the C++ headers: g++, clang++, three standards, sanitizers
	@scripts/test-cpp.sh

test-go: ## the Go binding: vet, tests, race detector, static, old Go
	@scripts/test-go.sh

test-sanitize: ## the C tests under AddressSanitizer, UBSan and ThreadSanitizer
	@scripts/test-sanitize.sh

test-soak: ## a short soak, and that it notices what it is there for
	@scripts/soak.sh 8 1

soak: ## a long soak: SOAK_SECONDS (180)
	@scripts/soak.sh

fuzz: ## fuzz every target, led by coverage: FUZZ_SECONDS for each (300)
	@scripts/fuzz.sh

miri: ## the tests that need no network under Miri (a nightly toolchain with miri)
	@scripts/miri.sh

docs: ## the reference of every language, in build/docs
	@scripts/docs.sh

test-docs: docs ## the reference is whole: nothing without documentation, no link astray

test-guide: ## every program of the guide and the README runs, and prints what they say
	@scripts/test-guide.sh

bench: ## measure libsac beside what else programs use; rewrites docs/performance.md
	@scripts/bench.sh

order: ## find anew what a first call runs, which the linker puts side by side
	@scripts/order.sh

install: ## install what `make release` built: PREFIX, LIBDIR, INCLUDEDIR, DESTDIR
	@scripts/install.sh

uninstall: ## remove what `make install` with the same settings installed
	@scripts/install.sh uninstall

dist: ## what is handed out, in build/dist: tarball, Debian packages, gem, checksums
	@scripts/dist.sh

test-abi: ## the C interface is what was promised, and a break would be noticed
	@scripts/test-abi.sh

accept-abi: ## take additions to the C interface into what is promised
	@scripts/build.sh debug build/lib && scripts/abi.sh accept

test-install: ## programs outside of the tree against what install and dist hand out
	@scripts/test-install.sh

clean: ## remove all that was built
	cargo clean
	rm -rf build
