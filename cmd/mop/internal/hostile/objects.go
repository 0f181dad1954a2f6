package hostile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
)

// crd is a CustomResourceDefinition of the kind A whose schema of spec is in flow
// style.
func crd(spec Text) Text {
	return join(text(crdHead), spec, text("\n"))
}

const crdText = crdHead + `{"type":"object"}` + "\n"

const crdHead = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: as.x.io}
spec:
  group: x.io
  scope: Namespaced
  names: {plural: as, kind: A, singular: a, listKind: AList}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: `

func custom(spec Text) Text {
	return join(text("---\napiVersion: x.io/v1\nkind: A\nmetadata: {name: a, namespace: d}\nspec: "), spec, text("\n"))
}

// anyOf is a schema with a choice of two schemas at each of depth levels.
func anyOf(depth int) string {
	if depth == 0 {
		return `{"required":["z"]}`
	}
	inner := anyOf(depth - 1)
	return `{"anyOf":[` + inner + "," + inner + "]}"
}

func objects() Area {
	var out []Program
	for _, c := range []struct {
		name        string
		schema, obj Text
	}{
		{"pattern", text(`{"type":"object","properties":{"s":{"type":"string","pattern":"^((x{1,30}){1,30})y$"}}}`), join(text(`{"s":"`), repeat("x", 3_000_000), text(`"}`))},
		{"pattern-long", join(text(`{"type":"object","properties":{"s":{"type":"string","pattern":"`), repeat("(a|b)*", 1_000_000), text(`"}}}`)), text(`{"s":"x"}`)},
		{"cel-loops", text(`{"type":"object","x-kubernetes-validations":[{"rule":"self.l.all(a, self.l.all(b, self.l.all(c, self.l.all(d, a+b+c+d != 'zzzzz'))))"}],"properties":{"l":{"type":"array","items":{"type":"string"}}}}`),
			join(text(`{"l":[`), numbered(1_500, `"a#",`), text(`"z"]}`))},
		{"cel-strings", text(`{"type":"object","x-kubernetes-validations":[{"rule":"self.l.all(a, (a+a+a+a+a+a+a+a).matches('((x{1,30}){1,30})y'))"}],"properties":{"l":{"type":"array","maxItems":10000,"items":{"type":"string","maxLength":100000}}}}`),
			join(text(`{"l":[`), repeat(`"`+strings.Repeat("x", 10_000)+`",`, 1_000), text(`"z"]}`))},
		{"cel-long", join(text(`{"type":"object","x-kubernetes-validations":[{"rule":"`), repeat("self.a == 1 && ", 100_000), text(`true"}],"properties":{"a":{"type":"integer"}}}`)), text(`{"a":1}`)},
		{"cel-deep", join(text(`{"type":"object","x-kubernetes-validations":[{"rule":"`), nested("(", "true", ")", 100_000), text(`"}],"properties":{"a":{"type":"integer"}}}`)), text(`{"a":1}`)},
		{"cel-many", join(text(`{"type":"object","x-kubernetes-validations":[`), numbered(20_000, `{"rule":"self.a != #"},`), text(`{"rule":"true"}],"properties":{"a":{"type":"integer"}}}`)), text(`{"a":1}`)},
		{"any-of", text(strings.Replace(anyOf(16), "{", `{"type":"object","properties":{"z":{"type":"string"}},`, 1)), text(`{}`)},
		{"properties", join(text(`{"type":"object","properties":{`), numbered(200_000, `"p#":{"type":"string"},`), text(`"z":{"type":"string"}}}`)), join(text("{"), numbered(200_000, `"p#":1,`), text(`"z":1}`))},
		{"deep-schema", nested(`{"type":"object","properties":{"a":`, `{"type":"string"}`, "}}", 3_000), nested(`{"a":`, `1`, "}", 3_000)},
		{"deep-items", nested(`{"type":"array","items":`, `{"type":"string"}`, "}", 4_000), nested(`[`, `1`, "]", 4_000)},
		{"enum", join(text(`{"type":"string","enum":[`), numbered(500_000, `"e#",`), text(`"z"]}`)), text(`"y"`)},
		{"required", join(text(`{"type":"object","required":[`), numbered(300_000, `"r#",`), text(`"z"]}`)), text(`{}`)},
		{"list-map", text(`{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","required":["k"],"properties":{"k":{"type":"string"}}}}`),
			join(text("["), numbered(200_000, `{"k":"#"},`), text(`{"k":"0"}]`))},
		{"unique-set", text(`{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}`), join(text("["), numbered(200_000, `"#",`), text(`"0"]`))},
		{"defaults", join(text(`{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"},"default":[`), numbered(300_000, `"#",`), text(`"z"]}}}`)), text(`{}`)},
		{"description", join(text(`{"type":"object","description":"`), repeat("x", 50_000_000), text(`"}`)), text(`{}`)},
		{"preserved", text(`{"type":"object","x-kubernetes-preserve-unknown-fields":true}`), join(text("{"), numbered(300_000, `"p#":1,`), text(`"z":1}`))},
	} {
		out = append(out,
			Program{Name: "custom-" + c.name, Files: one("a.yaml", join(crd(c.schema), custom(c.obj))), Args: []string{"validate", "-f", "a.yaml"}, Exit: []int{0, 1, 2}, Place: "a.yaml:"},
			Program{Name: "generate-" + c.name, Files: one("a.yaml", crd(c.schema)), Args: []string{"k8s", "generate", "--crd", "a.yaml", "--out", "out"}, Exit: []int{0, 1, 2}, Place: "a.yaml:"},
		)
	}
	role := func(n int) Text {
		return join(text("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\nrules:\n"), numbered(n, "- {apiGroups: [''], resources: [a#], verbs: [x]}\n"))
	}
	pod := func(containers Text) Text {
		return join(text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"), containers)
	}
	for _, o := range []struct {
		name string
		text Text
	}{
		{"rules", role(100_000)},
		{"containers", pod(numbered(50_000, "  - {name: c#, image: a, volumeMounts: [{name: v#, mountPath: /a}]}\n"))},
		{"ports", pod(join(text("  - name: a\n    image: a\n    ports:\n"), numbered(100_000, "    - {containerPort: 80, name: p#}\n")))},
		{"environment", pod(join(text("  - name: a\n    image: a\n    env:\n"), numbered(100_000, "    - {name: E, value: '#'}\n")))},
		{"references", pod(join(text("  - name: a\n    image: a\n    envFrom:\n"), numbered(100_000, "    - {secretRef: {name: s#}}\n")))},
		{"selectors", each(20_000, func(i int) string {
			return fmt.Sprintf("---\napiVersion: v1\nkind: Service\nmetadata: {name: s%d}\nspec: {selector: {app: a%d}, ports: [{port: 80}]}\n", i, i)
		})},
		{"network-policies", each(3_000, func(i int) string {
			return fmt.Sprintf("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n%d}\nspec: {podSelector: {matchLabels: {app: a%d}}, policyTypes: [Ingress]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d, labels: {app: a%d}}\nspec: {containers: [{name: a, image: a}]}\n", i, i, i, i)
		})},
		{"names-alike", pod(join(text("  - name: a\n    image: a\n    volumeMounts:\n"), numbered(10_000, "    - {name: volumeaaaaaaaa#, mountPath: /a#}\n"), text("  volumes:\n"), numbered(10_000, "  - {name: volumebbbbaaaa#, emptyDir: {}}\n")))},
		{"keys-alike", join(text(mapHead+"data:\n"), numbered(10_000, "  keyaaaaaaaaaaaaaaaa#: a\n"), text("---\n"), pod(join(text("  - name: a\n    image: a\n    env:\n"), numbered(10_000, "    - {name: E#, valueFrom: {configMapKeyRef: {name: a, key: keyaaaabbbbaaaaaaaa#}}}\n"))))},
		{"cron", text("apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: {schedule: '" + strings.Repeat("1,", 500_000) + "1 * * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}}\n")},
		{"quantity", pod(join(text("  - {name: a, image: a, resources: {limits: {cpu: '"), repeat("9", 5_000_000), text("'}}}\n")))},
		{"exponent", pod(text("  - {name: a, image: a, resources: {limits: {cpu: 1e999999999}}}\n"))},
		{"external-annotation", join(text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    mop.dev/external: \""), repeat("Secret/*a*a*a*a*a*a*,", 50_000), text("\"\n"))},
		{"same-objects", repeat("---\n"+mapHead, 30_000)},
		{"guessed", each(2_000, func(i int) string {
			return fmt.Sprintf("---\napiVersion: x.io/v1\nkind: B%d\nmetadata: {name: a-%d}\nspec: {x: %s}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec: {containers: [{name: a, image: a, envFrom: [{secretRef: {name: q-a-%d-x}}]}]}\n", i, i, strings.Repeat("y", 200), i, i)
		})},
	} {
		out = append(out, Program{Name: "objects-" + o.name, Files: one("a.yaml", o.text), Args: []string{"validate", "-f", "a.yaml"}, Exit: []int{0, 1, 2}, Place: "a.yaml:"})
	}
	for _, format := range report.Formats()[1:] {
		out = append(out, Program{Name: "report-" + format, Files: one("a.yaml", role(50_000)), Args: []string{"validate", "-f", "a.yaml", "-o", format}, Exit: []int{0, 1, 2}, Place: "-"})
	}
	out = append(out,
		Program{Name: "validate-external-pattern", Files: one("a.yaml", text(mapHead)), Args: []string{"validate", "-f", "a.yaml", "--external", "Secret/" + strings.Repeat("*a", 50_000)}, Exit: []int{0, 1, 2}, Place: "-"},
		Program{Name: "crd-stdin-endless", Stdin: repeat(mapHead+"---\n", 100_000_000), Args: []string{"k8s", "generate", "--crd", "-", "--out", "out"}, Exit: []int{1, 2}, Place: "<stdin>:"},
		Program{Name: "crd-many", Files: one("a.yaml", each(5_000, func(i int) string {
			return strings.NewReplacer("as.x.io", fmt.Sprintf("as%d.x.io", i), "plural: as", fmt.Sprintf("plural: as%d", i), "kind: A,", fmt.Sprintf("kind: A%d,", i), "AList", fmt.Sprintf("A%dList", i)).
				Replace(crdText) + "---\n"
		})), Args: []string{"k8s", "generate", "--crd", "a.yaml", "--out", "out"}, Exit: []int{0, 1, 2}, Place: "a.yaml:"},
	)
	return Area{
		Loops: []Loop{
			{Func: "pkg/validate/internal/crd.Version.ready", Input: "a definition's schema, defaults and CEL rules", Asks: []string{"Away"}, Programs: []string{"custom-any-of", "custom-cel-long", "custom-cel-many"}},
			{Func: "pkg/validate/internal/crd.Version.Check", Input: "an object's fields, against schemas, patterns and CEL rules", Asks: []string{"Away"}, Programs: []string{"custom-pattern", "custom-cel-loops", "custom-unique-set"}},
			{Func: "pkg/validate/internal/crd.Version.decode", Input: "unknown fields", Asks: []string{"mostGuessed"}, Programs: []string{"custom-properties"}},
			{Func: "pkg/validate/internal/crd.namesIn", Input: "names of fields", Asks: []string{"mostOfName"}, Programs: []string{"custom-properties"}},
			{Func: "pkg/validate/internal/crd.unreadable", Input: "the nesting of what cannot be read", Asks: []string{"mostFollowed"}, Programs: []string{"custom-deep-schema"}},
			{Func: "pkg/validate/internal/engine.Node.parseQuantity", Input: "the digits of a quantity", Asks: []string{"Away"}, Programs: []string{"objects-quantity"}},
			{Func: "pkg/validate/internal/engine.Node.DidYouMean", Input: "names that are none of many others", Asks: []string{"Work"}, Programs: []string{"objects-names-alike"}},
			{Func: "pkg/validate/internal/refer.looking.lacks", Input: "keys that are none of many others", Asks: []string{"work"}, Programs: []string{"objects-keys-alike"}},
			{Func: "internal/k8s.writer.line", Input: "properties and their nesting", Asks: []string{"Work"}, Programs: []string{"generate-properties", "generate-deep-schema"}},
			{Func: "internal/library.definitions", Input: "definitions", Asks: []string{"Err"}, Programs: []string{"crd-many"}},
		},
		Bounded: slices.Concat(
			bounded("values that readers have made, at most 10,000 deep",
				"pkg/validate/internal/crd.refusals", "pkg/validate/internal/crd.known", "pkg/validate/internal/crd.unreadableObjects", "pkg/validate/internal/refer.labels.read", "pkg/validate/internal/refer.mentioning.in", "pkg/validate/internal/engine.Node.checkValue"),
			bounded("schemas that readers have made, at most 10,000 deep",
				"pkg/validate/internal/crd.expressions.check", "pkg/validate/internal/crd.hasRules", "pkg/validate/internal/crd.structure.check", "internal/schema.crd.schema", "internal/k8s.library.refer", "internal/k8s.writer.object"),
			bounded("schemas of Kubernetes, which are compiled in", "internal/schema.decoder.schema", "internal/k8s.fromSchema", "internal/k8s.library.leadsTo"),
		),
		Programs: out,
	}
}
