package validate

import (
	"fmt"
	"strings"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/release/changes"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// securityContexts adds the rules for what pods and containers may do
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidateSecurityContext,
// validatePodSpecSecurityContext). Privileged containers are a matter of the
// cluster's policy.
func securityContexts(s table) {
	s.on("core.v1.SecurityContext",
		field("runAsUser", userID),
		field("runAsGroup", userID),
		field("procMount", when(gates.ProcMountType, oneOfGiven("Default", "Unmasked"))),
		escalation,
	)
	s.on("core.v1.PodSecurityContext",
		field("fsGroup", userID),
		field("runAsUser", userID),
		field("runAsGroup", userID),
		field("supplementalGroups", each(userID)),
		field("supplementalGroupsPolicy", when(gates.SupplementalGroupsPolicy, oneOfGiven("Merge", "Strict"))),
		field("fsGroupChangePolicy", oneOfGiven("OnRootMismatch", "Always")),
		field("seLinuxChangePolicy", when(gates.SELinuxChangePolicy, seLinuxChangePolicy)),
		field("sysctls", uniqueBy("name"), each(field("name", required, sysctlName))),
	)
	s.on("core.v1.SeccompProfile",
		field("type", required, oneOf("Localhost", "RuntimeDefault", "Unconfined")),
		localhostProfile(relativePath),
	)
	s.on("core.v1.AppArmorProfile",
		field("type", required, oneOf("Localhost", "RuntimeDefault", "Unconfined")),
		localhostProfile(appArmorName),
	)
	s.on("core.v1.WindowsSecurityContextOptions",
		field("gmsaCredentialSpecName", notEmpty, dnsSubdomain),
		field("gmsaCredentialSpec", notEmpty, atMostBytes(64<<10)),
		field("runAsUserName", notEmpty, windowsUser),
	)
}

// userID asks for a user or a group (IsValidUserID and IsValidGroupID of
// k8s.io/apimachinery/pkg/util/validation).
var userID = between(0, 1<<31-1)

func seLinuxChangePolicy(n node) {
	policies := []string{"Recursive"}
	if n.has(gates.SELinuxMount) {
		policies = append(policies, "MountOption")
	}
	n.run(oneOfGiven(policies...))
}

// escalation: what is privileged can give itself privileges.
func escalation(n node) {
	allow := n.field("allowPrivilegeEscalation")
	if allow.value != false {
		return
	}
	if n.field("privileged").truth() {
		allow.fail(ruleConflict, "want true where privileged is, got false")
	}
	for _, capability := range n.field("capabilities", "add").items() {
		if capability.text() == "CAP_SYS_ADMIN" {
			allow.fail(ruleConflict, "want true where CAP_SYS_ADMIN is added, got false")
		}
	}
}

// localhostProfile asks for the field of that name where, and only where, the
// profile is one of the host.
func localhostProfile(written constraint) constraint {
	return func(n node) {
		profile, local := n.field("localhostProfile"), n.field("type").text() == "Localhost"
		switch {
		case local && !profile.set():
			profile.fail(ruleRequired, `is required where type is "Localhost", got none`)
		case local:
			profile.run(written)
		case profile.set():
			profile.fail(ruleConflict, `leave it out: type is not "Localhost"`)
		}
	}
}

// appArmorName asks for the name of a profile (ValidateAppArmorProfileField).
func appArmorName(n node) {
	n.run(notEmpty, atMostBytes(4095))
	if text := n.text(); text != "" && strings.TrimSpace(text) != text {
		n.fail(ruleFormat, "want no space before or after it, "+n.got())
	}
}

var sysctlPattern = pattern.New(`^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`)

// sysctlName asks for the name of a sysctl (IsValidSysctlName).
func sysctlName(n node) {
	if text := n.text(); text != "" && (len(text) > 253 || !sysctlPattern().MatchString(text)) {
		n.fail(ruleFormat, "want a name as kernel.shm_rmid_forced of at most 253 characters, "+n.got())
	}
}

// podSecurity is about what the pod as a whole and its containers say together.
func podSecurity(n node) {
	context := n.field("securityContext")
	if share := n.field("shareProcessNamespace"); share.truth() && n.field("hostPID").truth() {
		share.fail(ruleConflict, "want false where hostPID is true, got true")
	}
	for _, sysctl := range context.field("sysctls").items() {
		hostSysctl(sysctl.field("name"), n)
	}
	userNamespace(n)
	hostProcesses(n)
	switch system := n.field("os", "name"); {
	case !n.field("os").set():
	case !system.required():
	case system.text() == "linux":
		leaveOut(n, "the os is linux", []string{"windowsOptions"}, []string{"windowsOptions"})
	case system.text() == "windows":
		windows(n)
	default:
		system.run(oneOf("linux", "windows"))
	}
}

var ipcSysctl = pattern.New(`^(kernel\.(sem|shm|shmall|shmmax|shmmni|shm_rmid_forced|msg|msgmax|msgmnb|msgmni)$|fs\.mqueue\.)`)

// hostSysctl: the sysctls of a namespace that is the host's are the host's
// (ValidateHostSysctl; k8s.io/component-helpers, node/util/sysctl).
func hostSysctl(n node, pod node) {
	name := n.text()
	// Slashes and dots change places where the first of them is a slash.
	if i := strings.IndexAny(name, "./"); i >= 0 && name[i] == '/' {
		name = strings.NewReplacer(".", "/", "/", ".").Replace(name)
	}
	name, _, _ = strings.Cut(name, "*")
	switch {
	case pod.field("hostNetwork").truth() && strings.HasPrefix(name, "net."):
		n.fail(ruleConflict, "leave it out: hostNetwork is true, "+n.got())
	case pod.field("hostIPC").truth() && ipcSysctl().MatchString(name):
		n.fail(ruleConflict, "leave it out: hostIPC is true, "+n.got())
	}
}

// userNamespace: a pod with users of its own has no namespaces of the host
// (validateHostUsers).
func userNamespace(n node) {
	if !n.has(gates.UserNamespacesSupport) {
		return
	}
	if n.field("hostUsers").value != false {
		for _, container := range containersOf(n) {
			if mount := container.field("securityContext", "procMount"); mount.text() == "Unmasked" {
				mount.fail(ruleConflict, "want hostUsers: false for it, "+n.field("hostUsers").got())
			}
		}
		return
	}
	for _, name := range []string{"hostNetwork", "hostPID", "hostIPC"} {
		if n.field(name).truth() {
			n.field(name).fail(ruleConflict, "want false where hostUsers is, got true")
		}
	}
	for _, container := range containersOf(n) {
		if devices := container.field("volumeDevices"); n.has(changes.UserNamespaceDevices) && devices.len() > 0 {
			devices.fail(ruleConflict, "leave it out: hostUsers is false")
		}
	}
}

// hostProcesses: either all containers of a Windows pod are processes of the
// host or none (validateWindowsHostProcessPod).
func hostProcesses(n node) {
	pod := n.field("securityContext", "windowsOptions", "hostProcess")
	count, ofHost := 0, 0
	for _, container := range containersOf(n) {
		own := container.field("securityContext", "windowsOptions", "hostProcess")
		count++
		switch {
		case own.truth(), !own.set() && pod.truth():
			ofHost++
		}
		if own.set() && pod.set() && own.value != pod.value {
			own.fail(ruleConflict, fmt.Sprintf("want what the pod says, %v, got %v", pod.value, own.value))
		}
	}
	if ofHost == 0 {
		return
	}
	if ofHost != count {
		n.fail(ruleConflict, "want all containers as processes of the host or none")
	}
	if network := n.field("hostNetwork"); !network.truth() {
		network.fail(ruleConflict, "want true where containers are processes of the host, "+network.got())
	}
}

// leaveOut asks for security contexts of a pod and its containers without some
// fields.
func leaveOut(n node, why string, ofPod, ofContainers []string) {
	for _, name := range ofPod {
		n.field("securityContext", name).run(unset(why))
	}
	for _, container := range containersOf(n) {
		for _, name := range ofContainers {
			container.field("securityContext", name).run(unset(why))
		}
	}
}

// windows asks for a pod without what only Linux has (validateWindows).
func windows(n node) {
	const why = "the os is windows"
	ofPod := []string{"seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "runAsUser", "runAsGroup", "supplementalGroups"}
	ofContainers := []string{
		"seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation",
		"procMount", "runAsUser", "runAsGroup",
	}
	if n.has(gates.AppArmorFields) {
		ofPod, ofContainers = append(ofPod, "appArmorProfile"), append(ofContainers, "appArmorProfile")
	}
	if n.has(gates.SupplementalGroupsPolicy) {
		ofPod = append(ofPod, "supplementalGroupsPolicy")
	}
	if n.has(gates.SELinuxChangePolicy) {
		ofPod = append(ofPod, "seLinuxChangePolicy")
	}
	n.field("hostUsers").run(when(gates.UserNamespacesSupport, unset(why)))
	leaveOut(n, why, ofPod, ofContainers)
	n.field("securityContext", "sysctls").run(absent(why))
	n.field("shareProcessNamespace").run(unset(why))
	n.field("hostPID").run(absent(why))
	n.field("hostIPC").run(absent(why))
}

var (
	netBIOSDomain = pattern.New(`^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$`)
	dnsDomain     = pattern.New(`^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$`)
	windowsName   = pattern.New(`^[^"/\\:;|=,+*?<>@\[\]]{1,104}$`)
	control       = pattern.New(`[[:cntrl:]]`)
)

// windowsUser asks for the name of a user, with or without a domain
// (validateWindowsSecurityContextOptions).
func windowsUser(n node) {
	text := n.text()
	if text == "" {
		return
	}
	domain, user, hasDomain := strings.Cut(text, `\`)
	if !hasDomain {
		user = text
	}
	switch {
	case control().MatchString(text),
		hasDomain && (len(domain) >= 256 || !netBIOSDomain().MatchString(domain) && !dnsDomain().MatchString(domain)),
		!windowsName().MatchString(user), strings.Trim(user, ". ") == "":
		n.fail(ruleFormat, `want the name of a user of at most 104 characters, as USER or DOMAIN\USER, `+n.got())
	}
}

// relativePath asks for a path that leads to something below
// (validateLocalDescendingPath).
func relativePath(n node) {
	if strings.HasPrefix(n.text(), "/") {
		n.fail(ruleFormat, "want a relative path, "+n.got())
	}
	n.run(noBacksteps)
}

// noBacksteps asks for a path without .. (validatePathNoBacksteps).
var noBacksteps = written(func(path string) []string {
	for _, step := range strings.Split(path, "/") {
		if step == ".." {
			return []string{"want a path without .."}
		}
	}
	return nil
})
