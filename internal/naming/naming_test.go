package naming_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/naming"
	"github.com/mop-platform/mop/internal/pace"
)

func data() map[string]any {
	return map[string]any{"kind": "Role", "n": 1e6, "list": []any{"b", "a", "b"}, "metadata": map[string]any{"name": "a/b", "labels": map[string]any{"x": "y"}}}
}

// Limited functions give the same results as unlimited ones.
func TestFunctions(t *testing.T) {
	for _, text := range []string{
		`{{.kind}}-{{.metadata.name}}`, `{{.none}}`, `{{.metadata}}`, `{{.list}}`, `{{.n}}`, `{{repeat 3 .kind}}`, `{{range until 3}}{{.}}{{end}}`, `{{untilStep 10 0 -3}}`, `{{seq 5}}{{seq 2 4}}{{seq 0 2 6}}`,
		`{{indent 2 "a\nb"}}{{nindent 3 "c"}}`, `{{printf "%5d|%-8s|%*d|%%" 1 "x" 4 2}}`, `{{print 1 2 "a"}}{{println "b"}}`, `{{.metadata | toJson}}{{toPrettyJson .metadata}}`, `{{wrapWith 3 "--" "abcdefgh"}}`,
		`{{replace "" "-" "abc"}}{{replace "a" "bb" "aXa"}}`, `{{join "-" .list}}{{.list | uniq | sortAlpha | join ","}}`, `{{regexReplaceAll "(a)(b)?" "abaab" "${2}$1"}}{{regexFindAll "a{1,2}" "aaa" -1}}`,
		`{{split "/" .metadata.name}}{{splitList "/" .metadata.name}}`, `{{with .metadata}}{{.name | upper | quote}}{{else}}x{{end}}`, `{{define "a"}}<{{.}}>{{end}}{{template "a" .kind}}{{block "b" .n}}{{.}}{{end}}`,
		`{{range $i, $e := .list}}{{if eq $i 1}}{{continue}}{{end}}{{$e}}{{break}}{{else}}none{{end}}`, `{{range 3}}{{.}}{{end}}`, `{{default "d" .none}}{{get . "kind"}}{{hasKey . "x"}}{{dig "metadata" "labels" "x" "d" .}}`,
		`{{html "<"}}{{js "'"}}{{urlquery "a b"}}`, `{{derivePassword 1 "long" "p" "u" "s"}}`, `{{fail "no"}}`, `{{(semver "1.2.3").Minor}}`, `{{semver "1.2.3"}}`, `{{b64enc .kind | b64dec}}{{sha256sum .kind}}`, `{{index .list 1}}{{len .list}}{{slice .list 1}}`,
		`{{trunc 2 .kind}}{{add 1 2 3}}{{ternary "a" "b" true}}`, `{{fromJson "{\"a\": [1]}"}}`, `{{nope}}`, `{{.kind`, `{{.kind.x}}`, `{{repeat -1 "x"}}`, `{{mustRegexMatch "(" "x"}}`, `{{list 1 2 | concat .list}}`,
	} {
		var want strings.Builder
		plain, wrong := template.New("x").Funcs(sprig.HermeticTxtFuncMap()).Parse(text)
		if wrong == nil {
			wrong = plain.Execute(&want, data())
		}
		bounded, err := naming.Parse(t.Context(), "x", text, nil, nil)
		got := ""
		if err == nil {
			got, err = naming.Execute(t.Context(), bounded, data())
		}
		if wrong != nil {
			assert.EqualError(t, err, wrong.Error(), text)
			continue
		}
		require.NoError(t, err, text)
		assert.Equal(t, want.String(), got, text)
	}
}

func TestFunctionsThatAreLeftOut(t *testing.T) {
	for _, call := range []string{
		`env "HOME"`, `expandenv "$HOME"`, `now`, `getHostByName "localhost"`, `randAlpha 3`, `randBytes 3`, `uuidv4`, `genPrivateKey "rsa"`, `bcrypt "x"`, `htpasswd "a" "b"`, `genCA "x" 1`, `shuffle "ab"`, `randInt 0 9`, `ago 1`,
	} {
		_, err := naming.Parse(t.Context(), "x", "{{"+call+"}}", nil, nil)
		name, _, _ := strings.Cut(call, " ")
		assert.EqualError(t, err, fmt.Sprintf("template: x:1: function %q not defined", name))
	}
}

func TestPrinted(t *testing.T) {
	no := errors.New("no")
	parsed, err := naming.Parse(t.Context(), "x", "{{$x := .a}}{{$x}}/{{if $x}}{{.b | upper}}{{end}}", nil, func(action string, v any) (any, error) {
		if v == "C" {
			return nil, no
		}
		return fmt.Sprintf("[%s %v]", action, v), nil
	})
	require.NoError(t, err)
	got, err := naming.Execute(t.Context(), parsed, map[string]any{"a": 1, "b": "b"})
	require.NoError(t, err)
	assert.Equal(t, "[{{$x}} 1]/[{{.b | upper}} B]", got)
	_, err = naming.Execute(t.Context(), parsed, map[string]any{"a": 1, "b": "c"})
	assert.ErrorIs(t, err, no)
}

type named struct{ name, text string }

