package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

// RuleTable writes a table of rules, with a line for each.
func RuleTable(w io.Writer, rules []validate.Declaration) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "RULE\tSEVERITY\tSINCE\tHOLDS\tSOURCE\n")
	for _, d := range rules {
		since, sources := "-", []string{}
		if d.Since != 0 {
			since = d.Since.String()
		}
		for _, s := range d.Sources {
			sources = append(sources, s.File+": "+strings.Join(s.Functions, ", "))
		}
		if len(sources) == 0 {
			sources = []string{"-"}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", d.Rule, strings.Join(names(d.Severities), ", "), since, d.Holds, strings.Join(sources, "; "))
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
		all[i] = rule{ID: string(d.Rule), Severities: names(d.Severities), Holds: d.Holds, Sources: []source{}}
		for _, s := range d.Sources {
			all[i].Sources = append(all[i].Sources, source(s))
		}
		if d.Since != 0 {
			all[i].Since = d.Since.String()
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
