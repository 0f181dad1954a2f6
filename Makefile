# The project's chores. "make" alone runs what CI runs, but for "make e2e".

JSONNET   := $(shell git ls-files -co --exclude-standard '*.jsonnet' '*.libsonnet' ':!vendor-jsonnet')
FMT_FLAGS := -n 2 --max-blank-lines 2 --string-style s --comment-style s --no-use-implicit-plus

# The tests with expected output in files, and those files.
GOLDEN    := ./lib ./environments ./pkg/diff ./pkg/validate ./pkg/release ./pkg/report ./internal/corpus ./cmd/mop
GENERATED := lib/kubernetes/testdata environments/testdata pkg/diff/testdata pkg/validate/testdata pkg/schema pkg/release pkg/report/testdata cmd/mop/testdata vendor-jsonnet docs README.md

.PHONY: all build test check fmt generate k8s schemas changes staticcheck kills fuzz apiserver apiserver-test e2e record bench hostile

all: test check

# build makes bin/mop as a release is made: without cgo, with which it starts slower,
# and without what debuggers need.
build:
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/mop ./cmd/mop

test:
	go test ./...

# quick is for each change: it builds, vets and runs the tests that end within a minute
# on two cores. SLOW has the tests that it leaves out, in whatever package: those that
# start many processes (scripts of the command, kills, signals, names and programs that
# are hostile), that fill stacks, memory or disks, and that compare much with go-jsonnet,
# jsonnet-bundler, libraries of YAML or recorded API servers. All others are in it.
SLOW := Scripts Documents Failures Kill Kills Signals OutputRepeats FullDisk HostileNames \
	LongTexts ValidateManyDocuments LargeDocument Hostile Honest SecurityDocumentWorkflow \
	Deep Huge Cancelled StandardLibraryBounded GeneratedPrograms OriginsOfGeneratedPrograms \
	AfterFailure ByGoJsonnet EnginesAgree Agreement LikeUpstream LikeUpstreamOverTime \
	HostileArchives CheckGenerated MountPointsKilled ReadersAgree BytesAreTheLibrarys \
	DefinitionsOfAllVersions Signatures ParseYAMLLarge ParserEnds StandardParameters \
	ReleaseFrees PlainRandom MemoryDoesNotGrow LeftBehind EndlessOutput
quick:
	go build ./...
	go vet ./...
	go test -skip '^Test($(shell echo $(SLOW) | tr ' ' '|'))$$' ./...

# Programs are generated for this long, from a seed that each commit has its own.
PROGRAMSTIME ?= 1m
PROGRAMSSEED ?= $(shell printf %d 0x$$(git rev-parse --short=7 HEAD))

# check: what tests do not see. The last line fails where a generated file is
# not what its generator makes, or is not committed.
check: generate staticcheck
	@$(MAKE) --no-print-directory schemas > bin/schemas.log || { cat bin/schemas.log; exit 1; }
	go vet ./...
	go mod tidy -diff
	@test -z "$$(gofmt -l .)" || { echo 'gofmt would change:'; gofmt -l .; exit 1; }
	go tool jsonnetfmt --test $(FMT_FLAGS) $(JSONNET)
	go tool jsonnet-lint -J lib -J vendor-jsonnet $(JSONNET)
	go test ./pkg/jsonnet -run '^TestGeneratedPrograms$$' -programs-for $(PROGRAMSTIME) -programs-seed $(PROGRAMSSEED)
	go test ./pkg/jsonnet -run '^Test(Cancelled|OriginsOfGeneratedPrograms)$$' -cancel-after 100ms -mutated 500
	go test ./lib -run '^TestByGoJsonnet$$' -all
	go test ./pkg/emitter -run '^Test(ReadersAgree|BytesAreTheLibrarys)$$' -all
	go test ./cmd/mop -run '^TestOutputRepeats$$' -repeats 30
	go test ./pkg/export -run '^TestKill$$' -kills 100
	git diff --exit-code -- $(GENERATED)
	@test -z "$$(git ls-files -o --exclude-standard -- $(GENERATED))" || { echo 'not committed:'; git ls-files -o --exclude-standard -- $(GENERATED); exit 1; }

# staticcheck is a program of internal/tools, a module of its own.
staticcheck:
	go -C internal/tools build -o ../../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck ./...

fmt:
	gofmt -w .
	go tool jsonnetfmt -i $(FMT_FLAGS) $(JSONNET)

