package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	restclient "k8s.io/client-go/rest"

	"github.com/mop-platform/mop/apiserver/testserver"
)

// A right is the right to use a verb on a resource of an API group, such as
// {"get", "", "pods/log"}.
type right struct{ verb, group, resource string }

func (r right) String() string {
	return r.verb + " " + schema.GroupResource{Group: r.group, Resource: r.resource}.String()
}

func rights(verbs, group string, resources ...string) []right {
	var all []right
	for _, resource := range resources {
		for _, verb := range strings.Fields(verbs) {
			all = append(all, right{verb, group, resource})
		}
	}
	return all
}

// An account has the rights of a ServiceAccount that each environment has.
type account struct {
	// may are its rights in all namespaces. They come from the documentation of the
	// component, not from the environments' roles.
	may []right
	// urls are the URL paths that it may get and that are no resources.
	urls []string
}

// accounts are the accounts of all environments. The sources for OBI are its page on
// Kubernetes and the informers in its code; there is no informer for replicasets. The
// source for Alloy is its reference of the components that MOP uses. Tempo and Mimir never
// call the API, nor do Loki and Grafana without a sidecar.
var accounts = map[string]account{
	"obi-collector": {may: rights("list watch", "", "pods", "services", "nodes")},
	"alloy": {
		may: slices.Concat(
			// discovery.kubernetes
			rights("get list watch", "", "endpoints", "nodes", "pods", "services"),
			rights("get list watch", "discovery.k8s.io", "endpointslices"),
			rights("get list watch", "networking.k8s.io", "ingresses"),
			// loki.source.kubernetes, loki.source.kubernetes_events
			rights("get list watch", "", "events", "namespaces"),
			rights("get", "", "pods/log"),
			// otelcol.processor.k8sattributes
			rights("get list watch", "apps", "replicasets"),
			// prometheus.scrape of kubelets
			rights("get", "", "nodes/metrics"),
			// prometheus.operator.*
			rights("get list watch", "monitoring.coreos.com", "podmonitors", "probes", "scrapeconfigs", "servicemonitors"),
		),
		// prometheus.scrape of the API server
		urls: []string{"/metrics"},
	},
	"tempo":   {},
	"mimir":   {},
	"loki":    {},
	"grafana": {},
}

// everyone are the rights of every account to ask who it is and what it may do: the role
// system:basic-user.
var everyone = slices.Concat(
	rights("create", "authentication.k8s.io", "selfsubjectreviews"),
	rights("create", "authorization.k8s.io", "selfsubjectaccessreviews", "selfsubjectrulesreviews"),
)

// verbs are all verbs of requests, and the further verbs that RBAC and other authorizers
// check.
const verbs = "get list watch create update patch delete deletecollection " +
	"escalate bind impersonate approve sign use"

// forbidden are rights that no account has anywhere, because they would lead to further
// rights. The other rights to write are in the test of all verbs on all resources.
var forbidden = slices.Concat(
	rights("get list watch", "", "secrets", "configmaps"),
	rights("create", "", "pods", "secrets", "serviceaccounts/token", "pods/eviction", "pods/ephemeralcontainers"),
	rights("create", "apps", "deployments", "daemonsets", "statefulsets"),
	rights("get create", "", "pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy"),
	rights("get create update patch delete", "", "nodes/proxy"),
	rights("create bind escalate", "rbac.authorization.k8s.io", "roles", "rolebindings", "clusterroles", "clusterrolebindings"),
	rights("impersonate", "", "users", "groups", "serviceaccounts"),
	rights("create approve sign", "certificates.k8s.io", "certificatesigningrequests", "signers"),
	rights("create update patch", "admissionregistration.k8s.io", "mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
	rights("* get create", "", "*"),
	rights("*", "*", "*"),
)

// unserved are resources that the server of the test does not serve: those that other
// servers serve, or that only RBAC knows.
var unserved = []schema.GroupResource{
	{Resource: "nodes/metrics"}, {Resource: "nodes/stats"}, {Resource: "nodes/log"}, {Resource: "nodes/pods"}, {Resource: "nodes/configz"},
	{Resource: "users"}, {Resource: "groups"},
	{Group: "certificates.k8s.io", Resource: "signers"},
	{Group: "monitoring.coreos.com", Resource: "podmonitors"}, {Group: "monitoring.coreos.com", Resource: "servicemonitors"},
	{Group: "monitoring.coreos.com", Resource: "probes"}, {Group: "monitoring.coreos.com", Resource: "scrapeconfigs"},
	{Group: "monitoring.coreos.com", Resource: "prometheusrules"}, {Group: "monitoring.coreos.com", Resource: "alertmanagerconfigs"},
}

// Privileges asks the server, with a token of each ServiceAccount, what the account may and
// may not do. The platform does not change these rights.
func Privileges(t *testing.T, r Release) {
	c := connect(t, testserver.Start(t, r.Run))
	for environment := range environments {
		c.applyAll(t, render(t, environment, platforms[0]))
	}
	all := slices.Concat(c.resources(t), unserved)
	anyone := everyone
	for _, public := range r.Public {
		anyone = slices.Concat(anyone, rights("get list watch", public.Group, public.Resource))
	}
	for environment, namespace := range environments {
		for name, account := range accounts {
			t.Run(environment+"/"+name, func(t *testing.T) {
				client := c.as(t, namespace, name)
				// Rights in all namespaces are rights in this one too.
				assert.ElementsMatch(t, slices.Concat(account.may, anyone), allowed(t, client, namespace, all), "in its own namespace")
				for _, where := range []string{"", namespace, "kube-system"} {
					for _, right := range account.may {
						assert.True(t, mayResource(t, client, where, right), "%s in %q", right, where)
					}
					for _, right := range forbidden {
						if !slices.Contains(account.may, right) {
							assert.False(t, mayResource(t, client, where, right), "%s in %q", right, where)
						}
					}
				}
				testURLs(t, client, account.urls)
				testRequests(t, client, namespace, account)
			})
		}
	}
}

// resources returns all resources and subresources that the server serves.
func (c *cluster) resources(t *testing.T) []schema.GroupResource {
	t.Helper()
	_, lists, err := c.Discovery().ServerGroupsAndResources()
	require.NoError(t, err)
	var all []schema.GroupResource
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		require.NoError(t, err)
		for _, resource := range list.APIResources {
			all = append(all, schema.GroupResource{Group: version.Group, Resource: resource.Name})
		}
	}
	// A resource with several versions is in the list several times.
	slices.SortFunc(all, func(a, b schema.GroupResource) int { return strings.Compare(a.String(), b.String()) })
	all = slices.Compact(all)
	require.Greater(t, len(all), 80)
	return all
}

