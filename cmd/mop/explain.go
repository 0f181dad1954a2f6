package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

const explainDoc = `Explain tells which lines of the Jsonnet made an object of an environment, or a
field of one: the line to edit first, then those that hand its value on, that it
is made of, and that it adds to with +:. The same is told of what is around the
field, up to the object, as far as it comes from elsewhere. What the environment's
spec or a flag sets is told to be from there.

PATH is as for "mop show". KIND is written in any case and may have its group, as
in issuer.cert-manager.io; between KIND and NAME may stand the NAMESPACE. FIELD is
a path in the object, such as 'spec.ports[0].name' or
'metadata.labels["app.kubernetes.io/name"]'.

Examples:
  mop explain environments/production NetworkPolicy/tempo
  mop explain environments/production networkpolicy/observability/tempo 'spec.egress[0]'
  mop explain prod StorageClass/mop-fast-ssd provisioner -o json`

type explainOptions struct {
	jsonnet jsonnetFlags
	name    string
	output  string
}

func newExplainCommand(a *app) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain PATH KIND/NAME [FIELD]",
		Short: "Tell which lines of the Jsonnet made an object or a field",
		Long:  explainDoc,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 && len(args) != 3 {
				return usageError{
					fmt.Sprintf("explain: want an environment, an object and perhaps a field, got %d arguments", len(args)),
					"for example: mop explain environments/dev Service/web 'spec.ports[0]'",
				}
			}
			return nil
		},

		ValidArgsFunction: a.completeEnvironment,
		RunE: func(cmd *cobra.Command, args []string) error {
			field := "."
			if len(args) == 3 {
				field = args[2]
			}
			return runExplain(cmd.Context(), a, args[0], args[1], field, o)
		},
	}
	o.add(cmd)
	return cmd
}

// add adds the flags, which mop trace has too.
func (o *explainOptions) add(cmd *cobra.Command) {
	o.jsonnet.add(cmd.Flags())
	cmd.Flags().StringVar(&o.name, "name", "", "of several inline environments, take the one called `NAME` or whose name holds it")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "`FORMAT` of the output: text or json")
}

func runExplain(ctx context.Context, a *app, path, object, field string, o explainOptions) error {
	if err := checkExplainFormat(o.output); err != nil {
		return err
	}
	if err := o.jsonnet.needOrigins("explain"); err != nil {
		return err
	}
	at, err := manifest.ParsePath(field)
	if err != nil {
		return usageError{fmt.Sprintf("FIELD: %v", err), `a name with a dot or a slash is written as in 'metadata.labels["a.b/c"]'`}
	}
	name, err := parseObjectName(object)
	if err != nil {
		return err
	}
	s, env, err := a.environment(ctx, path, &o.jsonnet, &objectFlags{name: o.name})
	if err != nil {
		return err
	}
	objects, err := s.Objects(env)
	if err != nil {
		return err
	}
	found, err := name.in(env.Name(), objects)
	if err != nil {
		return err
	}
	e, err := explain(ctx, s, env, found, at)
	if err != nil {
		return err
	}
	return a.writeExplanation(ctx, e, o.output)
}

// objectName is what the user calls an object.
type objectName struct{ text, kind, namespace, name string }

func parseObjectName(text string) (objectName, error) {
	kind, name, ok := strings.Cut(text, "/")
	namespace := ""
	if before, after, three := strings.Cut(name, "/"); three {
		namespace, name = before, after
	}
	if !ok || kind == "" || name == "" || strings.Contains(name, "/") {
		return objectName{}, usageError{fmt.Sprintf("want KIND/NAME or KIND/NAMESPACE/NAME, got %q", text), "for example: NetworkPolicy/tempo"}
	}
	return objectName{text, kind, namespace, name}, nil
}

// in returns the object of an environment that n names. The error is a
// [diag.Diagnostic] that says what else could be meant.
func (n objectName) in(environment string, objects []manifest.Object) (manifest.Object, error) {
	var found []manifest.Object
	for _, o := range objects {
		if n.matches(o) {
			found = append(found, o)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	d := diag.Diagnostic{Subject: environment}
	if len(found) > 1 {
		d.Problem = fmt.Sprintf("%s names %d objects", n.text, len(found))
		var names []string
		for _, o := range found {
			names = append(names, longName(o)+" ("+o.Path().String()+")")
		}
		d.Hints = []string{"name one of them: " + listed(names)}
		return manifest.Object{}, d
	}
	d.Problem = fmt.Sprintf("no object is called %s", n.text)
	d.Hints = n.others(objects)
	return manifest.Object{}, d
}

func (n objectName) matches(o manifest.Object) bool {
	id := o.ID()
	ofKind := strings.EqualFold(n.kind, id.Kind) || strings.EqualFold(n.kind, id.Kind+"."+id.Group)
	return ofKind && n.name == nameOf(o) && (n.namespace == "" || n.namespace == id.Namespace)
}

// nameOf returns the name of an object, or what its name will begin with.
func nameOf(o manifest.Object) string {
	if name := o.ID().Name; name != "" {
		return name
	}
	return o.GenerateName()
}

// longName returns the name by which an object can be told from others.
func longName(o manifest.Object) string {
	id := o.ID()
	s := id.Kind
	if id.Group != "" {
		s += "." + id.Group
	}
	if id.Namespace != "" {
		s += "/" + id.Namespace
	}
	return s + "/" + nameOf(o)
}

// others returns hints about the objects that could be meant.
func (n objectName) others(objects []manifest.Object) []string {
	if len(objects) == 0 {
		return []string{"the environment has no objects"}
	}
	// Kinds are told apart without regard to case.
	names, kinds := map[string]string{}, map[string]string{}
	var ofKind []string
	for _, o := range objects {
		id := o.ID()
		short := id.Kind + "/" + nameOf(o)
		called := []string{short, longName(o)}
		if id.Namespace != "" {
			called = append(called, id.Kind+"/"+id.Namespace+"/"+nameOf(o))
		}
		for _, name := range called {
			names[strings.ToLower(name)] = name
		}
		kinds[id.Kind] = id.Kind
		if strings.EqualFold(n.kind, id.Kind) {
			ofKind = append(ofKind, short)
		}
	}
	if s := diag.Suggest(strings.ToLower(n.text), sortedKeys(names)); s != "" {
		return []string{fmt.Sprintf("did you mean %s?", names[s])}
	}
	if len(ofKind) > 0 {
		return []string{"of that kind there are " + listed(slices.Compact(ofKind))}
	}
	return []string{"there are objects of the kinds " + listed(sortedKeys(kinds))}
}