// hostile are templates that would take all time or memory.
func hostile() []named {
	return []named{
		{"loop", `{{range until 1000000000}}{{end}}`},
		{"loop over number", `{{range 1000000000000}}{{end}}`},
		{"nested loops", `{{range until 100000}}{{range until 100000}}{{end}}{{end}}`},
		{"loops in branches", `{{range until 100000}}{{if true}}{{with 1}}{{range 1000000}}{{else}}{{end}}{{end}}{{end}}{{end}}`},
		{"calls", `{{define "a"}}{{template "b"}}{{template "b"}}{{end}}` + calls(60) + `{{template "a"}}`},
		{"repeat", `{{repeat 1000000000 "x"}}`},
		{"doubled text", `{{$a := "x"}}{{range until 60}}{{$a = print $a $a}}{{end}}`},
		{"doubled list", `{{$a := list 1}}{{range until 60}}{{$a = concat $a $a}}{{end}}`},
		{"tower", `{{$a := list 1}}{{range until 60}}{{$a = list $a $a}}{{end}}{{toJson $a}}`},
		{"tower printed", `{{$a := list 1}}{{range until 60}}{{$a = list $a $a}}{{end}}{{$a}}`},
		{"join", `{{join (repeat 1000000 "x") (untilStep 0 1000000 1)}}`},
		{"until", `{{until 1000000000 | len}}`},
		{"steps", `{{untilStep 0 -1000000000 -1 | len}}`},
		{"sequence", `{{seq 0 1 1000000000 | len}}`},
		{"indent", `{{indent 1000000000 "x"}}`},
		{"many widths", `{{printf "` + strings.Repeat("%1000000d", 1000) + `" 1}}`},
		{"widths given", `{{$a := until 1000}}{{printf "` + strings.Repeat("%[1]*[1]d", 1000) + `" 1000000}}`},
		{"pretty", `{{$a := list 1}}{{range until 4000}}{{$a = list $a}}{{end}}{{range until 1000}}{{$a | toPrettyJson}}{{end}}`},
		{"replace", `{{replace "" (repeat 1000000 "x") (repeat 1000000 "y")}}`},
		{"wrap", `{{wrapWith 1 (repeat 1000000 "x") (repeat 1000000 "y")}}`},
		{"large expression", `{{regexMatch (repeat 1000 "x{1000}") "x"}}`},
		{"passwords", `{{range until 100000}}{{derivePassword 1 "long" "p" "u" "s"}}{{end}}`},
		{"output", `{{range until 100000}}{{repeat 1000000 "x"}}{{end}}`},
		// Nothing stops the calls in these. After their limit they go on, until the process
		// ends.
		{"quadratic", `{{regexReplaceAll "x.*y|x" (repeat 100000 "x") ""}}`},
		{"replacement", `{{regexReplaceAll ".*" (repeat 100000 "x") (repeat 100000 "$0")}}`},
		{"each with each", `{{until 200000 | uniq | len}}`},
		{"expression", `{{regexMatch "((x{1,30}){1,30})y" (repeat 10000000 "x")}}`},
	}
}

// calls defines n templates, each of which calls the next one twice.
func calls(n int) string {
	var b strings.Builder
	name := func(i int) string { return strings.Repeat("b", i) }
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, `{{define %q}}{{template %q}}{{template %[2]q}}{{end}}`, name(i), name(i+1))
	}
	fmt.Fprintf(&b, `{{define %q}}{{end}}`, name(n+1))
	return b.String()
}

// These templates would end the process, or never end, with any amount of memory.
func TestTemplatesThatAreRefused(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"circle printed":     {`{{$d := dict}}{{$_ := set $d "a" $d}}{{print $d}}`, "nested too deeply"},
		"circle as a result": {`{{$d := dict}}{{$_ := set $d "a" $d}}{{$d}}`, "nested too deeply"},
		"circle copied":      {`{{$d := dict}}{{$_ := set $d "a" $d}}{{deepCopy $d | len}}`, "nested too deeply"},
		"circle of a list":   {`{{$d := dict}}{{$_ := set $d "a" (list $d)}}{{toString $d}}`, "nested too deeply"},
		"endless steps":      {fmt.Sprintf(`{{untilStep 0 %d %d}}`, math.MaxInt, math.MaxInt-1), "more than any memory holds"},
		"recursion":          {`{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, "exceeded maximum template depth"},
		"long":               {strings.Repeat("{{if 1}}", 1e6), "template: x: want at most 64 KiB, got 7.6 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			parsed, err := naming.Parse(t.Context(), "x", tt.text, nil, nil)
			if err == nil {
				_, err = naming.Execute(t.Context(), parsed, data())
			}
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func TestTemplatesKeepToTheBudget(t *testing.T) {
	for _, tt := range hostile() {
		t.Run(tt.name, func(t *testing.T) {
			ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: 50 * time.Millisecond, Memory: budget.Held() + 128<<20})
			defer stop()
			parsed, err := naming.Parse(ctx, "x", tt.text, nil, nil)
			if err == nil {
				_, err = naming.Execute(ctx, parsed, data())
			}
			var exceeded *budget.Exceeded
			assert.ErrorAs(t, err, &exceeded)
		})
	}
}

// No template ends the process, and each ends.
func FuzzTemplate(f *testing.F) {
	for _, tt := range hostile() {
		f.Add(tt.text)
	}
	f.Add(`{{with $x := .metadata}}{{range $k, $v := $x}}{{$k}}{{$v | toJson | trunc 3}}{{end}}{{end}}`)
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: 50 * time.Millisecond, Memory: budget.Held() + 256<<20})
		defer stop()
		parsed, err := naming.Parse(ctx, "x", text, nil, nil)
		if err != nil {
			return
		}
		_, _ = naming.Execute(ctx, parsed, data())
	})
}
