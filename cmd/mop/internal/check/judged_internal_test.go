package check

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	server "github.com/mop-platform/mop/internal/verdict"
	"github.com/mop-platform/mop/pkg/validate"
)

func TestJudged(t *testing.T) {
	service := func(ports ...any) map[string]any {
		return map[string]any{
			"apiVersion": "v1", "kind": "Service",
			"metadata": map[string]any{"name": "s", "labels": map[string]any{"a.b/0": "sp ace"}},
			"spec":     map[string]any{"ports": ports},
		}
	}
	good := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "c"}, "data": map[string]any{"0": "x"}}
	twice := map[string]any{"port": 80.0, "name": "web"}
	refused := func(causes ...server.Cause) server.Verdict {
		return server.Verdict{Served: true, Message: "refused", Causes: causes}
	}
	for name, test := range map[string]struct {
		object  map[string]any
		verdict server.Verdict
		status  validate.Status
		want    []string // severity, rule, path, problem
	}{
		"agreed": {good, server.Verdict{Served: true, Valid: true}, validate.Valid, nil},
		"not served": {service(), server.Verdict{}, validate.Invalid, []string{
			"error format metadata.labels[\"a.b/0\"]",
			"error required spec.ports",
		}},
		"taken": {service(), server.Verdict{Served: true, Valid: true}, validate.Valid, []string{
			"warning format metadata.labels[\"a.b/0\"] hint: the API server of kubernetes 1.29.15 takes it",
			"warning required spec.ports hint: the API server of kubernetes 1.29.15 takes it",
		}},
		"refused without a cause": {good, refused(), validate.Invalid, []string{"error apiserver . refused"}},
		"said with a cause for each": {good, refused(
			because("data[a.b/c]", "FieldValueInvalid", "bad"), because("data[0]", "FieldValueInvalid", "bad"),
		), validate.Invalid, []string{`error apiserver data["0"] bad`, `error apiserver data["a.b/c"] bad`}},
		"invalid, and refused without a cause": {service(), refused(), validate.Invalid, []string{
			"error format metadata.labels[\"a.b/0\"]",
			"error required spec.ports",
		}},
		"said before": {service(twice, twice), refused(
			because("metadata.labels", server.ValueInvalid, "of the whole map"),
			because("spec.ports[1].name", server.ValueDuplicate, "of the field that tells items apart"),
			because("spec.ports[0].targetPort", server.ValueInvalid, "new"),
		), validate.Invalid, []string{
			"error format metadata.labels[\"a.b/0\"]",
			"error apiserver spec.ports[0].targetPort new",
			"error duplicate spec.ports[1]",
			"error duplicate spec.ports[1].port",
		}},
		"said of what holds it": {service(), refused(
			because("metadata.labels", server.FieldMistyped, "of the whole map"),
			because("spec.ports[0].port", "FieldValueRequired", "a part of what is missing"),
		), validate.Invalid, []string{
			"error format metadata.labels[\"a.b/0\"]",
			"error required spec.ports",
		}},
		"mistyped, without indexes": {service(map[string]any{"port": "x"}), refused(
			because("spec.ports.port", server.FieldMistyped, "json: ..."),
		), validate.Invalid, []string{
			"error format metadata.labels[\"a.b/0\"]",
			"error type spec.ports[0].port",
		}},
		"another field's": {service(), refused(
			because("metadata.name", server.ValueInvalid, "bad"),
			because("spec.template.labels", server.ValueInvalid, "bad"),
		), validate.Invalid, []string{
			"error format metadata.labels[\"a.b/0\"]",
			"error apiserver metadata.name bad",
			"error required spec.ports",
			"error apiserver spec.template.metadata.labels bad",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			checked, err := new(validate.Validator).Check(t.Context(), test.object)
			require.NoError(t, err)
			before := checked.Results[0]
			unchanged := len(before.Findings)
			after := judged(before, test.verdict, "1.29.15")
			assert.Equal(t, test.status, after.Status)
			var got []string
			for _, f := range after.Findings {
				text := f.Severity.String() + " " + string(f.Rule) + " " + f.Path.String()
				if f.Rule == report.RuleAPIServer {
					text += " " + f.Problem
				}
				if test.verdict.Valid {
					text += " hint: " + f.Hints[len(f.Hints)-1]
				}
				got = append(got, text)
			}
			assert.Equal(t, test.want, got)
			assert.Len(t, before.Findings, unchanged)
		})
	}
}

func because(path, reason, message string) server.Cause {
	return server.Cause{Path: path, Type: reason, Message: message}
}