// as returns a client with a token of a ServiceAccount, such as its pods would have.
func (c *cluster) as(t *testing.T, namespace, name string) kubernetes.Interface {
	t.Helper()
	token, err := c.CoreV1().ServiceAccounts(namespace).CreateToken(background, name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(t, err)
	config := restclient.AnonymousClientConfig(c.config)
	config.BearerToken = token.Status.Token
	client, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	return client
}

// allowed returns the rights that a client has to any of the resources in a namespace.
func allowed(t *testing.T, client kubernetes.Interface, namespace string, resources []schema.GroupResource) []right {
	t.Helper()
	var asked []right
	for _, r := range resources {
		asked = append(asked, rights(verbs, r.Group, r.Resource)...)
	}
	may := make([]bool, len(asked))
	inParallel(len(asked), func(i int) { may[i] = mayResource(t, client, namespace, asked[i]) })
	var all []right
	for i, r := range asked {
		if may[i] {
			all = append(all, r)
		}
	}
	return all
}

// mayResource asks the server whether a client has a right in a namespace, "" for all
// namespaces.
func mayResource(t *testing.T, client kubernetes.Interface, namespace string, r right) bool {
	resource, subresource, _ := strings.Cut(r.resource, "/")
	return may(t, client, authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
		Namespace: namespace, Verb: r.verb, Group: r.group, Resource: resource, Subresource: subresource,
	}})
}

func may(t *testing.T, client kubernetes.Interface, spec authorizationv1.SelfSubjectAccessReviewSpec) bool {
	review, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(background, &authorizationv1.SelfSubjectAccessReview{Spec: spec}, metav1.CreateOptions{})
	return assert.NoError(t, err) && review.Status.Allowed
}

// testURLs tests that a client may get the URL paths urls, and no others that are no
// resources. It leaves out the discovery, which everyone may get.
func testURLs(t *testing.T, client kubernetes.Interface, urls []string) {
	t.Helper()
	for _, url := range []string{"/metrics", "/metrics/slis", "/debug/pprof/profile", "/debug/flags/v", "/logs", "/configz", "*"} {
		for _, verb := range []string{"get", "post", "put", "delete"} {
			got := may(t, client, authorizationv1.SelfSubjectAccessReviewSpec{NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: url, Verb: verb}})
			assert.Equal(t, verb == "get" && slices.Contains(urls, url), got, "%s %s", verb, url)
		}
	}
}

// testRequests sends requests that an account may and may not make, instead of asking.
// Objects of refused requests need not exist, because the server checks the rights first.
func testRequests(t *testing.T, client kubernetes.Interface, namespace string, a account) {
	t.Helper()
	send := func(method, path string) error {
		return client.Discovery().RESTClient().Verb(method).AbsPath(path).
			SetHeader("Content-Type", "application/json").Body([]byte(`{"metadata":{"name":"x"}}`)).Do(background).Error()
	}
	own := "/api/v1/namespaces/" + namespace
	for _, request := range []string{
		"GET " + own + "/secrets",
		"GET " + own + "/secrets/x",
		"GET /api/v1/secrets",
		"GET /api/v1/namespaces/kube-system/secrets",
		"GET " + own + "/pods/x/exec",
		"POST " + own + "/pods/x/exec",
		"POST " + own + "/pods/x/attach",
		"POST " + own + "/pods/x/portforward",
		"GET " + own + "/pods/x/proxy/",
		"GET " + own + "/services/x/proxy/",
		"GET /api/v1/nodes/x/proxy/run/a/b/c",
		"POST /api/v1/nodes/x/proxy/run/a/b/c",
		"POST " + own + "/pods",
		"POST " + own + "/configmaps",
		"POST " + own + "/secrets",
		"POST " + own + "/serviceaccounts/default/token",
		"DELETE " + own,
		"DELETE " + own + "/pods",
		"PUT " + own + "/services/x",
		"PATCH /apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin",
		"POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
		"POST /apis/apps/v1/namespaces/" + namespace + "/daemonsets",
	} {
		method, path, _ := strings.Cut(request, " ")
		err := send(method, path)
		assert.True(t, apierrors.IsForbidden(err), "%s: want it forbidden, got %v", request, err)
	}
	for _, right := range a.may {
		if right.verb != "list" || right.group == "monitoring.coreos.com" {
			continue
		}
		path := "/api/v1/" + right.resource
		if right.group != "" {
			path = fmt.Sprintf("/apis/%s/v1/%s", right.group, right.resource)
		}
		assert.NoError(t, send(http.MethodGet, path), path)
	}
	for _, url := range a.urls {
		assert.NoError(t, send(http.MethodGet, url), url)
	}
}
