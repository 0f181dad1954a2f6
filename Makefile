# The project's tasks. "make" alone runs the same as CI, except "make e2e".

JSONNET   := $(shell git ls-files -co --exclude-standard '*.jsonnet' '*.libsonnet' ':!vendor-jsonnet')
FMT_FLAGS := -n 2 --max-blank-lines 2 --string-style s --comment-style s --no-use-implicit-plus

# The tests with expected output in files, and those files.
GOLDEN    := ./lib ./environments ./internal/arch ./internal/page ./internal/patch ./pkg/validate ./internal/release ./cmd/mop/internal/report ./pkg/validate/internal/corpus ./cmd/mop
GENERATED := lib/kubernetes/testdata environments/testdata internal/arch/testdata internal/patch/testdata pkg/validate/testdata internal/schema internal/release cmd/mop/internal/report/testdata cmd/mop/testdata vendor-jsonnet docs README.md go.work.sum

# The modules of the workspace: go.work. "work" names their packages to the go command. Those
# of apiserver and internal/tools stand alone, and are built with GOWORK=off.
MODULES := . pkg/validate cmd/mop docs/programs
ALONE   := GOWORK=off go

.PHONY: all build test check fmt tidy generate k8s schemas changes staticcheck kills fuzz apiserver apiserver-test e2e outside next record bench hostile

all: test check

# build makes bin/mop like a release: without cgo, which delays its start, and without
# data for debuggers.
build:
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/mop ./cmd/mop

test:
	go test work

# quick is for each change. It builds, vets and runs the tests, except those in SLOW, within
# a minute on two cores. SLOW has the tests that start many processes (scripts of the
# command, kills, signals, hostile names and programs), and those that fill stacks, memory
# or disks. It also has long comparisons with go-jsonnet, jsonnet-bundler, libraries of YAML
# and recorded API servers.
SLOW := Scripts Documents Failures Kill Kills Signals OutputRepeats FullDisk HostileNames \
	LongTexts ValidateManyDocuments LargeDocument Hostile Honest SecurityDocumentWorkflow \
	Deep Huge Cancelled StandardLibraryBounded GeneratedPrograms OriginsOfGeneratedPrograms \
	AfterFailure ByGoJsonnet EnginesAgree Agreement LikeUpstream LikeUpstreamOverTime \
	HostileArchives CheckGenerated MountPointsKilled ReadersAgree BytesAreTheLibrarys \
	DefinitionsOfAllVersions Signatures ParseYAMLLarge ParserEnds StandardParameters \
	ReleaseFrees PlainRandom MemoryDoesNotGrow LeftBehind EndlessOutput
quick:
	go build work
	go vet work
	go test -skip '^Test($(shell echo $(SLOW) | tr ' ' '|'))$$' work

# How long to generate programs, and from which seed. Each commit has another seed.
PROGRAMSTIME ?= 1m
PROGRAMSSEED ?= $(shell printf %d 0x$$(git rev-parse --short=7 HEAD))

