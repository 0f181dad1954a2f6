package bundler

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/k8s"
	"github.com/mop-platform/mop/internal/schema"
)

// generated counts the files of a directory by whether they belong to libraries such as
// "mop k8s generate" writes.
type generated struct {
	// libraries and others are the numbers of files that belong to libraries and of others.
	libraries, others int
	// files is true if the directory itself holds files.
	files bool
}

// alone reports whether there are files, and only those of libraries.
func (g generated) alone() bool { return g.libraries > 0 && g.others == 0 }

func lookForGenerated(ctx context.Context, dir string) (generated, error) {
	var g generated
	err := filepath.WalkDir(dir, budget.Walk(ctx, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		g.files = g.files || filepath.Dir(name) == dir
		is, err := IsGenerated(name, d)
		if is {
			g.libraries++
		} else {
			g.others++
		}
		return err
	}))
	return g, err
}

// IsGenerated reports whether the named file begins like a file of a library that mop
// generates. d is its entry.
func IsGenerated(name string, d fs.DirEntry) (bool, error) {
	if !d.Type().IsRegular() {
		return false, nil
	}
	f, err := budget.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	return k8s.IsGenerated(f)
}

// library is the repository of the package that mop can generate.
const library = "https://github.com/jsonnet-libs/k8s-libsonnet.git"

// Library returns the package that has the functions which mop generates for a version of
// Kubernetes.
func Library(version schema.Minor) deps.Dependency {
	return deps.Dependency{
		Source: deps.Source{GitSource: &deps.Git{
			Scheme: deps.GitSchemeHTTPS, Host: "github.com", User: "jsonnet-libs", Repo: "k8s-libsonnet", Subdir: "/" + version.String(),
		}},
		Version: "main",
	}
}

// matchesGenerated reports whether dir holds exactly the files of the library that mop
// generates for the Kubernetes version of the package d, with or without documentation.
func matchesGenerated(ctx context.Context, d deps.Dependency, dir string) (bool, error) {
	if d.Source.GitSource == nil || remote(d) != library {
		return false, nil
	}
	minors := schema.Minors()
	i := slices.IndexFunc(minors, func(m schema.Minor) bool { return m.String() == subdir(d) })
	if i < 0 {
		return false, nil
	}
	if found, err := lookForGenerated(ctx, dir); err != nil || !found.alone() {
		return false, err
	}
	document, err := schema.Open(minors[i])
	if err != nil {
		return false, err
	}
	for _, o := range []k8s.Options{{}, {Docs: true}} {
		files, err := k8s.Generate(ctx, k8s.Definitions(document), o)
		if err != nil {
			return false, err
		}
		if same, err := holdsFiles(ctx, dir, files); err != nil || same {
			return same, err
		}
	}
	return false, nil
}

// holdsFiles reports whether a directory holds exactly the files.
func holdsFiles(ctx context.Context, dir string, files []k8s.File) (bool, error) {
	texts := map[string]string{}
	for _, f := range files {
		texts[f.Name] = f.Text
	}
	same := true
	err := filepath.WalkDir(dir, budget.Walk(ctx, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		text, err := budget.ReadFile(ctx, name)
		want, ok := texts[filepath.ToSlash(rel)]
		if err == nil && (!ok || string(text) != want) {
			same = false
			return fs.SkipAll
		}
		delete(texts, filepath.ToSlash(rel))
		return err
	}))
	return same && len(texts) == 0, err
}
