package validate

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/release/changes"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// pods adds the rules for pods and their templates
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidatePodCreate,
// ValidatePodTemplateSpec, ValidatePodSpec; pkg/apis/core/v1/defaults.go;
// pkg/api/pod for the fields that are dropped).
func pods(s table) {
	s.on("core.v1.Pod",
		field("spec", field("containers", required)),
		podAnnotations,
		volumesOfContainers,
		hostPortsOfPod,
		claimsOfEphemeralVolumes,
		trimmedImages,
		gatedOrBound,
		mergedMatchLabels,
	)
	s.on("core.v1.PodTemplateSpec",
		field("spec", field("containers", required)),
		field("metadata", field("labels", labelMap), field("annotations", annotationMap)),
		podAnnotations,
		volumesOfTemplate,
		hostPortsOfTemplate,
		mergedMatchLabels,
	)
	s.on("core.v1.PodTemplate", field("template", required))
	s.on("apps.v1.StatefulSetSpec", volumesOfStatefulSet)
	s.on("core.v1.PodSpec",
		field("containers", required),
		field("ephemeralContainers", absent("they are added to pods that run")),
		field("restartPolicy", oneOf("Always", "OnFailure", "Never")),
		field("dnsPolicy", oneOf("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")),
		field("nodeSelector", labelMap),
		field("serviceAccountName", dnsSubdomain),
		field("nodeName", dnsSubdomain),
		field("priorityClassName", dnsSubdomain),
		field("runtimeClassName", notEmpty, dnsSubdomain),
		field("preemptionPolicy", oneOfGiven("PreemptLowerPriority", "Never")),
		field("activeDeadlineSeconds", between(1, math.MaxInt32)),
		field("overhead", overhead),
		overheadOfClass,
		field("volumes", uniqueBy("name")),
		field("schedulingGates", each(field("name", required, qualifiedName)), uniqueBy("name")),
		field("readinessGates", each(field("conditionType", required, qualifiedName))),
		field("hostAliases", each(hostAlias)),
		field("topologySpreadConstraints", uniqueBy("topologyKey", "whenUnsatisfiable")),
		hostname,
		containerNames,
		initContainers,
		restartPolicies,
		hostPortsMatch,
		dnsConfig,
		sleeps,
		podResources,
		when(gates.DynamicResourceAllocation, resourceClaims),
		when(gates.HostnameOverride, hostnameOverride),
		podSecurity,
	)
}

// containersOf yields the init containers and the containers of a pod.
func containersOf(n node) iter.Seq2[int, node] {
	return func(yield func(int, node) bool) {
		for _, list := range []string{"initContainers", "containers"} {
			for i, container := range n.field(list).items() {
				if !yield(i, container) {
					return
				}
			}
		}
	}
}

// overhead asks for resources as the limits of a container are
// (validateOverhead).
func overhead(n node) {
	amounts(n, containerResourceName)
	pages, compute := false, false
	for name := range names(n) {
		pages = pages || hugePages(name)
		compute = compute || name == "cpu" || name == "memory"
	}
	if pages && !compute {
		n.fail(ruleConflict, "want cpu or memory beside huge pages, got none")
	}
}

// overheadOfClass asks for a runtime class where a pod says what overhead it has:
// the class says it, and pods made from templates get it
// (k8s.io/kubernetes, plugin/pkg/admission/runtimeclass).
func overheadOfClass(n node) {
	if o := n.field("overhead"); n.kind == "core.v1.Pod" && !o.zero() && n.field("runtimeClassName").zero() {
		o.fail(ruleConflict, "leave it out: there is no runtimeClassName")
	}
}

// hostname asks for DNS labels. StatefulSets set their own.
func hostname(n node) {
	if n.kind != "apps.v1.StatefulSet" {
		n.run(field("hostname", dnsLabel), field("subdomain", dnsLabel))
	}
}

// hostnameOverride is about the field of that name (validatePodHostName).
func hostnameOverride(n node) {
	name := n.field("hostnameOverride")
	if !name.set() {
		return
	}
	name.run(notEmpty, dnsSubdomain, atMostBytes(64))
	for _, other := range []string{"setHostnameAsFQDN", "hostNetwork"} {
		if n.field(other).truth() {
			name.fail(ruleConflict, "leave it out: "+other+" is true")
		}
	}
}

// hostAlias asks for an address and names for it (ValidateHostAliases).
func hostAlias(n node) {
	n.field("ip").ip()
	for _, hostname := range n.field("hostnames").items() {
		hostname.run(required, dnsSubdomain)
	}
}