# check checks what tests do not. The last lines fail if a generated file differs from the
# output of its generator, or is not committed.
check: generate staticcheck
	@$(MAKE) --no-print-directory schemas > bin/schemas.log || { cat bin/schemas.log; exit 1; }
	go vet work
	@$(call tidied,cmp -s $$old $$new || { echo "go.mod or go.sum of $$module is not tidy: make tidy"; diff $$old $$new; exit 1; })
	@test -z "$$(gofmt -l .)" || { echo 'gofmt would change:'; gofmt -l .; exit 1; }
	go tool jsonnetfmt --test $(FMT_FLAGS) $(JSONNET)
	go tool jsonnet-lint -J lib -J vendor-jsonnet $(JSONNET)
	go test ./internal/jsonnet -run '^TestGeneratedPrograms$$' -programs-for $(PROGRAMSTIME) -programs-seed $(PROGRAMSSEED)
	go test ./internal/jsonnet -run '^Test(Cancelled|Deep|OriginsOfGeneratedPrograms|PlainRandom|StandardLibrary|StandardLibraryBounded)$$' -cancel-after 100ms -mutated 500 -plain-texts 3000 -std.calls 10000 -whole-stack
	go test ./lib -run '^TestByGoJsonnet$$' -all
	go test ./internal/emitter -run '^Test(ReadersAgree|BytesAreTheLibrarys)$$' -all
	go test ./internal/bundler -run '^TestLikeUpstream$$' -all
	go test ./cmd/mop -run '^TestOutputRepeats$$' -repeats 30
	go test ./internal/export -run '^TestKill$$' -kills 100
	go test ./pkg/render -run '^Test(Service|VersionsWithinTheCache)$$' -service-requests 5000 -versions 400
	go test ./pkg/validate/internal/corpus -run '^TestForms$$' -all
	go test ./pkg/jsonnet -run '^Test(AgainstGoJsonnet|MemoryDoesNotGrow)$$' -calls 3000 -versions 400 -timeout 30m
	go test -race ./docs/programs/...
	go test -race ./docs/programs/service -requests 5000
	git diff --exit-code -- $(GENERATED)
	@test -z "$$(git ls-files -o --exclude-standard -- $(GENERATED))" || { echo 'not committed:'; git ls-files -o --exclude-standard -- $(GENERATED); exit 1; }

# staticcheck builds and runs a program of the module internal/tools, and vets that module.
staticcheck:
	$(ALONE) -C internal/tools build -o ../../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck work
	$(ALONE) -C internal/tools vet ./...

# tidied runs $(1) for go.mod and go.sum of each module, with the file as $$old and the tidy
# one as $$new. The modules require each other in versions that may not be published, so the
# tidy one is made beside them, from a go.mod that replaces these by directories.
define tidied
	set -e; mkdir -p bin/tidy; \
	for module in $(MODULES) internal/tools; do \
		cp $$module/go.mod bin/tidy/go.mod; cp $$module/go.sum bin/tidy/go.sum; \
		go mod edit -replace github.com/mop-platform/mop=$(CURDIR) -replace github.com/mop-platform/mop/pkg/validate=$(CURDIR)/pkg/validate bin/tidy/go.mod; \
		GOFLAGS= $(ALONE) -C $$module mod tidy -modfile $(CURDIR)/bin/tidy/go.mod; \
		go mod edit -dropreplace github.com/mop-platform/mop -dropreplace github.com/mop-platform/mop/pkg/validate bin/tidy/go.mod; \
		for file in go.mod go.sum; do old=$$module/$$file; new=bin/tidy/$$file; $(1); done; \
	done
endef

# tidy tidies go.mod and go.sum of each module, and adds to go.work.sum what it lacks.
tidy:
	@$(call tidied,cp $$new $$old)
	@go list -m all > bin/tidy/modules

fmt:
	gofmt -w .
	go tool jsonnetfmt -i $(FMT_FLAGS) $(JSONNET)

# generate rewrites golden files, the tables in documents and the library.
generate:
	go test $(GOLDEN) -update

# k8s rewrites the Jsonnet library for Kubernetes' objects, as generate does too.
k8s:
	go test ./cmd/mop -run TestCommittedLibrary -update

# schemas rewrites the tables of Kubernetes' kinds, schemas and feature gates. It downloads
# the versions in internal/schemagen/versions.txt that the module cache lacks. It prints the
# changes of the newest release: docs/releases.md.
schemas:
	go run ./internal/schemagen
	go test ./internal/release -update -run TestNamesAreGenerated
	go test ./internal/release -update -run TestReleasesDocument -v

# changes generates Go names for internal/release/changes.txt, and writes the changes into
# docs/releases.md, as generate does too.
changes:
	go test ./internal/release -update -run TestNamesAreGenerated
	go test ./internal/release -update

# kills kills each command that writes files, KILLS times, at moments spread over its time.
# Each time its files are the old or the new ones.
KILLS ?= 200
kills:
	MOP_KILLS=$(KILLS) go test ./cmd/mop -run '^TestKills$$' -count 1 -timeout 3h -v

