package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

// Rules of the command, besides those of package validate.
const (
	RuleInput     validate.Rule = "input"     // there is no object: a file or an environment cannot be read
	RuleAPIServer validate.Rule = "apiserver" // an API server was asked and says so
)

// Declarations returns all rules, the most basic first.
func Declarations() []validate.Declaration {
	all := []validate.Declaration{{
		Rule: RuleInput, Severities: []diag.Severity{diag.Error},
		Holds: "A file or an environment cannot be read, so its objects are not checked.",
	}}
	all = append(all, validate.Declarations()...)
	return append(all, validate.Declaration{
		Rule: RuleAPIServer, Severities: []diag.Severity{diag.Error},
		Holds:   "The API server, asked with --exact, says so in its own words.",
		Sources: []validate.Source{{File: "k8s.io/apiserver/pkg/endpoints/handlers/create.go", Functions: []string{"createHandler"}}},
		Since:   release.Oldest.String(),
	})
}

// rules returns the names of all rules, in the order of [Declarations].
func rules() []validate.Rule {
	var names []validate.Rule
	for _, d := range Declarations() {
		names = append(names, d.Rule)
	}
	return names
}

// RuleTable writes a table of rules, with a line for each.
func RuleTable(w io.Writer, rules []validate.Declaration) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "RULE\tSEVERITY\tSINCE\tHOLDS\tSOURCE\n")
	for _, d := range rules {
		sources := []string{}
		for _, s := range d.Sources {
			sources = append(sources, s.File+": "+strings.Join(s.Functions, ", "))
		}
		if len(sources) == 0 {
			sources = []string{"-"}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", d.Rule, strings.Join(names(d.Severities), ", "), cmp.Or(d.Since, "-"), d.Holds, strings.Join(sources, "; "))
	}
	return t.Flush()
}

// RuleJSON writes rules as a JSON array. Fields are never left out.
func RuleJSON(w io.Writer, rules []validate.Declaration) error {
	type source struct {
		File      string   `json:"file"`
		Functions []string `json:"functions"`
	}
	type rule struct {
		ID         string   `json:"id"`
		Severities []string `json:"severities"`
		Holds      string   `json:"holds"`
		Sources    []source `json:"sources"`
		Since      string   `json:"since"`
	}
	all := make([]rule, len(rules))
	for i, d := range rules {
		all[i] = rule{ID: string(d.Rule), Severities: names(d.Severities), Holds: d.Holds, Sources: []source{}, Since: d.Since}
		for _, s := range d.Sources {
			all[i].Sources = append(all[i].Sources, source(s))
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(all)
}

func names(severities []diag.Severity) []string {
	var all []string
	for _, s := range severities {
		all = append(all, s.String())
	}
	return all
}