// containerNames asks for names that differ among all containers of a pod.
func containerNames(n node) {
	seen := map[string]string{}
	for _, list := range []string{"containers", "initContainers"} {
		for i, container := range n.field(list).items() {
			name := container.field("name")
			if name.text() == "" {
				continue
			}
			if first, ok := seen[name.text()]; ok {
				name.fail(ruleDuplicate, "is the same as in "+first+", "+name.got())
				continue
			}
			seen[name.text()] = fmt.Sprintf("%s[%d]", list, i)
		}
	}
}

// initContainers: those that run before the others are not watched, unless they
// are always restarted (validateInitContainers).
func initContainers(n node) {
	for _, container := range n.field("initContainers").items() {
		if container.field("restartPolicy").text() == "Always" {
			continue
		}
		for _, name := range []string{"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"} {
			container.field(name).run(unset(`only init containers with restartPolicy "Always" have it`))
		}
		for _, policy := range container.field("resizePolicy").items() {
			if restart := policy.field("restartPolicy"); n.has(gates.InPlacePodVerticalScalingInitContainers) && restart.text() == "RestartContainer" {
				restart.fail(ruleConflict, `want "NotRequired" in an init container, `+restart.got())
			}
		}
	}
}

// restartPolicies is about the containers' own (validateInitContainerRestartPolicy,
// validateContainerRestartPolicy), and about that of the pod where they are given
// other resources.
func restartPolicies(n node) {
	for _, container := range n.field("containers").items() {
		switch policy := container.field("restartPolicy"); {
		case n.has(gates.ContainerRestartRules):
			restartRules(container)
		case !n.has(changes.DroppedRestartPolicies):
			policy.run(unset("only init containers have it"))
		}
	}
	for _, container := range n.field("initContainers").items() {
		switch policy := container.field("restartPolicy"); {
		case n.has(gates.ContainerRestartRules):
			restartRules(container)
			if policy.text() == "Always" && !n.has(gates.RestartAllContainersOnContainerExits) {
				container.field("restartPolicyRules").run(absent(`restartPolicy is "Always"`))
			}
		case !n.has(changes.DroppedRestartPolicies):
			policy.run(oneOfGiven("Always"))
		}
	}
	if !n.has(gates.InPlacePodVerticalScaling) || n.field("restartPolicy").text() != "Never" {
		return
	}
	for _, container := range containersOf(n) {
		for _, policy := range container.field("resizePolicy").items() {
			if restart := policy.field("restartPolicy"); restart.text() == "RestartContainer" {
				restart.fail(ruleConflict, `want "NotRequired" in a pod with restartPolicy "Never", `+restart.got())
			}
		}
	}
}

// restartRules: a container can be restarted by its exit code.
func restartRules(n node) {
	policy, rules := n.field("restartPolicy"), n.field("restartPolicyRules")
	policy.run(oneOfGiven("Always", "Never", "OnFailure"))
	if rules.len() > 0 && !policy.set() {
		policy.fail(ruleRequired, "is required beside restartPolicyRules, got none")
	}
	rules.run(atMostItems(20), each(
		field("action", required, restartAction),
		field("exitCodes", present, whereSet(field("operator", required, oneOf("In", "NotIn")), field("values", atMostItems(255)))),
	))
}

func restartAction(n node) {
	actions := []string{"Restart"}
	if n.has(gates.RestartAllContainersOnContainerExits) {
		actions = append(actions, "RestartAllContainers")
	}
	n.run(oneOf(actions...))
}

// hostPortsMatch: in the network of the host, a container has no other port than
// the host (validatePodHostNetworkDeps).
func hostPortsMatch(n node) {
	if !n.field("hostNetwork").truth() {
		return
	}
	for _, container := range n.field("containers").items() {
		for _, port := range container.field("ports").items() {
			host, own := port.field("hostPort"), port.field("containerPort")
			h, ok1 := host.integer()
			c, ok2 := own.integer()
			if ok1 && ok2 && h != 0 && h != c {
				host.fail(ruleConflict, fmt.Sprintf("want containerPort, %d, where hostNetwork is true, got %d", c, h))
			}
		}
	}
}

// hostPortsOfPod: the ports of pods in the host's network are ports of the host,
// unlike in templates (SetDefaults_Pod).
func hostPortsOfPod(n node) { hostPorts(n.field("spec"), n.field("spec", "hostNetwork").truth()) }

func hostPortsOfTemplate(n node) {
	spec := n.field("spec")
	spec.overlookedAs(func() { hostPorts(spec, false) })
}