# fuzz runs every fuzz target for FUZZTIME. A target fails if an input of 64 KB takes more
# than a second of processor time.
FUZZTIME ?= 30s
fuzz:
	@set -e; for pkg in $$(go list work); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep ^Fuzz); do \
			MOP_FUZZ_PACE=1 go test $$pkg -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME); \
		done; \
	done

# hostile runs all programs of cmd/mop/internal/hostile, for some minutes: the worst input,
# and large input that must pass. It prints the time and memory of each, and fails if one
# takes more than 3 s or 450 MB. The machine must have no other work.
hostile:
	go test ./cmd/mop/internal/hostile -run '^Test(Hostile|Honest)$$' -count 1 -timeout 60m -v -all

# apiserver builds the programs that mop validate --exact asks, for all releases of
# Kubernetes in apiserver/ or for VERSION: make apiserver VERSION=1.29. Each is a module, and
# takes 5 to 12 minutes if nothing is cached.
RELEASES := $(notdir $(patsubst %/,%,$(wildcard apiserver/1.*/)))
VERSION = $(RELEASES)
apiserver:
	@set -e; for version in $(VERSION); do \
		test -f apiserver/$$version/go.mod || { echo "apiserver/$$version: no such release, want one of: $(RELEASES)"; exit 1; }; \
		echo "go build bin/mop-apiserver-$$version"; \
		$(ALONE) -C apiserver/$$version build -trimpath -ldflags '-s -w' -o ../../bin/mop-apiserver-$$version .; \
	done

# apiserver-test does the work of "make test" and "make check" for the modules of apiserver/.
# It has the compiler flags of apiserver and e2e, so that all three share compiled packages.
apiserver-test:
	@set -e; for version in $(VERSION); do \
		$(ALONE) -C apiserver/$$version vet -trimpath ./... github.com/mop-platform/mop/apiserver/...; \
		$(ALONE) -C apiserver/$$version mod tidy -diff; \
		$(ALONE) -C apiserver/$$version test -trimpath .; \
	done

# e2e tests the environments and mop validate --exact with a real API server: the one of
# VERSION, by default those of the oldest and the newest release. CORPUS has recorded
# verdicts; without it, the tests that need it are skipped. Before that, outside tests the
# modules.
e2e: VERSION = $(firstword $(RELEASES)) $(lastword $(RELEASES))
E2EFLAGS = -corpus $(abspath $(CORPUS))
CORPUS ?= ../shared/corpus
e2e: apiserver outside
	go build -o bin/mop ./cmd/mop
	@set -e; for version in $(VERSION); do \
		$(ALONE) -C apiserver/$$version test -trimpath -count 1 ./e2e $(E2EFLAGS); \
	done

# outside builds programs that require the modules of this work tree in a version. It prints
# what each public package costs them.
outside:
	$(ALONE) -C internal/tools test -count 1 -timeout 30m -v ./outside

# next has the modules require each other in another version, which is released next:
# make next NEXT=v0.2.0
next:
	@test -n "$(NEXT)" || { echo 'want a version: make next NEXT=v0.2.0'; exit 1; }
	sed -i -E 's#(github.com/mop-platform/mop(/pkg/validate)?) v[^ ]+#\1 $(NEXT)#' go.work pkg/validate/go.mod cmd/mop/go.mod

# record asks the real kube-apiserver of VERSION, any release in
# internal/schemagen/versions.txt, about the manifests of pkg/validate/internal/corpus, and
# writes its verdicts beside those of other releases: make record VERSION=1.33. It builds
# the server in a module below bin, in 6 to 12 minutes if nothing is cached.
record:
	@test -n "$(filter command%,$(origin VERSION))" || { echo 'want a release: make record VERSION=1.33'; exit 1; }
	go run ./pkg/validate/internal/record $(VERSION)

# bench compares the speed of mop with that of go-jsonnet, for some minutes, and writes the
# tables of docs/performance.md.
bench:
	go run ./internal/bench -write
