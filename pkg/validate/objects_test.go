package validate_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

func configMap(name string) map[string]any {
	return map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name}, "dota": 1}
}

func object(t *testing.T, v any) manifest.Object {
	t.Helper()
	o, err := manifest.From(v)
	require.NoError(t, err)
	return o
}

// told returns findings in short, one a line.
func told(findings []validate.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(strings.TrimSpace(f.Object.String() + " " + f.Path.String() + ": " + f.Problem))
		for _, p := range f.Origins {
			b.WriteString(" at " + p.String())
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Objects may come in any form, alone and in slices.
func TestCheckTakes(t *testing.T) {
	const fault = "ConfigMap a dota: no such field"
	raw, err := json.Marshal(configMap("a"))
	require.NoError(t, err)
	documents, found, err := manifest.Parse(t.Context(), "a.yaml", []byte("# one\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dota: 1}\n"))
	require.NoError(t, err)
	require.NoError(t, found.Err())
	source := diag.Position{File: "a.json", Line: 7}
	var v validate.Validator
	for name, test := range map[string]struct {
		given any
		want  []string
	}{
		"a map":                    {configMap("a"), []string{fault}},
		"JSON":                     {json.RawMessage(raw), []string{fault}},
		"unstructured":             {&unstructured.Unstructured{Object: configMap("a")}, []string{fault}},
		"an Object of manifest":    {object(t, configMap("a")), []string{fault}},
		"several of them":          {[]manifest.Object{object(t, configMap("a")), object(t, configMap("a"))}, []string{fault, "ConfigMap a .: is there twice: at object 1 and at object 2", fault}},
		"a Document":               {documents[0], []string{fault + " at a.yaml:3"}},
		"Documents":                {documents, []string{fault + " at a.yaml:3"}},
		"a source":                 {validate.Object{Source: source, Value: configMap("a")}, []string{fault + " at a.json:7"}},
		"a source of a Document":   {validate.Object{Source: source, Value: documents[0]}, []string{fault + " at a.yaml:3"}},
		"several with a source":    {[]validate.Object{{Source: source, Value: json.RawMessage(raw)}}, []string{fault + " at a.json:7"}},
		"any":                      {[]any{configMap("a"), 3}, []string{fault, ".: want an object, got number 3"}},
		"a type that has no fault": {&appsv1.Deployment{}, []string{"apiVersion: want a non-empty string, got none", "kind: want a non-empty string, got none"}},
		"nothing":                  {nil, []string{".: want an object, got null"}},
		"a nil pointer":            {(*appsv1.Deployment)(nil), []string{".: want an object, got null"}},
		"a nil map":                {map[string]any(nil), []string{".: want an object, got null"}},
		"the zero Object":          {manifest.Object{}, []string{".: want an object, got null"}},
		"the zero Document":        {manifest.Document{}, []string{".: want an object, got null"}},
		"a text":                   {"text", []string{`.: want an object, got string "text"`}},
		"a list":                   {[]string{"a"}, []string{".: want an object, got an array"}},
		"no JSON":                  {json.RawMessage("{"), []string{".: want a value of JSON, got json.RawMessage: unexpected EOF"}},
		"a part that is no JSON":   {map[string]any{"kind": "A", "a": math.Inf(1)}, []string{"A  a: want a number of JSON, got +Inf"}},
		"a function":               {func() {}, []string{".: want a value of JSON, got func(): json: unsupported type: func()"}},
		"a method that panics":     {marshals(func() ([]byte, error) { panic("boom") }), []string{".: want a value of JSON, got validate_test.marshals, which panics: boom"}},
		"a method that fails":      {marshals(func() ([]byte, error) { return nil, errors.New("boom") }), []string{".: want a value of JSON, got validate_test.marshals: json: error calling MarshalJSON for type validate_test.marshals: boom"}},
		"content that panics":      {holds(func() map[string]any { panic("boom") }), []string{".: want a value of JSON, got validate_test.holds, which panics: boom"}},
		"a part whose method panics": {map[string]any{"kind": "A", "a": marshals(func() ([]byte, error) { panic("boom") })},
			[]string{"A  a: want a value of JSON, got validate_test.marshals, which panics: boom"}},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := v.Check(t.Context(), test.given)
			require.NoError(t, err)
			assert.Equal(t, test.want, strings.Split(strings.TrimSuffix(told(report.Findings()), "\n"), "\n"))
			assert.False(t, report.OK())
		})
	}
	report, err := v.Check(t.Context())
	require.NoError(t, err)
	assert.Empty(t, report.Findings())
	assert.True(t, report.OK())
}

// A program may change what it has read.
func TestCheckOfAChangedDocument(t *testing.T) {
	documents, found, err := manifest.Parse(t.Context(), "a.yaml", []byte("apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec: {}\n"))
	require.NoError(t, err)
	require.NoError(t, found.Err())
	documents[0].Value.(map[string]any)["spec"] = map[string]int{"size": 0}
	report, err := widgets(t).Check(t.Context(), documents)
	require.NoError(t, err)
	assert.Equal(t, "Widget.example.com a spec.size: want a number of 1 or more, got number 0 at a.yaml:4\n", told(report.Findings()))
}

