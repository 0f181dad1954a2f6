package export

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/diag"
)

// replaced has the sources that an export names, so that their old files are removed.
type replaced struct {
	// entrypoints are replaced with all their environments, even those that they no longer
	// have. Their Environment is "".
	entrypoints map[Source]bool
	// environments are replaced one by one.
	environments map[Source]bool
	// partly has the entrypoints of the inline ones in environments.
	partly map[string]bool
}

// newReplaced returns the sources that o and the exported environments name.
func newReplaced(o Options, exported map[Source]bool) replaced {
	r := replaced{map[Source]bool{}, map[Source]bool{}, map[string]bool{}}
	// If the project of a file is unknown, only the entrypoint counts.
	add := func(to map[Source]bool, s Source) {
		to[s] = true
		s.Project = ""
		to[s] = true
	}
	for _, name := range o.DeletedEnvs {
		add(r.entrypoints, Source{Entrypoint: name})
		for _, project := range o.Projects {
			add(r.entrypoints, Source{Project: project, Entrypoint: name})
		}
	}
	if o.MergeStrategy != ReplaceEnvs {
		return r
	}
	for _, s := range o.Entrypoints {
		add(r.entrypoints, s)
	}
	for s := range exported {
		add(r.environments, s)
		if s.Environment != "" {
			r.partly[s.Entrypoint] = true
		}
	}
	return r
}

// has reports whether the files from s are removed.
func (r replaced) has(s Source) bool {
	whole := s
	whole.Environment = ""
	return r.entrypoints[whole] || r.environments[s]
}

// unclear reports whether a file from s may belong to a replaced environment or to another
// one of the same entrypoint, because its environment is unknown. Such a file is removed
// only if it is written again.
func (r replaced) unclear(s Source) bool {
	return !s.known() && r.partly[s.Entrypoint] && !r.has(s)
}

// warnings warns of unclear files, and of deleted environments without files. old is the
// index of the directory dir, left the number of unclear files by entrypoint.
func (r replaced) warnings(dir string, old Index, left map[string]int, o Options) diag.List {
	var l diag.List
	for entrypoint, n := range left {
		l = append(l, diag.Diagnostic{
			Severity: diag.Warning, Code: failure.UnclearFiles, Subject: entrypoint,
			Problem: fmt.Sprintf("%d files stay of which %s tells the entrypoint, but not the environment", n, indexFile),
		})
	}
	for _, name := range o.DeletedEnvs {
		found := false
		elsewhere := map[string]bool{}
		for _, s := range old {
			switch {
			case s.Entrypoint != name:
			case r.has(s):
				found = true
			default:
				elsewhere[s.Project] = true
			}
		}
		if found {
			continue
		}
		var projects []string
		for _, project := range slices.Sorted(maps.Keys(elsewhere)) {
			projects = append(projects, shown(dir, project))
		}
		l = append(l, diag.Diagnostic{
			Severity: diag.Warning, Code: failure.NothingDeleted, Values: map[string]any{"projects": projects},
			Subject: name, Problem: "no file in " + indexFile + " comes from this deleted environment",
		})
	}
	return l
}
