package rules

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// pods adds the rules for pods and their templates.
func pods(s engine.Table) {
	s.On("core.v1.Pod",
		engine.Field("spec", engine.Field("containers", engine.Required)),
		podAnnotations,
		volumesOfContainers,
		hostPortsOfPod,
		claimsOfEphemeralVolumes,
		trimmedImages,
		gatedOrBound,
		mergedMatchLabels,
	)
	s.On("core.v1.PodTemplateSpec",
		engine.Field("spec", engine.Field("containers", engine.Required)),
		engine.Field("metadata", engine.Field("labels", engine.LabelMap), engine.Field("annotations", engine.AnnotationMap)),
		podAnnotations,
		volumesOfTemplate,
		hostPortsOfTemplate,
		mergedMatchLabels,
	)
	s.On("core.v1.PodTemplate", engine.Field("template", engine.Required))
	s.On("apps.v1.StatefulSetSpec", volumesOfStatefulSet)
	s.On("core.v1.PodSpec",
		engine.Field("containers", engine.Required),
		engine.Field("ephemeralContainers", engine.Absent("they are added to pods that run")),
		engine.Field("restartPolicy", engine.OneOf("Always", "OnFailure", "Never")),
		engine.Field("dnsPolicy", engine.OneOf("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")),
		engine.Field("nodeSelector", engine.LabelMap),
		engine.Field("serviceAccountName", engine.DNSSubdomain),
		engine.Field("nodeName", engine.DNSSubdomain),
		engine.Field("priorityClassName", engine.DNSSubdomain),
		engine.Field("runtimeClassName", engine.NotEmpty, engine.DNSSubdomain),
		engine.Field("preemptionPolicy", engine.OneOfGiven("PreemptLowerPriority", "Never")),
		engine.Field("activeDeadlineSeconds", engine.Between(1, math.MaxInt32)),
		engine.Field("overhead", overhead),
		overheadOfClass,
		engine.Field("volumes", engine.UniqueBy("name")),
		engine.Field("schedulingGates", engine.Each(engine.Field("name", engine.Required, engine.QualifiedName)), engine.UniqueBy("name")),
		engine.Field("readinessGates", engine.Each(engine.Field("conditionType", engine.Required, engine.QualifiedName))),
		engine.Field("hostAliases", engine.Each(hostAlias)),
		engine.Field("topologySpreadConstraints", engine.UniqueBy("topologyKey", "whenUnsatisfiable")),
		hostname,
		containerNames,
		initContainers,
		restartPolicies,
		hostPortsMatch,
		dnsConfig,
		sleeps,
		podResources,
		engine.When(gates.DynamicResourceAllocation, resourceClaims),
		engine.When(gates.HostnameOverride, hostnameOverride),
		podSecurity,
	)
}

// containersOf yields the init containers and the containers of a pod.
func containersOf(n engine.Node) iter.Seq2[int, engine.Node] {
	return func(yield func(int, engine.Node) bool) {
		for _, list := range []string{"initContainers", "containers"} {
			for i, container := range n.Field(list).Items() {
				if !yield(i, container) {
					return
				}
			}
		}
	}
}

// overhead requires resources like the limits of a container (validateOverhead).
func overhead(n engine.Node) {
	amounts(n, containerResourceName)
	pages, compute := false, false
	for name := range names(n) {
		pages = pages || hugePages(name)
		compute = compute || name == "cpu" || name == "memory"
	}
	if pages && !compute {
		n.Fail(engine.RuleConflict, "want cpu or memory beside huge pages, got none")
	}
}

// overheadOfClass requires a runtime class if a pod gives its overhead. The class defines
// the overhead, and pods made from templates get it (k8s.io/kubernetes,
// plugin/pkg/admission/runtimeclass).
func overheadOfClass(n engine.Node) {
	if o := n.Field("overhead"); n.Kind == "core.v1.Pod" && !o.IsZero() && n.Field("runtimeClassName").IsZero() {
		o.Fail(engine.RuleConflict, "leave it out: there is no runtimeClassName")
	}
}

