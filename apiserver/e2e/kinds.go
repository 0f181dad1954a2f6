package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mop-platform/mop/apiserver/apiservertest"
	"github.com/mop-platform/mop/apiserver/testserver"
)

// Kinds tests that the program of the release knows every kind that the server creates, and
// agrees with the server on a valid manifest of each.
func Kinds(t *testing.T, r Release) {
	// The program assumes that the cluster has both IP families, and that objects which an
	// object names exist.
	c := connect(t, testserver.Start(t, r.Run,
		"--service-cluster-ip-range=10.0.0.0/16,fd00::/108", "--disable-admission-plugins=ServiceAccount,RuntimeClass"))
	t.Run("known", func(t *testing.T) {
		kinds := c.created(t)
		for i, answer := range r.ask(t, kinds) {
			assert.NotEqual(t, unknownKind, answer.Message, string(kinds[i].Object))
		}
	})
	t.Run("valid", func(t *testing.T) {
		_, err := c.CoreV1().Namespaces().Patch(background, metav1.NamespaceDefault, types.MergePatchType, []byte(adminAccess), metav1.PatchOptions{})
		require.NoError(t, err)
		var all []verdict
		for i, base := range apiservertest.ReadBases(t, r.Version) {
			var typeMeta metav1.TypeMeta
			require.NoError(t, json.Unmarshal(base.Manifest, &typeMeta))
			if _, err := c.path(typeMeta.GroupVersionKind(), ""); !meta.IsNoMatchError(err) {
				all = append(all, verdict{ID: i, How: base.ID, Object: base.Manifest})
			}
		}
		c.judge(t, all)
		// The messages are not compared, because they may contain generated names.
		for i, got := range r.ask(t, all) {
			assert.Equal(t, all[i].Valid, got.Valid, "%s: want %q, got %q", all[i].How, all[i].Message, got.Message)
		}
	})
}

// adminAccess permits claims of devices by administrators in a namespace.
const adminAccess = `{"metadata": {"labels": {"resource.kubernetes.io/admin-access": "true"}}}`

// created returns an object of each kind that the server creates and keeps. It leaves out
// kinds that are questions, and bindings, which a scheduler makes.
func (c *cluster) created(t *testing.T) []verdict {
	t.Helper()
	_, lists, err := c.Discovery().ServerGroupsAndResources()
	require.NoError(t, err)
	var all []verdict
	for _, list := range lists {
		for _, resource := range list.APIResources {
			if strings.Contains(resource.Name, "/") || !slices.Contains(resource.Verbs, "create") || !slices.Contains(resource.Verbs, "get") {
				continue
			}
			object, err := json.Marshal(map[string]string{"apiVersion": list.GroupVersion, "kind": resource.Kind})
			require.NoError(t, err)
			all = append(all, verdict{ID: len(all), Object: object})
		}
	}
	require.Greater(t, len(all), 40)
	return all
}
