package bundler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/git"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/diag"
)

// fetched is a fetched package: its commit, its sum and its directory.
type fetched struct {
	commit, sum, dir string
}

// fetcher fetches packages into directories of its own, several at once and each once.
type fetcher struct {
	ctx    context.Context
	o      Options
	cache  cache
	work   string
	slots  chan struct{}
	mu     sync.Mutex
	tasks  map[string]*task
	wanted int
	done   int
}

type task struct {
	ready chan struct{}
	got   fetched
	err   error
}

func newFetcher(ctx context.Context, work string, o Options) *fetcher {
	return &fetcher{
		ctx: ctx, o: o, work: work, cache: cache{o.Cache, o.Limits},
		slots: make(chan struct{}, o.Parallel), tasks: map[string]*task{},
	}
}

// start begins to fetch a git package in its version. sum, if not "", is the expected sum;
// an entry of the cache with another one is not used.
func (f *fetcher) start(d deps.Dependency, sum string) *task {
	key := strings.Join([]string{remote(d), subdir(d), d.Version, sum}, "\x00")
	f.mu.Lock()
	defer f.mu.Unlock()
	if t, ok := f.tasks[key]; ok {
		return t
	}
	t := &task{ready: make(chan struct{})}
	dir := filepath.Join(f.work, strconv.Itoa(len(f.tasks)))
	f.tasks[key] = t
	f.wanted++
	go func() {
		defer close(t.ready)
		f.slots <- struct{}{}
		defer func() { <-f.slots }()
		if t.err = budget.Of(f.ctx).Err(); t.err == nil {
			t.got, t.err = f.get(d, sum, dir)
		}
		f.progress()
	}()
	return t
}

func (f *fetcher) progress() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done++
	if f.o.Progress != nil {
		f.o.Progress(f.done, f.wanted)
	}
}

// wait waits for all tasks, also for those that fail.
func (f *fetcher) wait() {
	f.mu.Lock()
	tasks := f.tasks
	f.mu.Unlock()
	for _, t := range tasks {
		<-t.ready
	}
}

// get fetches one package. An error of the package or its remote is a [diag.Diagnostic].
func (f *fetcher) get(d deps.Dependency, sum, dir string) (fetched, error) {
	files := filepath.Join(dir, "files")
	if got, ok := f.cache.get(f.ctx, d, d.Version, files); ok {
		if sum == "" || got == sum {
			return fetched{d.Version, got, files}, nil
		}
		if err := os.RemoveAll(files); err != nil {
			return fetched{}, err
		}
	}
	commit, err := f.download(d, files, filepath.Join(dir, "git"))
	if err != nil {
		return fetched{}, f.explain(d, err)
	}
	got, err := sumDir(f.ctx, files)
	if err != nil {
		return fetched{}, f.explain(d, err)
	}
	if sum != "" && got != sum {
		return fetched{}, diag.Diagnostic{
			Code: failure.OtherSum, Values: map[string]any{"version": d.Version, "name": d.Name()},
			Subject: d.Name(),
			Problem: fmt.Sprintf("want the sum %s of %s, got %s from %s", sum, LockFile, got, remote(d)),
		}
	}
	if err := f.cache.put(f.ctx, d, commit, got, files); err != nil && f.o.Warn != nil {
		f.o.Warn(diag.Diagnostic{Severity: diag.Warning, Subject: f.cache.dir, Problem: "cache: " + err.Error()})
	}
	return fetched{commit, got, files}, nil
}

// explain returns a diagnostic that names the package and the remote of an error, or the
// error of the budget.
func (f *fetcher) explain(d deps.Dependency, err error) error {
	if err := budget.Of(f.ctx).Err(); err != nil {
		return err
	}
	var unknown *git.UnknownRevisionError
	var content *contentError
	var address *git.RemoteError
	switch {
	case errors.As(err, &address):
		return diag.Diagnostic{Code: failure.RefusedRemote, Values: map[string]any{}, Subject: d.Name(), Problem: address.Error()}
	case errors.As(err, &unknown):
		values := map[string]any{}
		if s := spelling.Suggest(d.Version, unknown.Refs); s != "" {
			values["near"] = message.Quote(s)
		}
		if unknown.Default != "" {
			values["default"] = message.Quote(unknown.Default)
		}
		return diag.Diagnostic{
			Code: failure.NoVersion, Values: values,
			Subject: d.Name(), Problem: fmt.Sprintf("no branch, tag or commit %s in %s", message.Quote(d.Version), remote(d)),
		}
	case errors.As(err, &content):
		return diag.Diagnostic{
			Code: failure.BadContents, Values: map[string]any{},
			Subject: d.Name(), Problem: fmt.Sprintf("version %s of %s %s", d.Version, remote(d), content.problem),
		}
	}
	return diag.Diagnostic{
		Code: failure.NoRepository, Values: map[string]any{"remote": remote(d)},
		Subject: d.Name(), Problem: fmt.Sprintf("cannot get version %s of %s: %v", d.Version, remote(d), err),
	}
}

// download fetches a package from its remote and returns its commit. Meanwhile git uses the
// directory scratch. As in jsonnet-bundler, GitHub is asked for an archive first: a small
// one comes in a second.
func (f *fetcher) download(d deps.Dependency, files, scratch string) (string, error) {
	address, isGitHub := strings.CutPrefix(remote(d), "https://github.com/")
	if isGitHub {
		commit, err := f.archive(d, strings.TrimSuffix(address, ".git"), files)
		var content *contentError
		if err == nil || errors.As(err, &content) || budget.Of(f.ctx).Err() != nil {
			return commit, err
		}
		// The repository may be private, and git has the credentials for it.
		if err := os.RemoveAll(files); err != nil {
			return "", err
		}
	}
	got, err := git.Fetch(f.ctx, scratch, remote(d), d.Version, git.Options{Env: f.o.Env})
	if err != nil {
		return "", err
	}
	if err := f.extract(d, got, files); err != nil {
		return "", err
	}
	return got.Commit, os.RemoveAll(scratch)
}

func (f *fetcher) extract(d deps.Dependency, got git.Fetched, files string) (err error) {
	limits := f.o.Limits.withDefaults()
	n, bytes, err := got.Size(f.ctx, got.Commit, subdir(d))
	switch {
	case err != nil:
		return err
	case n > limits.Files:
		return refused("holds more than %d files", limits.Files)
	case bytes > limits.Bytes:
		return refused("holds more than %d bytes", limits.Bytes)
	}
	tree, err := got.Tree(f.ctx, got.Commit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tree.Close()) }()
	u, err := newUnpacker(f.ctx, files, subdir(d), limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, u.close()) }()
	return u.tree(tree)
}

// archive fetches a package from the archive that GitHub makes of a repository, given as
// user/name.
func (f *fetcher) archive(d deps.Dependency, repository, files string) (commit string, err error) {
	commit = d.Version
	if !isCommit(commit) {
		id, ok, err := git.ResolveRemote(f.ctx, remote(d), d.Version, git.Options{Env: f.o.Env})
		if err != nil {
			return "", err
		}
		if !ok {
			return "", fmt.Errorf("no branch or tag %s", message.Quote(d.Version))
		}
		commit = id
	}
	request, err := http.NewRequestWithContext(f.ctx, http.MethodGet, f.o.GitHub+"/"+repository+"/archive/"+commit+".tar.gz", nil)
	if err != nil {
		return "", err
	}
	response, err := f.o.Client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", request.URL, response.Status)
	}
	_, err = unpackArchive(f.ctx, response.Body, files, subdir(d), false, f.o.Limits)
	return commit, err
}