// hostname requires DNS labels. StatefulSets set their own.
func hostname(n engine.Node) {
	if n.Kind != "apps.v1.StatefulSet" {
		n.Run(engine.Field("hostname", engine.DNSLabel), engine.Field("subdomain", engine.DNSLabel))
	}
}

// hostnameOverride checks the field hostnameOverride (validatePodHostName).
func hostnameOverride(n engine.Node) {
	name := n.Field("hostnameOverride")
	if !name.IsSet() {
		return
	}
	name.Run(engine.NotEmpty, engine.DNSSubdomain, engine.AtMostBytes(64))
	for _, other := range []string{"setHostnameAsFQDN", "hostNetwork"} {
		if n.Field(other).Truth() {
			name.Fail(engine.RuleConflict, "leave it out: "+other+" is true")
		}
	}
}

// hostAlias requires an address and names for it (ValidateHostAliases).
func hostAlias(n engine.Node) {
	n.Field("ip").IP()
	for _, hostname := range n.Field("hostnames").Items() {
		hostname.Run(engine.Required, engine.DNSSubdomain)
	}
}

// containerNames requires names that differ among all containers of a pod.
func containerNames(n engine.Node) {
	seen := map[string]string{}
	for _, list := range []string{"containers", "initContainers"} {
		for i, container := range n.Field(list).Items() {
			name := container.Field("name")
			if name.Text() == "" {
				continue
			}
			if first, ok := seen[name.Text()]; ok {
				name.Fail(engine.RuleDuplicate, "is the same as in "+first+", "+name.Got())
				continue
			}
			seen[name.Text()] = fmt.Sprintf("%s[%d]", list, i)
		}
	}
}

// initContainers: init containers have no probes and handlers, unless they are always
// restarted (validateInitContainers).
func initContainers(n engine.Node) {
	for _, container := range n.Field("initContainers").Items() {
		if container.Field("restartPolicy").Text() == "Always" {
			continue
		}
		for _, name := range []string{"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"} {
			container.Field(name).Run(engine.Unset(`only init containers with restartPolicy "Always" have it`))
		}
		for _, policy := range container.Field("resizePolicy").Items() {
			if restart := policy.Field("restartPolicy"); n.Has(gates.InPlacePodVerticalScalingInitContainers) && restart.Text() == "RestartContainer" {
				restart.Fail(engine.RuleConflict, `want "NotRequired" in an init container, `+restart.Got())
			}
		}
	}
}

// restartPolicies checks the policies of containers (validateInitContainerRestartPolicy,
// validateContainerRestartPolicy), and that of the pod if the containers can be resized.
func restartPolicies(n engine.Node) {
	for _, container := range n.Field("containers").Items() {
		switch policy := container.Field("restartPolicy"); {
		case n.Has(gates.ContainerRestartRules):
			restartRules(container)
		case !n.Has(changes.DroppedRestartPolicies):
			policy.Run(engine.Unset("only init containers have it"))
		}
	}
	for _, container := range n.Field("initContainers").Items() {
		switch policy := container.Field("restartPolicy"); {
		case n.Has(gates.ContainerRestartRules):
			restartRules(container)
			if policy.Text() == "Always" && !n.Has(gates.RestartAllContainersOnContainerExits) {
				container.Field("restartPolicyRules").Run(engine.Absent(`restartPolicy is "Always"`))
			}
		case !n.Has(changes.DroppedRestartPolicies):
			policy.Run(engine.OneOfGiven("Always"))
		}
	}
	if !n.Has(gates.InPlacePodVerticalScaling) || n.Field("restartPolicy").Text() != "Never" {
		return
	}
	for _, container := range containersOf(n) {
		for _, policy := range container.Field("resizePolicy").Items() {
			if restart := policy.Field("restartPolicy"); restart.Text() == "RestartContainer" {
				restart.Fail(engine.RuleConflict, `want "NotRequired" in a pod with restartPolicy "Never", `+restart.Got())
			}
		}
	}
}