// hostPorts asks for ports of the host that differ. Each init container has them
// for itself (checkHostPortConflicts).
func hostPorts(n node, all bool) {
	check := func(containers ...node) {
		seen := map[string]bool{}
		for _, container := range containers {
			for _, port := range container.field("ports").items() {
				number := port.field("hostPort")
				i, ok := number.integer()
				if all && number.zero() {
					i, ok = port.field("containerPort").integer()
				}
				if !ok || i == 0 {
					continue
				}
				protocol := port.field("protocol").text()
				if protocol == "" {
					protocol = "TCP"
				}
				key := fmt.Sprintf("%s/%s/%d", protocol, port.field("hostIP").text(), i)
				if seen[key] {
					number.fail(ruleDuplicate, "another port has it on the host, too: "+strings.ReplaceAll(key, "//", "/"))
				}
				seen[key] = true
			}
		}
	}
	var containers []node
	for _, container := range n.field("containers").items() {
		containers = append(containers, container)
	}
	check(containers...)
	for _, container := range n.field("initContainers").items() {
		check(container)
	}
}

// dnsConfig is about the field of that name and dnsPolicy (validatePodDNSConfig).
func dnsConfig(n node) {
	config := n.field("dnsConfig")
	servers, searches := config.field("nameservers"), config.field("searches")
	if n.field("dnsPolicy").text() == "None" && servers.zero() {
		servers.fail(ruleRequired, `is required where dnsPolicy is "None", `+servers.got())
	}
	servers.run(atMostItems(3))
	for _, server := range servers.items() {
		server.ip()
	}
	searches.run(atMostItems(32))
	size := max(0, searches.len()-1)
	for _, search := range searches.items() {
		size += len(search.text())
		searchDomain(search)
	}
	if size > 2048 {
		searches.fail(ruleValue, fmt.Sprintf("want at most 2048 characters in all, got %d", size))
	}
	for _, option := range config.field("options").items() {
		option.field("name").required()
	}
}

// searchDomain asks for a domain with or without a last dot.
func searchDomain(n node) {
	text, ok := n.value.(string)
	relaxed := n.has(gates.RelaxedDNSSearchValidation)
	switch {
	case !ok && n.set(), relaxed && text == ".":
	case relaxed:
		n.problems(ruleFormat, validation.IsDNS1123SubdomainWithUnderscore(strings.TrimSuffix(text, ".")))
	default:
		n.problems(ruleFormat, validation.IsDNS1123Subdomain(strings.TrimSuffix(text, ".")))
	}
}

// resourceClaims asks that containers use claims which the pod has
// (validatePodResourceClaims, validateResourceClaimNames).
func resourceClaims(n node) {
	claims := n.field("resourceClaims")
	claims.run(uniqueBy("name"), each(
		field("name", required, dnsLabel),
		exactlyOne("resourceClaimName", "resourceClaimTemplateName"),
		field("resourceClaimName", notEmpty, dnsSubdomain),
		field("resourceClaimTemplateName", notEmpty, dnsSubdomain),
	))
	var names []string
	for _, claim := range claims.items() {
		names = append(names, claim.field("name").text())
	}
	for _, container := range containersOf(n) {
		used := container.field("resources", "claims")
		used.run(uniqueBy("name", "request"))
		for _, claim := range used.items() {
			name := claim.field("name")
			claim.field("request").run(dnsLabel)
			if name.required() && !slices.Contains(names, name.text()) {
				name.fail(ruleReference, "no claim of the pod has the name, "+name.got(), name.didYouMean(name.text(), names)...)
			}
		}
	}
}

// trimmedImages: images of pods, unlike those of templates, are looked at
// (validateContainerOnlyForPod).
func trimmedImages(n node) {
	for _, container := range containersOf(n.field("spec")) {
		if image := container.field("image"); strings.TrimSpace(image.text()) != image.text() {
			image.fail(ruleFormat, "want no space before or after it, "+image.got())
		}
	}
}

// gatedOrBound: a pod that has a node is scheduled.
func gatedOrBound(n node) {
	if name := n.field("spec", "nodeName"); name.text() != "" && n.field("spec", "schedulingGates").len() > 0 {
		name.fail(ruleConflict, "leave it out: there are schedulingGates")
	}
}

// claimsOfEphemeralVolumes: a pod's ephemeral volume has a claim that is named
// after the pod and the volume (ValidateVolumes).
func claimsOfEphemeralVolumes(n node) {
	pod := n.field("metadata", "name").text()
	if pod == "" {
		return
	}
	volumes := n.field("spec", "volumes")
	claims := map[string]bool{}
	for _, volume := range volumes.items() {
		name := volume.field("name")
		if !volume.field("ephemeral").set() || name.text() == "" {
			continue
		}
		claims[pod+"-"+name.text()] = true
		for _, problem := range apivalidation.NameIsDNSSubdomain(pod+"-"+name.text(), false) {
			name.fail(ruleFormat, "its claim is named after the pod and it: "+problem)
		}
	}
	for _, volume := range volumes.items() {
		if claim := volume.field("persistentVolumeClaim", "claimName"); claims[claim.text()] {
			claim.fail(ruleConflict, "want another claim than that of an ephemeral volume, "+claim.got())
		}
	}
}
