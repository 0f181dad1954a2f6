package validate_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/validate"
	"github.com/mop-platform/mop/pkg/validate/internal/refer"
)

// custom is a custom resource in the namespace shop.
func custom(apiVersion, kind, name, fields string) string {
	return "{apiVersion: " + apiVersion + ", kind: " + kind + ", metadata: {name: " + name + ", namespace: shop}, " + fields + "}"
}

// uses is a Pod in the namespace shop that refers to a Secret.
func uses(secret string) string {
	return "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}, spec: {containers: [{name: a, image: a, envFrom: [{secretRef: {name: " + secret + "}}]}]}}"
}

// binds is a RoleBinding to a ServiceAccount in a namespace.
func binds(namespace, account string) string {
	return "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: a}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}, " +
		"subjects: [{kind: ServiceAccount, name: " + account + ", namespace: " + namespace + "}]}"
}

func claims(claim string) string {
	return "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}, spec: {containers: [{name: a, image: a}], volumes: [{name: a, persistentVolumeClaim: {claimName: " + claim + "}}]}}"
}

func sends(service string) string {
	return "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, namespace: shop}, spec: {defaultBackend: {service: {name: " + service + ", port: {number: 80}}}}}"
}

func secret(name string) string {
	return "{apiVersion: v1, kind: Secret, metadata: {name: " + name + ", namespace: shop}}"
}

// check returns the findings about references in documents: lenient by default, strict with
// StrictReferences.
func check(t *testing.T, documents ...string) (lenient, strict string) {
	t.Helper()
	var found []string
	for _, o := range []validate.Config{{}, {StrictReferences: true}} {
		v, err := validate.New(o)
		require.NoError(t, err)
		results := allResults(t, v, objects(t, "a.yaml", strings.Join(documents, "\n---\n")))
		var warnings strings.Builder
		for _, r := range results {
			for _, f := range r.Findings {
				if f.Rule == validate.RuleReference {
					warnings.WriteString(f.Problem + "; " + strings.Join(f.Hints, "; ") + "\n")
				}
			}
		}
		found = append(found, warnings.String())
	}
	return found[0], found[1]
}

