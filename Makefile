# Three commands: `make run` (a demo archive on loopback), `make test` (everything), `make check` (style only).
# Any of them installs what is missing first (scripts/setup).

CARGO ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
DATA ?= data/demo
VIEWER := $(wildcard viewer/package.json)
export CARGO_TERM_PROGRESS_WHEN ?= never

.DEFAULT_GOAL := help
.PHONY: help run test check setup viewer viewer-test rust-check rust-build rust-test end-to-end kill-test big-test bench-forwarding bench-viewer screenshots fuzz clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

run: ## Build and start the demo: loopback only, sample studies, a generated password
	@scripts/setup build
	@$(MAKE) --no-print-directory viewer
	$(CARGO) build --locked --release --workspace --bin filmless
	@mkdir -p $(DATA)
	exec $(TARGET)/release/filmless serve --demo --data $(DATA)

test: ## Everything: style, unit tests, end-to-end on both back ends, foreign peers, browser
	@scripts/setup test
	@$(MAKE) --no-print-directory viewer-test
	@$(MAKE) --no-print-directory rust-check
	@$(MAKE) --no-print-directory rust-build
	@$(MAKE) --no-print-directory rust-test
	@$(MAKE) --no-print-directory end-to-end

check: ## Style only: rustfmt, clippy, documentation, tidy, Biome, tsc
	@scripts/setup build
	@$(MAKE) --no-print-directory viewer
	@$(MAKE) --no-print-directory rust-check
	$(if $(VIEWER),cd viewer && npm run --silent check)
	$(CARGO) test --locked --workspace --test tidy

setup: ## Install what is missing for building and testing
	@scripts/setup test

# The binary embeds viewer/dist, so the viewer is built before any Rust.
viewer: ## Build the viewer into viewer/dist
	$(if $(VIEWER),cd viewer && npm run --silent build)

viewer-test: viewer ## Check and unit-test the viewer
	$(if $(VIEWER),cd viewer && npm run --silent check && npm run --silent test)

rust-check: ## rustfmt, clippy and documentation, warnings denied
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --workspace --all-targets --quiet -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --workspace --no-deps --quiet

# One invocation for every target of the workspace: features unify, and nothing is compiled twice.
rust-build: ## Build every target of the workspace once
	$(CARGO) build --locked --workspace --lib --bins --tests

rust-test: ## Tests of the crates, tidy first
	$(CARGO) test --locked --workspace --test tidy
	$(CARGO) test --locked --workspace --lib --bins --test it

# The real binary with real peers: dcmtk, GDCM, pynetdicom, dicomweb-client, Postgres, S3, Chromium.
end-to-end: ## Tests of the real binary on SQLite + disk and on Postgres + S3
	FILMLESS_BIN=$(abspath $(TARGET))/debug/filmless $(CARGO) test --locked --workspace --test e2e

kill-test: ## kill -9 during ingest, 50 rounds on each back end
	FILMLESS_KILL_ROUNDS=50 FILMLESS_BIN=$(abspath $(TARGET))/debug/filmless \
		$(CARGO) test --locked --workspace --test e2e -- kill --nocapture

big-test: ## An instance of 2 GiB by both doors and back, on each back end; needs 20 GB of disk
	FILMLESS_BIG_FRAMES=4095 FILMLESS_BIN=$(abspath $(TARGET))/debug/filmless \
		$(CARGO) test --locked --workspace --test e2e -- big --nocapture --test-threads=1

bench-forwarding: ## How fast one Filmless forwards to another, against receiving
	$(CARGO) build --locked --release --workspace --bin filmless
	FILMLESS_BIN=$(abspath $(TARGET))/release/filmless $(CARGO) bench --locked --workspace --bench forwarding

bench-viewer: viewer ## First picture and first lossless image of a study, beside OHIF, here and on a slow line
	$(CARGO) build --locked --release --workspace --bin filmless
	FILMLESS_BIN=$(abspath $(TARGET))/release/filmless $(CARGO) bench --locked --workspace --bench viewer

screenshots: ## Take the pictures of the README anew, and more of them into target/screenshots
	@scripts/setup test
	@$(MAKE) --no-print-directory viewer
	$(CARGO) build --locked --release --workspace --bin filmless
	@scripts/screenshots $(TARGET)/release/filmless

fuzz: ## Fuzz what reads foreign bytes, FUZZ_SECONDS (60) for each of the targets
	@scripts/fuzz

clean: ## Remove what was built, and the demo archive
	$(CARGO) clean
	rm -rf viewer/dist $(DATA)
