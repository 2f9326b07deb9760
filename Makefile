# The project's commands. Each one is a command of scripts/run: `make help` lists them, and `scripts/run NAME --help`
# explains one, with its requirements and options.

COMMANDS := help build release demo test interface check-interface check-header fmt clippy check-lints test-deps \
            test-rust test-large test-symbols test-abi accept-abi test-c test-panic test-system test-interop test-oauth2 \
            test-go test-resty test-cpp test-ruby conformance bench bench-json order docs test-docs test-guide test-sanitize \
            test-soak soak fuzz miri install uninstall dist test-install clean

.DEFAULT_GOAL := help
.PHONY: $(COMMANDS)

$(COMMANDS):
	@scripts/run $@
