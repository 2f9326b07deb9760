# The project's commands. `make help` lists them; `scripts/run NAME --help` explains one.

.DEFAULT_GOAL := help
COMMANDS := fmt clippy check-lints test-deps test-rust test-large test-symbols test-abi accept-abi test-c test-panic test-system test-soak soak fuzz miri build release interface check-interface check-header clean
.PHONY: $(COMMANDS) help demo test test-sanitize test-interop test-go test-cpp test-ruby conformance bench order docs test-docs test-guide install uninstall dist test-install

$(COMMANDS):
	@scripts/run $@

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "make %-14s %s\n", $$1, $$2 }'
	@scripts/run --help

demo: ## from a bare clone: build all, and run every example against the demo server
	@scripts/demo.sh

test: ## from a bare clone: set up what is needed and run every check below
	@scripts/test.sh

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

test-install: ## programs outside of the tree against what install and dist hand out
	@scripts/test-install.sh