// A Go type is an object with its zero values left out.
func TestCheckOfAType(t *testing.T) {
	d := &appsv1.Deployment{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: metav1.ObjectMeta{Name: "web"}}
	report, err := new(validate.Validator).Check(t.Context(), d)
	require.NoError(t, err)
	assert.Contains(t, told(report.Findings()), "Deployment.apps web spec.selector: is required, got none\n")
	assert.Contains(t, told(report.Findings()), "Deployment.apps web spec.template.spec.containers: is required, got none\n")
}

// marshals is a value with a method of a caller.
type marshals func() ([]byte, error)

func (m marshals) MarshalJSON() ([]byte, error) { return m() }

// holds is another one.
type holds func() map[string]any

func (h holds) UnstructuredContent() map[string]any { return h() }

// Nothing waits for code of a caller that blocks when the time is over, and nothing of it
// ends the process.
func TestCodeOfCallers(t *testing.T) {
	const deadline, most = 100 * time.Millisecond, 50 * time.Millisecond
	var v validate.Validator
	_, err := v.Check(t.Context(), configMap("a"))
	require.NoError(t, err)
	for name, code := range map[string]func(block func()) any{
		"MarshalJSON": func(block func()) any {
			return marshals(func() ([]byte, error) { block(); return []byte("{}"), nil })
		},
		"MarshalJSON of a part": func(block func()) any {
			return map[string]any{"a": marshals(func() ([]byte, error) { block(); return []byte("{}"), nil })}
		},
		"UnstructuredContent": func(block func()) any {
			return holds(func() map[string]any { block(); return nil })
		},
		"Origins": func(block func()) any {
			return validate.Object{Value: configMap("a"), Origins: func(manifest.Path) []diag.Position { block(); return nil }}
		},
	} {
		for way, check := range map[string]func(ctx context.Context, o any) error{
			"checked": func(ctx context.Context, o any) error {
				_, err := v.Check(ctx, o, configMap("b"), o)
				return err
			},
			"alone": func(ctx context.Context, o any) error {
				_, err := v.NewSet().Alone(ctx, o)
				return err
			},
		} {
			t.Run(name+" blocks, "+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), deadline)
					defer cancel()
					gate, start := make(chan struct{}), time.Now()
					err := check(ctx, code(func() { <-gate }))
					assert.ErrorIs(t, err, context.DeadlineExceeded)
					assert.LessOrEqual(t, time.Since(start), deadline+most)
					close(gate)
				})
			})
			t.Run(name+" takes its time, "+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), deadline)
					defer cancel()
					assert.NoError(t, check(ctx, code(func() { time.Sleep(deadline / 100) })))
				})
			})
			t.Run(name+" ends its goroutine, "+way, func(t *testing.T) {
				assert.ErrorContains(t, check(t.Context(), code(runtime.Goexit)), "ended its goroutine")
			})
		}
	}
}

// What a Validator is made of can change afterwards.
func TestNewCopies(t *testing.T) {
	definition := widgetDefinition()
	c := validate.Config{Definitions: []any{definition}, External: []string{"*/*"}, Ignore: []validate.Rule{validate.RuleUnknownField}}
	v, err := validate.New(c)
	require.NoError(t, err)
	definition["spec"].(map[string]any)["group"] = "other.com"
	c.Definitions[0], c.External[0], c.Ignore[0] = nil, "Secret/a", validate.RuleType
	report, err := v.Check(t.Context(), map[string]any{
		"apiVersion": "example.com/v1", "kind": "Widget", "metadata": map[string]any{"name": "a"}, "spec": map[string]any{"size": "x", "color": "red"},
	})
	require.NoError(t, err)
	assert.Equal(t, "Widget.example.com a spec.size: want a whole number, got string \"x\"\n", told(report.Findings()))
}

func TestNewRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		config validate.Config
		want   string
	}{
		"a release":         {validate.Config{Release: "1.5"}, `release: want one of 1.29, `},
		"no release":        {validate.Config{Release: "latest"}, `got "latest"`},
		"a rule":            {validate.Config{Ignore: []validate.Rule{"colour"}}, `ignore: want one of the rules, got "colour"`},
		"a pattern":         {validate.Config{External: []string{"Secret"}}, `external: want KIND/NAME or KIND/NAMESPACE/NAME, got "Secret"`},
		"no definition":     {validate.Config{Definitions: []any{configMap("a")}}, `ConfigMap a: spec.group: `},
		"a panicking CRD":   {validate.Config{Definitions: []any{holds(func() map[string]any { panic("boom") })}}, "which panics: boom"},
		"a CRD in a source": {validate.Config{Definitions: []any{validate.Object{Source: diag.Position{File: "crds.yaml", Line: 3}, Value: 3}}}, "crds.yaml:3: object: want an object, got number 3"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := validate.New(test.config)
			assert.ErrorContains(t, err, test.want)
		})
	}
	v, err := validate.New(validate.Config{Release: "v1.34.2-gke.100"})
	require.NoError(t, err)
	report, err := v.Check(t.Context(), map[string]any{"apiVersion": "v1", "kind": "Podd", "metadata": map[string]any{"name": "a"}})
	require.NoError(t, err)
	assert.Contains(t, told(report.Findings()), "kubernetes 1.34 has no kind Podd in v1")
}

