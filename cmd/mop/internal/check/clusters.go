package check

import (
	"context"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// checked is the result of an environment.
type checked struct {
	// unread are records of parts that cannot be read; the other fields are not set then.
	unread []report.Record
	// environment is its name.
	environment string
	// entrypoint is the user's name of its file.
	entrypoint string
	spec       project.Spec
	// results are in the order of minors, the versions of Kubernetes.
	minors  []schema.Minor
	results [][]validate.Result
}

// withoutEvaluation returns a checked object of an environment without its evaluation, so
// that memory is freed. It knows only the origins of the whole object; checkClusters needs
// no more.
func withoutEvaluation(env render.Environment, o validate.Object) validate.Object {
	if origins := o.Origins; origins != nil {
		o.Origins = func(manifest.Path) []diag.Position {
			defer env.Release()
			return origins(nil)
		}
	}
	return o
}

// records returns a record for each object and version, by object.
func (c checked) records() []report.Record {
	records := c.unread
	if len(c.results) == 0 {
		return records
	}
	for o := range c.results[0] {
		for i, minor := range c.minors {
			records = append(records, report.Record{Result: c.results[i][o], Environment: c.environment, Minor: minor})
		}
	}
	return records
}

// checkClusters compares environments with each other.
func checkClusters(ctx context.Context, all []checked) error {
	names := distinctNames(all)
	for version := 0; ; version++ {
		var environments []Environment
		var at []int
		for i, c := range all {
			if version < len(c.results) {
				at = append(at, i)
				environments = append(environments, Environment{
					Name: names[i], APIServer: c.spec.APIServer, ContextNames: c.spec.ContextNames, Results: c.results[version],
				})
			}
		}
		if len(environments) < 2 {
			return nil
		}
		held, err := Clusters(ctx, environments)
		if err != nil {
			return err
		}
		for i, results := range held {
			all[at[i]].results[version] = results
		}
	}
}

// distinctNames returns the names of environments for messages. If two have the same name,
// as in two projects, it adds their files.
func distinctNames(all []checked) []string {
	entrypoint, several := map[string]string{}, map[string]bool{}
	for _, c := range all {
		if other, ok := entrypoint[c.environment]; ok && other != c.entrypoint {
			several[c.environment] = true
		}
		entrypoint[c.environment] = c.entrypoint
	}
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.environment
		if several[c.environment] {
			names[i] += " of " + c.entrypoint
		}
	}
	return names
}