# generate rewrites golden files, the tables in documents and the library.
generate:
	go test $(GOLDEN) -update

# k8s rewrites the Jsonnet library for Kubernetes' objects, as generate does too.
k8s:
	go test ./cmd/mop -run TestCommittedLibrary -update

# schemas rewrites the tables of Kubernetes' kinds, schemas and feature gates. It
# needs the network for the versions in internal/schemagen/versions.txt that the
# module cache lacks. It prints what the newest release brought: docs/releases.md.
schemas:
	go run ./internal/schemagen
	go test ./pkg/release -update -run TestNamesAreGenerated
	go test ./pkg/release -update -run TestReleasesDocument -v

# changes makes the names in pkg/release/changes.txt known to Go, and writes what they
# say into docs/releases.md, as generate does too.
changes:
	go test ./pkg/release -update -run TestNamesAreGenerated
	go test ./pkg/release -update

# kills kills each command that writes KILLS times, at moments spread over its time:
# what it was writing is old or new each time.
KILLS ?= 200
kills:
	MOP_KILLS=$(KILLS) go test ./cmd/mop -run '^TestKills$$' -count 1 -timeout 3h -v

# fuzz runs every fuzz target for FUZZTIME. A target fails where an input of 64 KB
# takes more than a second of processor time.
FUZZTIME ?= 30s
fuzz:
	@set -e; for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep ^Fuzz); do \
			MOP_FUZZ_PACE=1 go test $$pkg -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME); \
		done; \
	done

# hostile runs all programs of internal/hostile, for some minutes: what input can
# do at its worst, and large input that must pass. It prints what each takes, and
# fails where one takes more than 3 s or 450 MB. It wants a machine that does
# nothing else.
hostile:
	go test ./internal/hostile -run '^Test(Hostile|Honest)$$' -count 1 -timeout 60m -v -all

# apiserver builds the programs that mop validate --exact asks, those of all
# releases of Kubernetes in apiserver/ or of VERSION: make apiserver VERSION=1.29.
# Each is a module of its own, and takes 5 to 12 minutes where nothing is cached.
RELEASES := $(notdir $(patsubst %/,%,$(wildcard apiserver/1.*/)))
VERSION = $(RELEASES)
apiserver:
	@set -e; for version in $(VERSION); do \
		test -f apiserver/$$version/go.mod || { echo "apiserver/$$version: no such release, want one of: $(RELEASES)"; exit 1; }; \
		echo "go build bin/mop-apiserver-$$version"; \
		go -C apiserver/$$version build -trimpath -ldflags '-s -w' -o ../../bin/mop-apiserver-$$version .; \
	done

# apiserver-test is what "make test" and "make check" are for the other modules.
# Flags of the compiler are those of apiserver and e2e, so that they share what
# is compiled.
apiserver-test:
	@set -e; for version in $(VERSION); do \
		go -C apiserver/$$version vet -trimpath ./... github.com/mop-platform/mop/apiserver/...; \
		go -C apiserver/$$version mod tidy -diff; \
		go -C apiserver/$$version test -trimpath .; \
	done

# e2e holds the environments, and what mop validate --exact says, to a real API
# server: that of VERSION, by default of the oldest and the newest release. CORPUS
# has the recorded verdicts; where it is not there, what needs it is skipped.
e2e: VERSION = $(firstword $(RELEASES)) $(lastword $(RELEASES))
E2EFLAGS = -corpus $(abspath $(CORPUS))
CORPUS ?= ../shared/corpus
e2e: apiserver
	go build -o bin/mop ./cmd/mop
	@set -e; for version in $(VERSION); do \
		go -C apiserver/$$version test -trimpath -count 1 ./e2e $(E2EFLAGS); \
	done

# record puts the manifests of internal/corpus to the real kube-apiserver of VERSION,
# any release of internal/schemagen/versions.txt, and writes its verdicts beside
# those of the others: make record VERSION=1.33. It builds the server in a module
# below bin, in 6 to 12 minutes where nothing is cached.
record:
	@test -n "$(filter command%,$(origin VERSION))" || { echo 'want a release: make record VERSION=1.33'; exit 1; }
	go run ./internal/record $(VERSION)

# bench measures mop against go-jsonnet, for some minutes, and writes the tables
# of docs/performance.md.
bench:
	go run ./internal/bench -write
