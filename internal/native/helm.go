package native

import (
	"fmt"
	"strings"

	"github.com/mop-platform/mop/internal/emitter"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/diag"
)

// helmOptions are the fields of helmTemplate's parameter opts.
type helmOptions struct {
	calledFrom, nameFormat          string
	values                          map[string]any
	apiVersions                     []string
	includeCRDs, skipTests, noHooks bool
	kubeVersion, namespace          string
}

func parseHelmOptions(opts any) (helmOptions, error) {
	o := helmOptions{includeCRDs: true, values: map[string]any{}}
	err := decodeOptions(opts, map[string]any{
		"calledFrom":  &o.calledFrom,
		"nameFormat":  &o.nameFormat,
		"values":      &o.values,
		"apiVersions": &o.apiVersions,
		"includeCRDs": &o.includeCRDs,
		"skipTests":   &o.skipTests,
		"noHooks":     &o.noHooks,
		"kubeVersion": &o.kubeVersion,
		"namespace":   &o.namespace,
	})
	if err == nil {
		err = checkCalledFrom(o.calledFrom)
	}
	return o, err
}

// checkCalledFrom refuses a call that does not name its file, in Tanka's words.
func checkCalledFrom(name string) error {
	if name != "" {
		return nil
	}
	return diag.Diagnostic{
		Code:    failure.NoCaller,
		Problem: "'opts.calledFrom' is unset or empty",
	}
}

// flags returns the options as flags of helm template, in Tanka's order.
func (o helmOptions) flags() []string {
	flags := []string{"--values", "-"}
	for _, v := range o.apiVersions {
		flags = append(flags, "--api-versions="+v)
	}
	if o.includeCRDs {
		flags = append(flags, "--include-crds")
	}
	if o.skipTests {
		flags = append(flags, "--skip-tests")
	}
	if o.kubeVersion != "" {
		flags = append(flags, "--kube-version="+o.kubeVersion)
	}
	if o.noHooks {
		flags = append(flags, "--no-hooks")
	}
	if o.namespace != "" {
		flags = append(flags, "--namespace="+o.namespace)
	}
	return flags
}

// helmTemplate returns the function that renders a Helm chart, a directory or archive of
// the project, to an object of Kubernetes objects. helm reads its values in the given
// style.
func helmTemplate(helm *renderer, files Files, style emitter.Style) eval.Native {
	return eval.Native{Name: "helmTemplate", Params: []string{"name", "chart", "opts"}, Func: func(c eval.Call, args []any) (any, error) {
		if err := helm.allowed(); err != nil {
			return nil, err
		}
		release, err := stringArgument("name", args[0])
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(release, "-") {
			return nil, diag.Diagnostic{Subject: "argument name", Problem: fmt.Sprintf("want the name of a release, got %s", message.Quote(release))}
		}
		chart, err := stringArgument("chart", args[1])
		if err != nil {
			return nil, err
		}
		o, err := parseHelmOptions(args[2])
		if err != nil {
			return nil, err
		}
		in, name, osPath, err := locate(c, files, "chart", chart, o.calledFrom)
		if err != nil {
			return nil, err
		}
		if err := in.add(name); err != nil {
			return nil, err
		}
		values, err := emitter.Marshal(c.Context(), o.values, style)
		if err != nil {
			return nil, err
		}
		docs, err := helm.documents(c, request{
			verb: "template", subject: release + " " + name, in: in,
			args: append([]string{"template", release, osPath}, o.flags()...), stdin: values,
		})
		if err != nil {
			return nil, err
		}
		return byName(c.Context(), docs, o.nameFormat)
	}}
}
