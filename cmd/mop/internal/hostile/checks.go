package hostile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/internal/release"
)

// list is open, n parts and end. The number of a part, and z in the last one, replaces # in
// it.
func list(open string, n int, part, end string) Text {
	return join(text(open), numbered(n-1, part+", "), text(strings.ReplaceAll(part, "#", "z")+end))
}

// podOf is a Pod with the parts of its spec in flow style.
func podOf(spec ...Text) Text {
	return join(append(append([]Text{text("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: d}\nspec: {")}, spec...), text("}\n"))...)
}

// checks is the area of pkg/validate for lists that refer to one another.
func checks() Area {
	const container = "containers: [{name: a, image: a}]"
	environment := func(n int, spec string) Text {
		return text(fmt.Sprintf("[{ apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: 'e' + i }, spec: { namespace: 'x', %s }, data: [] } for i in std.range(1, %d)]", spec, n))
	}
	var out []Program
	for _, c := range []struct {
		name string
		text Text
		args []string
	}{
		{"tolerations", list("apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: a}\nhandler: a\nscheduling: {tolerations: [", 60_000, "{key: k#, operator: Exists}", "]}\n"), nil},
		{"match-keys", podOf(text(container), list(", topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [", 20_000, "a#", "]"),
			list(", labelSelector: {matchExpressions: [", 20_000, "{key: b#, operator: Exists}", "]}}]")), nil},
		{"mismatch-keys", podOf(text(container), list(", affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, matchLabelKeys: [", 40_000, "a#", "]"),
			list(", mismatchLabelKeys: [", 40_000, "b#", "]}]}}")), nil},
		{"requests", join(list("apiVersion: resource.k8s.io/v1beta1\nkind: ResourceClaim\nmetadata: {name: a, namespace: d}\nspec: {devices: {requests: [", 10_000, "{name: r#, deviceClassName: a}", "]"),
			list(", constraints: [{matchAttribute: a/b, requests: [", 10_000, "q#", "]}]}}\n")), []string{"--kubernetes-version", release.Newest.String()}},
		{"mounts", podOf(list("volumes: [", 10_000, "{name: vol-#, emptyDir: {}}", "]"), list(", containers: [{name: a, image: a, volumeMounts: [", 10_000, "{name: wol-#, mountPath: /a#}", "]}]")), nil},
		{"annotations", join(list("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: d, annotations: {", 20_000, "container.apparmor.security.beta.kubernetes.io/x#: runtime/default", "}}\n"),
			list("spec: {containers: [", 10_000, "{name: c#, image: a}", "]}\n")), nil},
		{"quota-scopes", join(list("apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: a, namespace: d}\nspec: {hard: {", 10_000, "requests.x/a#: 1", "}, scopes: ["), repeat("Terminating, ", 10_000), text("Terminating]}\n")), nil},
		{"keys", join(list("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: d}\ndata: {", 10_000, "key-#: a", "}\n---\n"),
			podOf(list("containers: [{name: a, image: a, env: [", 10_000, "{name: E#, valueFrom: {configMapKeyRef: {name: c, key: kez-#}}}", "]}]"))), nil},
		{"ports-named", join(list("apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: d}\nspec: {ports: [", 10_000, "{name: p#, port: 1}", "]}\n---\n"),
			list("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: d}\nspec: {rules: [{http: {paths: [", 10_000, "{path: /#, pathType: Prefix, backend: {service: {name: s, port: {name: q#}}}}", "]}}]}\n")), nil},
		{"long-names", join(text("apiVersion: x.io/v1\nkind: B\nmetadata: {name: b, namespace: d}\nspec: {x: y}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: p, namespace: d}\nspec: {ports: [{port: 80}], selector: {app: "),
			repeat("a-", 1_500_000), text("x}}\n")), nil},
		{"selector-values", join(list("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: s, namespace: d}\nspec: {selector: {matchExpressions: [", 60_000, "{key: a, operator: In, values: [b, c#]}", "]}, "),
			text("template: {metadata: {labels: {a: b}}, spec: {"+container+"}}}\n")), nil},
		{"quantities", podOf(list("containers: [", 20_000, "{name: c#, image: a, resources: {limits: {cpu: 1#m, memory: 99999999999999999999Ei}, requests: {cpu: 2, memory: 1e400}}}", "]")), nil},
		{"node-affinity", podOf(text(container), list(", affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [", 40_000, "{matchExpressions: [{key: a#, operator: Gt, values: ['1']}]}", "]}}}")), nil},
		{"expressions", list("apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: a}\nwebhooks: [", 3_000,
			"{name: a#.b.c, clientConfig: {url: 'https://a'}, sideEffects: None, admissionReviewVersions: [v1], matchConditions: [{name: a, expression: 'object.a == #'}]}", "]\n"), nil},
	} {
		out = append(out, Program{Name: "checks-" + c.name, Files: one("a.yaml", c.text), Args: append([]string{"validate", "-f", "a.yaml"}, c.args...), Exit: []int{0, 1, 2}, Place: "a.yaml:"})
	}
	out = append(out,
		Program{Name: "checks-clusters", Files: code(environment(10_000, "apiServer: 'https://a'")), Args: []string{"validate", "main.jsonnet"}, Exit: []int{0, 1, 2}, Place: "main.jsonnet|mop: time limit"},
		Program{Name: "checks-contexts", Files: code(environment(500, "contextNames: ['a%d-%d' % [i, j] for j in std.range(1, 500)]")), Args: []string{"validate", "main.jsonnet"}, Exit: []int{0, 1, 2}, Place: "main.jsonnet|mop: time limit"},
	)
	for _, format := range report.Formats() {
		out = append(out, Program{Name: "report-long-" + format, Files: one("a.yaml", join(text(mapHead), numbered(2_000, "f#"+strings.Repeat("x", 2_000)+": \"\\e[31m\"\n"))), Args: []string{"validate", "-f", "a.yaml", "-o", format, "--max-output", "1Mi"}, Exit: []int{0, 1, 2}, Place: "-"})
	}
	return Area{
		Loops: []Loop{
			{Func: "pkg/validate/internal/engine.Node.goesOn", Input: "the fields and items of an object, each by as many rules as look at it", Asks: []string{"Work"},
				Programs: []string{"checks-tolerations", "checks-match-keys", "checks-quota-scopes", "checks-requests", "objects-containers"}},
			{Func: "pkg/validate/internal/refer.looking.work", Input: "what objects ask of one another", Asks: []string{"Work"}, Programs: []string{"checks-keys", "checks-ports-named", "objects-selectors", "objects-guessed"}},
			{Func: "pkg/validate/internal/refer.customs.partsOf", Input: "the length of a name", Asks: []string{"longestName"}, Programs: []string{"checks-long-names"}},
			{Func: "cmd/mop/internal/check.Clusters", Input: "pairs of environments, and their objects", Asks: []string{"Work"}, Programs: []string{"checks-clusters", "checks-contexts"}},
			{Func: "internal/eval.reach.work", Input: "files, times the evaluations that could read them", Asks: []string{"Work"}, Programs: []string{"importers-files", "importers-many", "affected-files"}},
			{Func: "internal/vendored.usage.faults", Input: "imports of no file, times packages", Asks: []string{"Work"}, Programs: []string{"vendor-unresolved"}},
			{Func: "internal/jsonnet.takenFrom", Input: "fields of fields", Asks: []string{"Index"}, Programs: []string{"index-chain"}},
		},
		Programs: slices.Concat(out, []Program{
			{Name: "importers-many", Prepare: spread(4_000, "e#/main.jsonnet", "(import 'a.libsonnet') + (import 'b#.libsonnet')"), Args: []string{"tool", "importers", "lib/b1.libsonnet"}, Exit: []int{0, 1, 2}, Place: "-"},
			{Name: "importers-counted", Prepare: spread(4_000, "e#/main.jsonnet", "import '../e#/b.libsonnet'"), Args: []string{"tool", "importers-count", ".", "--recursive"}, Exit: []int{0, 1, 2}, Place: "-"},
			{Name: "vendor-unresolved", Files: []File{{"jsonnetfile.json", text(`{"version":1,"dependencies":[]}`)}, {"main.jsonnet", list("[", 60_000, "import 'a#/b.libsonnet'", "]")}}, Args: []string{"vendor", "check"}, Exit: []int{0, 1, 2}, Place: "-"},
		}),
	}
}
