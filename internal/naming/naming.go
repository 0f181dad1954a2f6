// Package naming makes names with templates of package text/template and the functions of
// sprig, within a budget. [export.Options.Format] names files, and Tanka's nameFormat names
// the objects that a program has printed.
//
// The package leaves out functions whose result does not depend on their arguments alone:
// those that read the clock, the environment, the network or a random source. The loops,
// functions and output of a template end with the budget.
package naming

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/Masterminds/sprig/v3"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/pattern"
)

// longest is the longest text of a template, in bytes: the parser of package text/template
// recurses for each action inside another.
const longest = 64 << 10

// step is the name of the function that a template calls in each loop and before each call
// of a template. printer is the name of the function that handles each value that a
// template prints.
const (
	step    = "_step"
	printer = "_print"
)

// stepSize is how many bytes a step counts against a limit of what a template makes. A step
// takes some microseconds.
const stepSize = 4 << 10

// Parse returns the template of a text. Its functions are those of the package, limited by
// the budget of ctx, and those of more, without limits. For each value, the template prints
// the result of printed, which also gets the action: the template's text that gives the
// value. If printed is nil, values stay unchanged.
func Parse(ctx context.Context, name, text string, more template.FuncMap, printed func(action string, v any) (any, error)) (*template.Template, error) {
	if len(text) > longest {
		return nil, fmt.Errorf("template: %s: want at most %s, got %s", name, budget.Bytes(longest), budget.Bytes(uint64(len(text))))
	}
	b := budget.Of(ctx)
	all := template.FuncMap{
		step: func() (bool, error) { return false, b.Reserve(stepSize) },
		printer: func(action string, v any) (any, error) {
			if err := affordable(b, v); err != nil || printed == nil {
				return v, err
			}
			return printed(action, v)
		},
	}
	for called, f := range functions() {
		// Bounding a function takes longer than calling it.
		if strings.Contains(text, called) {
			f = bounded(ctx, called, f)
		}
		all[called] = f
	}
	maps.Copy(all, more)
	t, err := template.New(name).Funcs(all).Parse(text)
	if err != nil {
		return nil, err
	}
	ask := template.Must(template.New(step).Funcs(all).Parse("{{if " + step + "}}{{end}}")).Root.Nodes[0]
	for _, t := range t.Templates() {
		rewrite(t.Root, ask)
	}
	return t, nil
}

// rewrite inserts ask, a call that asks the budget, into each loop below n and before each
// call of a template, because a template may call itself. It also appends the printer to
// each pipeline that prints. The printer gets values before they are text, so it can
// distinguish them from the template's own text.
func rewrite(n parse.Node, ask parse.Node) {
	branch := func(b *parse.BranchNode) {
		rewrite(b.List, ask)
		if b.ElseList != nil {
			rewrite(b.ElseList, ask)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for i := len(n.Nodes) - 1; i >= 0; i-- {
			rewrite(n.Nodes[i], ask)
			if n.Nodes[i].Type() == parse.NodeTemplate {
				n.Nodes = slices.Insert(n.Nodes, i, ask)
			}
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
		n.List.Nodes = slices.Insert(n.List.Nodes, 0, ask)
	case *parse.ActionNode:
		if len(n.Pipe.Decl) > 0 {
			return
		}
		action := n.String()
		n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{
			NodeType: parse.NodeCommand,
			Pos:      n.Pos,
			Args: []parse.Node{
				parse.NewIdentifier(printer).SetPos(n.Pos),
				&parse.StringNode{NodeType: parse.NodeString, Pos: n.Pos, Quoted: strconv.Quote(action), Text: action},
			},
		})
	}
}

// Changes reports whether a template may change its data.
func Changes(text string) bool { return changing().MatchString(text) }

// changing matches the names of sprig's functions that change a map.
var changing = pattern.New(`(?i)set|merge`)

// Execute returns the text that a template of [Parse] makes of data. If the budget ends, it
// returns only the error of the budget.
func Execute(ctx context.Context, t *template.Template, data any) (string, error) {
	out := output{budget: budget.Of(ctx)}
	err := t.Execute(&out, data)
	var spent *budget.Exceeded
	if errors.As(err, &spent) {
		return "", spent
	}
	if err != nil && budget.Of(ctx).Err() != nil {
		return "", budget.Of(ctx).Err()
	}
	return string(out.text), err
}

// output collects the text of a template.
type output struct {
	budget *budget.Budget
	text   []byte
}

func (o *output) Write(p []byte) (int, error) {
	if len(p) > cap(o.text)-len(o.text) {
		if err := o.budget.Reserve(2 * uint64(len(o.text)+len(p))); err != nil {
			return 0, err
		}
	}
	o.text = append(o.text, p...)
	return len(p), nil
}

// functions returns the functions of sprig that always give the same result, and the
// printing functions of package text/template.
func functions() template.FuncMap {
	m := sprig.HermeticTxtFuncMap()
	for _, name := range []string{
		"ago", "bcrypt", "encryptAES", "genCA", "genCAWithKey", "genPrivateKey", "genSelfSignedCert",
		"genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey", "htpasswd", "randInt", "shuffle",
	} {
		delete(m, name)
	}
	maps.Copy(m, template.FuncMap{
		// sprig's own functions follow the random order of a map.
		"keys": sortedKeys,
		"values": func(dict map[string]any) []any {
			var values []any
			for _, k := range sortedKeys(dict) {
				values = append(values, dict[k])
			}
			return values
		},
		"print": fmt.Sprint, "printf": fmt.Sprintf, "println": fmt.Sprintln,
		"html": template.HTMLEscaper, "js": template.JSEscaper, "urlquery": template.URLQueryEscaper,
	})
	return m
}

func sortedKeys(dicts ...map[string]any) []string {
	var keys []string
	for _, dict := range dicts {
		keys = append(keys, slices.Sorted(maps.Keys(dict))...)
	}
	return keys
}
