package validate_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// The JSON of a report has stable names, and not the content of objects.
func TestReportJSON(t *testing.T) {
	at := diag.Position{File: "a.yaml", Line: 2}
	report, err := new(validate.Validator).Check(t.Context(),
		map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"k": "aHVudGVyMg=="}},
		validate.Object{Source: at, Path: manifest.Path{"x", 1}, Value: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": ""}},
			Origins: func(manifest.Path) []diag.Position { return nil }},
	)
	require.NoError(t, err)
	got, err := json.Marshal(report)
	require.NoError(t, err)
	finding, err := json.Marshal(report.Findings()[0])
	require.NoError(t, err)
	assert.JSONEq(t, `{"results": [
		{"object": {"kind": "Secret", "name": "a"}, "apiVersion": "v1", "status": "valid"},
		{"object": {"kind": "Namespace"}, "apiVersion": "v1", "status": "invalid", "source": {"file": "a.yaml", "line": 2}, "path": "x[1]", "findings": [`+string(finding)+`]}
	]}`, string(got))
}