// Objects that the controller of a custom resource makes or may make count as existing.
// With StrictReferences they do not, and the hint names the custom resource.
func TestWhatControllersMake(t *testing.T) {
	const thing = "toys.example.org/v1"
	tests := []struct {
		name      string
		documents []string
		by        string // the custom resource whose controller makes the missing object
	}{
		{"Prometheus: Service", []string{custom("monitoring.coreos.com/v1", "Prometheus", "k8s", "spec: {}"), sends("prometheus-operated")}, "Prometheus.monitoring.coreos.com shop/k8s"},
		{"Prometheus: Secret", []string{custom("monitoring.coreos.com/v1", "Prometheus", "k8s", "spec: {}"), uses("prometheus-k8s-tls-assets-0")}, "Prometheus.monitoring.coreos.com shop/k8s"},
		{"Certificate", []string{custom("cert-manager.io/v1", "Certificate", "web", "spec: {secretName: web-tls}"), uses("web-tls")}, "Certificate.cert-manager.io shop/web"},
		{"ExternalSecret with a name", []string{custom("external-secrets.io/v1", "ExternalSecret", "a", "spec: {target: {name: db}}"), uses("db")}, "ExternalSecret.external-secrets.io shop/a"},
		{"ExternalSecret without", []string{custom("external-secrets.io/v1", "ExternalSecret", "db", "spec: {}"), uses("db")}, "ExternalSecret.external-secrets.io shop/db"},
		{"one of several", []string{custom("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", "a", "spec: {secretObjects: [{secretName: a}, {secretName: b}]}"), uses("b")}, "SecretProviderClass.secrets-store.csi.x-k8s.io shop/a"},
		{"any kind of a group", []string{custom("secrets.hashicorp.com/v1beta1", "VaultPKISecret", "a", "spec: {destination: {name: pki}}"), uses("pki")}, "VaultPKISecret.secrets.hashicorp.com shop/a"},
		{"CloudNativePG: Secret", []string{custom("postgresql.cnpg.io/v1", "Cluster", "pg", "spec: {}"), uses("pg-app")}, "Cluster.postgresql.cnpg.io shop/pg"},
		{"Zalando: Secret", []string{custom("acid.zalan.do/v1", "postgresql", "acid-pg", "spec: {}"), uses("app.acid-pg.credentials.postgresql.acid.zalan.do")}, "postgresql.acid.zalan.do shop/acid-pg"},
		{"Elasticsearch: StatefulSet's claim", []string{custom("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "logs", "spec: {}"), claims("elasticsearch-data-logs-es-default-0")}, "Elasticsearch.elasticsearch.k8s.elastic.co shop/logs"},
		{"Strimzi: ServiceAccount", []string{custom("kafka.strimzi.io/v1beta2", "Kafka", "bus", "spec: {}"), binds("shop", "bus-kafka")}, "Kafka.kafka.strimzi.io shop/bus"},
		{"annotated Ingress", []string{"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop, annotations: {cert-manager.io/cluster-issuer: a}}, spec: {tls: [{secretName: web-tls}]}}", uses("web-tls")}, "Ingress.networking.k8s.io shop/web"},
		{"annotated Service", []string{"{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop, annotations: {service.beta.openshift.io/serving-cert-secret-name: web-tls}}, spec: {ports: [{port: 1}]}}", uses("web-tls")}, "Service shop/web"},
		{"Flagger", []string{custom("flagger.app/v1beta1", "Canary", "a", "spec: {targetRef: {name: web}}"), sends("web-primary")}, "Canary.flagger.app shop/a"},
		{"Job", []string{"{apiVersion: batch/v1, kind: Job, metadata: {name: certgen, namespace: shop}, spec: {template: {spec: {restartPolicy: Never, containers: [{name: create, image: certgen:1, args: [create, --secret-name=admission]}]}}}}", uses("admission")}, "Job.batch shop/certgen"},
		{"Istio", []string{custom("networking.istio.io/v1", "Gateway", "edge", "spec: {}"), "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}, spec: {containers: [{name: a, image: a, envFrom: [{configMapRef: {name: istio-ca-root-cert}}]}]}}"}, "Gateway.networking.istio.io shop/edge"},

		{"a guess: its name", []string{custom(thing, "Thing", "db", "spec: {}"), uses("db")}, "Thing.toys.example.org shop/db"},
		{"a guess: begins with its name", []string{custom(thing, "Thing", "db", "spec: {}"), uses("db-credentials")}, "Thing.toys.example.org shop/db"},
		{"a guess: ends with its name", []string{custom(thing, "Thing", "db", "spec: {}"), sends("thing-db")}, "Thing.toys.example.org shop/db"},
		{"a guess: its name between dots", []string{custom(thing, "Thing", "db", "spec: {}"), uses("app.db.credentials")}, "Thing.toys.example.org shop/db"},
		{"a guess: a field", []string{custom(thing, "Thing", "db", "spec: {users: [{secret: app-login}]}"), uses("app-login")}, "Thing.toys.example.org shop/db"},
		{"a guess: a ServiceAccount", []string{custom(thing, "Thing", "db", "spec: {}"), binds("shop", "db")}, "Thing.toys.example.org shop/db"},
		{"a guess: another namespace that it names", []string{custom(thing, "Thing", "db", "spec: {to: other}"), binds("other", "db")}, "Thing.toys.example.org shop/db"},
		{"a guess: others that begin alike are there", []string{custom(thing, "Thing", "pg", "spec: {}"), secret("pg-ro"), uses("pg-rw")}, "Thing.toys.example.org shop/pg"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lenient, strict := check(t, tt.documents...)
			assert.Empty(t, lenient)
			assert.NotEmpty(t, strict)
			for line := range strings.Lines(strict) {
				assert.Contains(t, line, "; it may be made for "+tt.by+"\n")
			}
			before, after := check(t, tt.documents[1:]...)
			assert.NotEmpty(t, before, "without what makes it")
			assert.Equal(t, before, after)
		})
	}
}

// Objects that no controller makes are missing by default, too.
func TestWhatControllersDoNotMake(t *testing.T) {
	const thing = "toys.example.org/v1"
	const external = "no Secret shop/%s among the objects; if it comes from elsewhere, declare it external: Secret/%s\n"
	missing := func(name string) string { return strings.ReplaceAll(external, "%s", name) }
	tests := []struct {
		name      string
		documents []string
		want      string
	}{
		{"no custom resource", []string{uses("db")}, missing("db")},
		{"another name", []string{custom(thing, "Thing", "db", "spec: {}"), uses("mail")}, missing("mail")},
		{"a part of a word", []string{custom(thing, "Thing", "db", "spec: {}"), uses("dbs-a")}, missing("dbs-a")},
		{"a word in a field", []string{custom(thing, "Thing", "db", "spec: {a: use app-login please}"), uses("app-login")}, missing("app-login")},
		{"a label and the status", []string{"{apiVersion: " + thing + ", kind: Thing, metadata: {name: db, namespace: shop, labels: {a: x}}, status: {a: x}}", uses("x")}, missing("x")},
		{"another namespace", []string{custom(thing, "Thing", "db", "spec: {}"), binds("other", "db")},
			"no ServiceAccount other/db among the objects; if it comes from elsewhere, declare it external: ServiceAccount/db\n"},
		{"what has no namespace", []string{custom(thing, "Thing", "fast", "spec: {storageClass: fast}"),
			"{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a, namespace: shop}, spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: 1Gi}}}}"},
			"no StorageClass.storage.k8s.io fast among the objects; if it comes from elsewhere, declare it external: StorageClass/fast\n"},
		{"a namespace", []string{custom(thing, "Thing", "shop", "spec: {namespace: shop}"), "{apiVersion: v1, kind: Namespace, metadata: {name: store}}"},
			"no Namespace shop among the objects; if it comes from elsewhere, declare it external: Namespace/shop\n"},
		{"misspelt", []string{custom(thing, "Thing", "db", "spec: {}"), secret("db-credentials"), uses("db-credential")},
			"no Secret shop/db-credential among the objects; did you mean \"db-credentials\"?\n"},
		{"misspelt, of what is made", []string{custom("postgresql.cnpg.io/v1", "Cluster", "pg", "spec: {}"), uses("pg-superusr")},
			"no Secret shop/pg-superusr among the objects; did you mean \"pg-superuser\"?\n"},
		{"what is known to make something else", []string{custom("monitoring.coreos.com/v1", "Prometheus", "k8s", "spec: {serviceAccountName: k8s}"), binds("shop", "k8s")},
			"no ServiceAccount shop/k8s among the objects; if it comes from elsewhere, declare it external: ServiceAccount/k8s\n"},
		{"what is about a workload of its name", []string{custom("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "db", "spec: {targetRef: {name: db}}"), uses("db")}, missing("db")},
		{"what names what must be there", []string{custom("argoproj.io/v1alpha1", "Rollout", "web", "spec: {strategy: {canary: {canaryService: web-canary}}}"), sends("web-canary")},
			"no Service shop/web-canary among the objects; if it comes from elsewhere, declare it external: Service/web-canary\n"},
		{"what is known to make nothing", []string{custom("monitoring.coreos.com/v1", "ServiceMonitor", "db", "spec: {}"), uses("db")}, missing("db")},
		{"a built-in kind that is misspelt", []string{custom("apps/v1", "Deploymnt", "db", "spec: {}"), uses("db")}, missing("db")},
		{"a pattern as a name", []string{custom("cert-manager.io/v1", "Certificate", "web", "spec: {secretName: '*'}"), uses("db")}, missing("db")},
		{"a pattern as a requested name", []string{"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web, namespace: shop, annotations: {cert-manager.io/issuer: a}}, spec: {tls: [{secretName: '*'}]}}", uses("db")}, missing("*") + missing("db")},
		{"a custom resource without a name", []string{"{apiVersion: " + thing + ", kind: Thing, metadata: {namespace: shop}}", uses("db")}, missing("db")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lenient, strict := check(t, tt.documents...)
			assert.Equal(t, tt.want, lenient)
			assert.Contains(t, strict, tt.want)
		})
	}
}

// A claim of a StatefulSet is made by Kubernetes itself.
func TestClaimsOfStatefulSets(t *testing.T) {
	const set = `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: shop}, spec: {serviceName: "", selector: {matchLabels: {a: b}},
		template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}},
		volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]}}`
	lenient, strict := check(t, set, claims("data-db-0"))
	assert.Empty(t, lenient)
	assert.Empty(t, strict)
	lenient, _ = check(t, set, claims("date-db-0"))
	assert.Equal(t, "no PersistentVolumeClaim shop/date-db-0 among the objects; if it comes from elsewhere, declare it external: PersistentVolumeClaim/date-db-0\n", lenient)
}

// Pods that the controller of a custom resource may run can be selected.
func TestPodsOfControllers(t *testing.T) {
	const other = `{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop, labels: {app: web, tier: front, app.kubernetes.io/part-of: shop}}, spec: {containers: [{name: a, image: a}]}}`
	tests := []struct {
		name, custom, selector string
		warns                  bool
	}{
		{"its labels", custom("monitoring.coreos.com/v1", "Prometheus", "k8s", "spec: {podMetadata: {labels: {a: b, c: d}}}"), "{a: b}", false},
		{"labels of which some are not known", custom("monitoring.coreos.com/v1", "Prometheus", "k8s", "spec: {podMetadata: {labels: {a: b}}}"), "{a: b, app: prometheus}", false},
		{"other labels", custom("monitoring.coreos.com/v1", "Prometheus", "k8s", "spec: {podMetadata: {labels: {a: b, app.kubernetes.io/part-of: shop}}}"), "{a: c, app.kubernetes.io/part-of: shop}", true},
		{"its name", custom("monitoring.coreos.com/v1", "Prometheus", "k8s", "spec: {}"), "{prometheus: k8s}", false},
		{"a name that holds its name", custom("toys.example.org/v1", "Thing", "db", "spec: {}"), "{app: thing-db}", false},
		{"a domain of its group", custom("postgresql.cnpg.io/v1", "Cluster", "pg", "spec: {}"), "{cnpg.io/podRole: instance}", false},
		{"a domain below its group", custom("example.org/v1", "Thing", "pg", "spec: {}"), "{toys.example.org/role: a}", false},
		{"another domain", custom("postgresql.cnpg.io/v1", "Cluster", "pg", "spec: {}"), "{strimzi.io/kind: Kafka}", true},
		{"a kind that runs none", custom("monitoring.coreos.com/v1", "ServiceMonitor", "k8s", "spec: {}"), "{prometheus: k8s}", true},
		{"labels that it only selects", custom("toys.example.org/v1", "Thing", "db", "spec: {selector: {matchLabels: {a: b}}}"), "{a: b}", true},
		{"misspelt labels of another", custom("toys.example.org/v1", "Thing", "web", "spec: {}"), "{app: web, tier: frontt}", true},
		{"no name", "{apiVersion: toys.example.org/v1, kind: Thing, metadata: {namespace: shop}}", "{app: ''}", true},
		{"nothing in common", custom("toys.example.org/v1", "Thing", "db", "spec: {}"), "{app: mail}", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			service := "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop}, spec: {selector: " + tt.selector + ", ports: [{port: 80, targetPort: web}]}}"
			lenient, strict := check(t, tt.custom, other, service)
			assert.Equal(t, tt.warns, lenient != "")
			assert.Contains(t, strict, "selects no pod among those of the objects")
			assert.Equal(t, tt.warns, !strings.Contains(strict, "such pods may be run for"))
		})
	}
}

// The table of controllers names existing kinds, and fields by paths.
func TestControllers(t *testing.T) {
	want := regexp.MustCompile(`^([A-Z]\w+)(?:\.([a-z0-9.]+))?/((?:[a-z0-9.*-]|\{(?:[\w.*]+)(?:\|[\w.*]+)*\})+)$`)
	seen := map[string]bool{}
	for _, c := range refer.Controllers() {
		key := c.Kind + "." + c.Group
		assert.False(t, seen[key], "%s is there twice", key)
		assert.False(t, seen["*."+c.Group], "%s is never reached", key)
		seen[key] = true
		for _, pattern := range c.Makes {
			m := want.FindStringSubmatch(pattern)
			if assert.NotNil(t, m, "%s: %s", key, pattern) {
				_, known := schema.Builtin().Known(m[2], m[1])
				assert.True(t, known, "%s: %s: no such kind", key, pattern)
				assert.NotEqual(t, "*", m[3], "%s: %s stands for everything", key, pattern)
			}
		}
	}
}
