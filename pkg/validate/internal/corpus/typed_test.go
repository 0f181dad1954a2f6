package corpus_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	flowcontrolv1beta3 "k8s.io/api/flowcontrol/v1beta3"
	networkingv1 "k8s.io/api/networking/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	resourcev1 "k8s.io/api/resource/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	storagemigrationv1 "k8s.io/api/storagemigration/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	strict "sigs.k8s.io/json"
)

// types returns the Go types of the kinds of k8s.io/api that the manifests have.
func types(t *testing.T) *runtime.Scheme {
	t.Helper()
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		admissionregistrationv1.AddToScheme, apiextensionsv1.AddToScheme, appsv1.AddToScheme, autoscalingv1.AddToScheme,
		autoscalingv2.AddToScheme, batchv1.AddToScheme, certificatesv1.AddToScheme, coordinationv1.AddToScheme, corev1.AddToScheme,
		discoveryv1.AddToScheme, eventsv1.AddToScheme, flowcontrolv1.AddToScheme, flowcontrolv1beta3.AddToScheme,
		networkingv1.AddToScheme, nodev1.AddToScheme, policyv1.AddToScheme, rbacv1.AddToScheme, resourcev1.AddToScheme,
		schedulingv1.AddToScheme, storagev1.AddToScheme, storagemigrationv1.AddToScheme,
	} {
		require.NoError(t, add(s))
	}
	return s
}

// leftOut are the manifests with an empty list that the Go type of the kind leaves out, and
// for which the API server has a default: it refuses the list, and not the object without.
var leftOut = []string{
	"HorizontalPodAutoscaler hpa empty spec.behavior.scaleUp.policies",
	"HorizontalPodAutoscaler tolerance drop spec.behavior.scaleUp.policies.0",
}

// typed returns the Go value of a manifest, false if the Go type of its kind cannot hold
// it: there is no such field, or it has another type, or it is left out.
func typed(s *runtime.Scheme, how string, text []byte) (any, bool) {
	if slices.Contains(leftOut, how) {
		return nil, false
	}
	var kind struct {
		APIVersion any `json:"apiVersion"`
		Kind       any `json:"kind"`
	}
	if json.Unmarshal(text, &kind) != nil {
		return nil, false
	}
	apiVersion, _ := kind.APIVersion.(string)
	name, _ := kind.Kind.(string)
	o, err := s.New(schema.FromAPIVersionAndKind(apiVersion, name))
	if err != nil {
		return nil, false
	}
	faults, err := strict.UnmarshalStrict(text, o)
	return o, err == nil && len(faults) == 0
}
