package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// Environment has the results of the objects that one environment puts into a cluster.
type Environment struct {
	// Name is its name in messages.
	Name string
	// APIServer and ContextNames identify the cluster, as the spec of an environment does.
	// Two environments share a cluster if they have the same APIServer or a common name of
	// a context. An environment without both shares its cluster with none.
	APIServer    string
	ContextNames []string
	// Results are those of a check of its objects.
	Results []validate.Result
}

// Clusters compares environments with each other. If two put the same object into one
// cluster, the environment that is applied last wins. Clusters returns the results of each
// environment, and adds such findings to the later one: errors or, if the objects are
// equal, warnings. It does not change the environments. The error is that of the budget of
// ctx.
func Clusters(ctx context.Context, environments []Environment) ([][]validate.Result, error) {
	meter := budget.Of(ctx).Meter()
	all := make([][]validate.Result, len(environments))
	for i, e := range environments {
		all[i] = slices.Clone(e.Results)
		contexts := make(map[string]bool, len(e.ContextNames))
		for _, name := range e.ContextNames {
			contexts[name] = true
		}
		for _, before := range environments[:i] {
			if err := meter.Work(64 * (1 + len(before.ContextNames))); err != nil {
				return nil, err
			}
			if !before.shares(e.APIServer, contexts) {
				continue
			}
			if err := meter.Work(64 * (len(e.Results) + len(before.Results))); err != nil {
				return nil, err
			}
			hold(all[i], e.Name, before)
		}
	}
	return all, nil
}

// shares reports whether an environment shares a cluster with another one, which has this
// API server and these contexts.
func (e Environment) shares(apiServer string, contexts map[string]bool) bool {
	return e.APIServer != "" && e.APIServer == apiServer ||
		slices.ContainsFunc(e.ContextNames, func(name string) bool { return contexts[name] })
}

// hold adds findings to the results of an environment for objects that another environment
// has too.
func hold(results []validate.Result, name string, other Environment) {
	others := make(map[manifest.ID]validate.Result, len(other.Results))
	for _, r := range other.Results {
		others[r.ID] = r
	}
	for i, r := range results {
		same, ok := others[r.ID]
		if !ok || r.ID.Name == "" {
			continue
		}
		f := validate.Finding{Severity: diag.Error, Rule: validate.RuleDuplicate,
			Problem: fmt.Sprintf("environments %s and %s put it into the same cluster, and it differs", other.Name, name)}
		if manifest.Equal(r.Object.Value, same.Object.Value) {
			f.Severity = diag.Warning
			f.Problem = fmt.Sprintf("environments %s and %s put it into the same cluster", other.Name, name)
		}
		if r.Object.Origins != nil {
			f.Origins = r.Object.Origins(nil)
		}
		results[i] = r.With([]validate.Finding{f})
	}
}