// restartRules: a container can be restarted by its exit code.
func restartRules(n engine.Node) {
	policy, rules := n.Field("restartPolicy"), n.Field("restartPolicyRules")
	policy.Run(engine.OneOfGiven("Always", "Never", "OnFailure"))
	if rules.Len() > 0 && !policy.IsSet() {
		policy.Fail(engine.RuleRequired, "is required beside restartPolicyRules, got none")
	}
	rules.Run(engine.AtMostItems(20), engine.Each(
		engine.Field("action", engine.Required, restartAction),
		engine.Field("exitCodes", engine.Present, whereSet(engine.Field("operator", engine.Required, engine.OneOf("In", "NotIn")), engine.Field("values", engine.AtMostItems(255)))),
	))
}

func restartAction(n engine.Node) {
	actions := []string{"Restart"}
	if n.Has(gates.RestartAllContainersOnContainerExits) {
		actions = append(actions, "RestartAllContainers")
	}
	n.Run(engine.OneOf(actions...))
}

// hostPortsMatch: in the host's network, the port of a container is the port of the host
// (validatePodHostNetworkDeps).
func hostPortsMatch(n engine.Node) {
	if !n.Field("hostNetwork").Truth() {
		return
	}
	for _, container := range n.Field("containers").Items() {
		for _, port := range container.Field("ports").Items() {
			host, own := port.Field("hostPort"), port.Field("containerPort")
			h, ok1 := host.Integer()
			c, ok2 := own.Integer()
			if ok1 && ok2 && h != 0 && h != c {
				host.Fail(engine.RuleConflict, fmt.Sprintf("want containerPort, %d, where hostNetwork is true, got %d", c, h))
			}
		}
	}
}

// hostPortsOfPod: in the host's network, the ports of pods are ports of the host, but not
// in templates (SetDefaults_Pod).
func hostPortsOfPod(n engine.Node) {
	hostPorts(n.Field("spec"), n.Field("spec", "hostNetwork").Truth())
}

func hostPortsOfTemplate(n engine.Node) {
	spec := n.Field("spec")
	spec.OverlookedAs(func() { hostPorts(spec, false) })
}

// hostPorts requires ports of the host that differ. Each init container has its own
// (checkHostPortConflicts).
func hostPorts(n engine.Node, all bool) {
	check := func(containers ...engine.Node) {
		seen := map[string]bool{}
		for _, container := range containers {
			for _, port := range container.Field("ports").Items() {
				number := port.Field("hostPort")
				i, ok := number.Integer()
				if all && number.IsZero() {
					i, ok = port.Field("containerPort").Integer()
				}
				if !ok || i == 0 {
					continue
				}
				protocol := port.Field("protocol").Text()
				if protocol == "" {
					protocol = "TCP"
				}
				key := fmt.Sprintf("%s/%s/%d", protocol, port.Field("hostIP").Text(), i)
				if seen[key] {
					number.Fail(engine.RuleDuplicate, "another port has it on the host, too: "+strings.ReplaceAll(key, "//", "/"))
				}
				seen[key] = true
			}
		}
	}
	var containers []engine.Node
	for _, container := range n.Field("containers").Items() {
		containers = append(containers, container)
	}
	check(containers...)
	for _, container := range n.Field("initContainers").Items() {
		check(container)
	}
}

// dnsConfig checks the fields dnsConfig and dnsPolicy (validatePodDNSConfig).
func dnsConfig(n engine.Node) {
	config := n.Field("dnsConfig")
	servers, searches := config.Field("nameservers"), config.Field("searches")
	if n.Field("dnsPolicy").Text() == "None" && servers.IsZero() {
		servers.Fail(engine.RuleRequired, `is required where dnsPolicy is "None", `+servers.Got())
	}
	servers.Run(engine.AtMostItems(3))
	for _, server := range servers.Items() {
		server.IP()
	}
	searches.Run(engine.AtMostItems(32))
	size := max(0, searches.Len()-1)
	for _, search := range searches.Items() {
		size += len(search.Text())
		searchDomain(search)
	}
	if size > 2048 {
		searches.Fail(engine.RuleValue, fmt.Sprintf("want at most 2048 characters in all, got %d", size))
	}
	for _, option := range config.Field("options").Items() {
		option.Field("name").Required()
	}
}

