package apiserver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	certificatesv1 "k8s.io/api/certificates/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	podsecurity "k8s.io/pod-security-admission/api"
)

// mutate stands in for the default mutating admission plugins that may refuse an object.
// The others only add fields that cannot be refused.
func (e endpoint) mutate(obj runtime.Object) error {
	if pod, ok := obj.(*core.Pod); ok {
		return e.admitPriority(pod)
	}
	return nil
}

// validate stands in for the default validating admission plugins. It always returns an
// error, which ends the request: errCreated if no plugin refuses the object.
func (e endpoint) validate(_ context.Context, obj runtime.Object) error {
	var err error
	switch obj := obj.(type) {
	case *core.Namespace:
		err = e.validatePodSecurity(obj)
	case *core.Pod:
		err = e.validateOverhead(obj)
	case *certificates.CertificateSigningRequest:
		err = e.validateSubject(obj)
	}
	if err != nil {
		return err
	}
	return errCreated
}

// systemPriorities are the priority classes that every cluster has.
var systemPriorities = map[string]int32{
	scheduling.SystemClusterCritical: scheduling.SystemCriticalPriority,
	scheduling.SystemNodeCritical:    scheduling.SystemCriticalPriority + 1000,
}

// admitPriority follows the plugin Priority: the priority of a pod must be that of its
// class, or 0 without a class. It assumes that a class of the cluster has the priority of
// the pod.
func (e endpoint) admitPriority(pod *core.Pod) error {
	class := pod.Spec.PriorityClassName
	computed, known := systemPriorities[class]
	if pod.Spec.Priority == nil || class != "" && !known || *pod.Spec.Priority == computed {
		return nil
	}
	return e.forbidden(pod.Name, fmt.Errorf("the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name", *pod.Spec.Priority, computed))
}

// validateOverhead follows the plugin RuntimeClass: a pod without a class has no overhead.
// It assumes that a class has the overhead of the pod.
func (e endpoint) validateOverhead(pod *core.Pod) error {
	if pod.Spec.Overhead == nil || pod.Spec.RuntimeClassName != nil {
		return nil
	}
	return e.forbidden(pod.Name, errors.New("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"))
}

// validatePodSecurity follows the plugin PodSecurity: the labels of a namespace must name
// existing levels and versions of the Pod Security Standards.
func (e endpoint) validatePodSecurity(ns *core.Namespace) error {
	if _, errs := podsecurity.PolicyToEvaluate(ns.Labels, podsecurity.Policy{}); len(errs) > 0 {
		return apierrors.NewInvalid(e.kind.GroupKind(), ns.Name, errs)
	}
	return nil
}

// validateSubject follows the plugin CertificateSubjectRestriction: no request
// for a client certificate may ask for the group of superusers.
func (e endpoint) validateSubject(csr *certificates.CertificateSigningRequest) error {
	if csr.Spec.SignerName != certificatesv1.KubeAPIServerClientSignerName {
		return nil
	}
	parsed, err := certificates.ParseCSR(csr.Spec.Request)
	if err != nil {
		return e.forbidden(csr.Name, fmt.Errorf("failed to parse CSR: %w", err))
	}
	if slices.Contains(parsed.Subject.Organization, user.SystemPrivilegedGroup) {
		return e.forbidden(csr.Name, fmt.Errorf("use of %s signer with system:masters group is not allowed", csr.Spec.SignerName))
	}
	return nil
}

func (e endpoint) forbidden(name string, err error) error {
	return apierrors.NewForbidden(e.resource.GroupResource(), name, err)
}
