// Record asks the real kube-apiserver of releases of Kubernetes about the manifests of
// package corpus, and writes its verdicts into pkg/validate/internal/corpus/verdicts. Run it
// in the repository's root with "make record VERSION=1.N". It builds the server in a new
// module below bin, so it takes 6 to 12 minutes if nothing is cached. The versions of the
// releases are in internal/schemagen/versions.txt.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/validate/internal/corpus"
)

const (
	versions = "internal/schemagen/versions.txt"
	verdicts = "pkg/validate/internal/corpus/verdicts"
	work     = "bin/record"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, releases []string) error {
	known, err := readVersions()
	if err != nil {
		return err
	}
	if len(releases) == 0 {
		return fmt.Errorf("want releases such as %s", known[len(known)-1].release)
	}
	manifests, err := corpus.Manifests(os.DirFS(corpus.Bases))
	if err != nil {
		return err
	}
	for _, release := range releases {
		i := slices.IndexFunc(known, func(v version) bool { return v.release == release })
		if i < 0 {
			return fmt.Errorf("%s: want a release of %s", release, versions)
		}
		record, err := ask(ctx, known[i], manifests)
		if err != nil {
			return fmt.Errorf("%s: %w", release, err)
		}
		if err := keep(record, manifests); err != nil {
			return err
		}
	}
	return nil
}

// A version is a version of Kubernetes in the file versions.
type version struct {
	release string // 1.N
	module  string // v1.N.PATCH
}

func readVersions() ([]version, error) {
	text, err := os.ReadFile(versions)
	if err != nil {
		return nil, err
	}
	var all []version
	for line := range strings.Lines(string(text)) {
		if module, _, _ := strings.Cut(strings.TrimSpace(line), " "); strings.HasPrefix(module, "v") {
			all = append(all, version{corpus.Record{Version: module[1:]}.Release(), module})
		}
	}
	return all, nil
}

// ask returns the verdicts of the server of a release on manifests.
func ask(ctx context.Context, v version, manifests []corpus.Manifest) (corpus.Record, error) {
	programs, err := build(ctx, v)
	if err != nil {
		return corpus.Record{}, err
	}
	s, err := start(ctx, programs)
	if err != nil {
		return corpus.Record{}, err
	}
	defer s.stop()
	fmt.Fprintf(os.Stderr, "record: kube-apiserver %s judges %d manifests\n", v.module, len(manifests))
	refusals, err := s.judge(ctx, manifests)
	return corpus.Record{Version: v.module[1:], Refusals: refusals}, err
}

// keep writes a record beside the existing ones, and replaces that of the same release. It
// removes the existing ones if they are about other manifests or cannot be read. It writes
// all files, because each holds the differences from the one before it.
func keep(record corpus.Record, manifests []corpus.Manifest) error {
	all, err := corpus.ReadRecords(os.DirFS(verdicts), manifests)
	if err != nil {
		fmt.Fprintln(os.Stderr, "record: the other records go:", err)
		all = nil
		if err := os.RemoveAll(verdicts); err != nil {
			return err
		}
	}
	all = slices.DeleteFunc(all, func(r corpus.Record) bool { return r.Release() == record.Release() })
	all = append(all, record)
	slices.SortFunc(all, corpus.Record.Compare)
	files, err := corpus.Files(all, manifests)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(verdicts, 0o777); err != nil {
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(verdicts, name), data, 0o666); err != nil {
			return err
		}
	}
	return nil
}