// searchDomain requires a domain with or without a last dot.
func searchDomain(n engine.Node) {
	text, ok := n.Value.(string)
	relaxed := n.Has(gates.RelaxedDNSSearchValidation)
	switch {
	case !ok && n.IsSet(), relaxed && text == ".":
	case relaxed:
		n.Problems(engine.RuleFormat, validation.IsDNS1123SubdomainWithUnderscore(strings.TrimSuffix(text, ".")))
	default:
		n.Problems(engine.RuleFormat, validation.IsDNS1123Subdomain(strings.TrimSuffix(text, ".")))
	}
}

// resourceClaims requires that containers use only claims of the pod
// (validatePodResourceClaims, validateResourceClaimNames).
func resourceClaims(n engine.Node) {
	claims := n.Field("resourceClaims")
	claims.Run(engine.UniqueBy("name"), engine.Each(
		engine.Field("name", engine.Required, engine.DNSLabel),
		engine.ExactlyOne("resourceClaimName", "resourceClaimTemplateName"),
		engine.Field("resourceClaimName", engine.NotEmpty, engine.DNSSubdomain),
		engine.Field("resourceClaimTemplateName", engine.NotEmpty, engine.DNSSubdomain),
	))
	var names []string
	for _, claim := range claims.Items() {
		names = append(names, claim.Field("name").Text())
	}
	for _, container := range containersOf(n) {
		used := container.Field("resources", "claims")
		used.Run(engine.UniqueBy("name", "request"))
		for _, claim := range used.Items() {
			name := claim.Field("name")
			claim.Field("request").Run(engine.DNSLabel)
			if name.Required() && !slices.Contains(names, name.Text()) {
				name.Fail(engine.RuleReference, "no claim of the pod has the name, "+name.Got(), name.DidYouMean(name.Text(), names)...)
			}
		}
	}
}

// trimmedImages: the API server checks images of pods, but not those of templates
// (validateContainerOnlyForPod).
func trimmedImages(n engine.Node) {
	for _, container := range containersOf(n.Field("spec")) {
		if image := container.Field("image"); strings.TrimSpace(image.Text()) != image.Text() {
			image.Fail(engine.RuleFormat, "want no space before or after it, "+image.Got())
		}
	}
}

// gatedOrBound: a pod with a node is scheduled, so it cannot have scheduling gates.
func gatedOrBound(n engine.Node) {
	if name := n.Field("spec", "nodeName"); name.Text() != "" && n.Field("spec", "schedulingGates").Len() > 0 {
		name.Fail(engine.RuleConflict, "leave it out: there are schedulingGates")
	}
}

// claimsOfEphemeralVolumes: the claim of an ephemeral volume is named after the pod and the
// volume, and no other volume can use it (ValidateVolumes).
func claimsOfEphemeralVolumes(n engine.Node) {
	pod := n.Field("metadata", "name").Text()
	if pod == "" {
		return
	}
	volumes := n.Field("spec", "volumes")
	claims := map[string]bool{}
	for _, volume := range volumes.Items() {
		name := volume.Field("name")
		if !volume.Field("ephemeral").IsSet() || name.Text() == "" {
			continue
		}
		claims[pod+"-"+name.Text()] = true
		for _, problem := range apivalidation.NameIsDNSSubdomain(pod+"-"+name.Text(), false) {
			name.Fail(engine.RuleFormat, "its claim is named after the pod and it: "+problem)
		}
	}
	for _, volume := range volumes.Items() {
		if claim := volume.Field("persistentVolumeClaim", "claimName"); claims[claim.Text()] {
			claim.Fail(engine.RuleConflict, "want another claim than that of an ephemeral volume, "+claim.Got())
		}
	}
}

// droppedOfPods are the parts of a pod's specification that the API server drops while a
// gate is off (dropDisabledFields in pkg/api/pod/util.go), and whose types have rules. spec
// is the path of the specification.
func droppedOfPods(spec string) []engine.Part {
	return []engine.Part{
		{Path: spec + "volumes.*.projected.sources.*.clusterTrustBundle", Judged: gates.ClusterTrustBundleProjection},
		{Path: spec + "volumes.*.projected.sources.*.podCertificate", Judged: gates.PodCertificateRequest},
	}
}