// Ignored findings are gone, and the status is that of the others.
func TestIgnore(t *testing.T) {
	broken := widgetDefinition()
	version := broken["spec"].(map[string]any)["versions"].([]map[string]any)[0]
	version["schema"] = map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "properties": map[string]any{"a": map[string]any{}}}}
	widget := map[string]any{"apiVersion": "example.com/v1", "kind": "Widget", "metadata": map[string]any{"name": "a"}}
	pod := map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "a"},
		"spec": map[string]any{"serviceAccountName": "b", "containers": []any{map[string]any{"name": "a", "image": "a", "imagee": "b"}}}}
	for name, test := range map[string]struct {
		object map[string]any
		crds   []any
		ignore []validate.Rule
		status validate.Status
		rules  []validate.Rule
	}{
		"nothing":                   {pod, nil, nil, validate.Invalid, []validate.Rule{validate.RuleUnknownField, validate.RuleReference}},
		"the error":                 {pod, nil, []validate.Rule{validate.RuleUnknownField}, validate.Valid, []validate.Rule{validate.RuleReference}},
		"the warning":               {pod, nil, []validate.Rule{validate.RuleReference}, validate.Invalid, []validate.Rule{validate.RuleUnknownField}},
		"both":                      {pod, nil, []validate.Rule{validate.RuleReference, validate.RuleUnknownField}, validate.Valid, nil},
		"an unknown kind":           {widget, nil, []validate.Rule{validate.RuleUnknownKind}, validate.Valid, nil},
		"another with it":           {widget, nil, []validate.Rule{validate.RuleType}, validate.UnknownKind, []validate.Rule{validate.RuleUnknownKind}},
		"a wrong definition":        {widget, []any{broken}, []validate.Rule{validate.RuleCRD}, validate.Valid, nil},
		"another with that":         {widget, []any{broken}, []validate.Rule{validate.RuleType}, validate.Broken, []validate.Rule{validate.RuleCRD}},
		"what makes it no object":   {map[string]any{"kind": "A", "a": math.NaN()}, nil, []validate.Rule{validate.RuleType}, validate.Valid, nil},
		"what is no apiVersion too": {map[string]any{"apiVersion": 3, "kind": "A"}, nil, []validate.Rule{validate.RuleRequired}, validate.Invalid, []validate.Rule{validate.RuleType}},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := validate.New(validate.Config{Definitions: test.crds, Ignore: test.ignore})
			require.NoError(t, err)
			r := allResults(t, v, []validate.Object{{Value: test.object}})[0]
			assert.Equal(t, test.status, r.Status, r.Findings)
			var rules []validate.Rule
			for _, f := range r.Findings {
				rules = append(rules, f.Rule)
			}
			slices.Sort(rules)
			slices.Sort(test.rules)
			assert.Equal(t, test.rules, rules)
		})
	}
}

func TestStatus(t *testing.T) {
	for status, want := range map[validate.Status]string{
		validate.Valid: "valid", validate.Invalid: "invalid", validate.UnknownKind: "unknown-kind", validate.Broken: "error", -1: "status -1", 4: "status 4",
	} {
		assert.Equal(t, want, status.String())
	}
}

func TestZeroSet(t *testing.T) {
	var s validate.Set
	_, err := s.Alone(t.Context(), configMap("a"))
	assert.ErrorContains(t, err, "the zero Set")
	_, err = new(validate.Validator).NewSet().Add(t.Context(), validate.Checked{})
	assert.ErrorContains(t, err, "the zero Checked")
}

// The names are a promise.
func TestFindingJSON(t *testing.T) {
	report, err := new(validate.Validator).Check(t.Context(), validate.Object{
		Source: diag.Position{File: "a.yaml", Line: 3},
		Value: map[string]any{
			"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": map[string]any{"name": "a", "namespace": "b"}, "rulez": []any{},
		},
	}, 3)
	require.NoError(t, err)
	text, err := json.Marshal(report.Findings())
	require.NoError(t, err)
	assert.JSONEq(t, `[
		{"object": {"group": "rbac.authorization.k8s.io", "kind": "Role", "namespace": "b", "name": "a"}, "severity": "error", "rule": "unknown-field",
			"path": "rulez", "problem": "no such field", "hints": ["did you mean rules?"], "origins": [{"file": "a.yaml", "line": 3}]},
		{"object": {}, "severity": "error", "rule": "type", "problem": "want an object, got number 3"}
	]`, string(text))
}
