package rules

import (
	"fmt"
	"strings"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// securityContexts adds the rules for what pods and containers may do. The cluster's policy
// decides about privileged containers.
func securityContexts(s engine.Table) {
	s.On("core.v1.SecurityContext",
		engine.Field("runAsUser", userID),
		engine.Field("runAsGroup", userID),
		engine.Field("procMount", engine.When(gates.ProcMountType, engine.OneOfGiven("Default", "Unmasked"))),
		escalation,
	)
	s.On("core.v1.PodSecurityContext",
		engine.Field("fsGroup", userID),
		engine.Field("runAsUser", userID),
		engine.Field("runAsGroup", userID),
		engine.Field("supplementalGroups", engine.Each(userID)),
		engine.Field("supplementalGroupsPolicy", engine.When(gates.SupplementalGroupsPolicy, engine.OneOfGiven("Merge", "Strict"))),
		engine.Field("fsGroupChangePolicy", engine.OneOfGiven("OnRootMismatch", "Always")),
		engine.Field("seLinuxChangePolicy", engine.When(gates.SELinuxChangePolicy, seLinuxChangePolicy)),
		engine.Field("sysctls", engine.UniqueBy("name"), engine.Each(engine.Field("name", engine.Required, sysctlName))),
	)
	s.On("core.v1.SeccompProfile",
		engine.Field("type", engine.Required, engine.OneOf("Localhost", "RuntimeDefault", "Unconfined")),
		localhostProfile(relativePath),
	)
	s.On("core.v1.AppArmorProfile",
		engine.Field("type", engine.Required, engine.OneOf("Localhost", "RuntimeDefault", "Unconfined")),
		localhostProfile(appArmorName),
	)
	s.On("core.v1.WindowsSecurityContextOptions",
		engine.Field("gmsaCredentialSpecName", engine.NotEmpty, engine.DNSSubdomain),
		engine.Field("gmsaCredentialSpec", engine.NotEmpty, engine.AtMostBytes(64<<10)),
		engine.Field("runAsUserName", engine.NotEmpty, windowsUser),
	)
}

// userID requires a user or a group (IsValidUserID and IsValidGroupID of
// k8s.io/apimachinery/pkg/util/validation).
var userID = engine.Between(0, 1<<31-1)

func seLinuxChangePolicy(n engine.Node) {
	policies := []string{"Recursive"}
	if n.Has(gates.SELinuxMount) {
		policies = append(policies, "MountOption")
	}
	n.Run(engine.OneOfGiven(policies...))
}

// escalation: a privileged container can give itself privileges.
func escalation(n engine.Node) {
	allow := n.Field("allowPrivilegeEscalation")
	if allow.Value != false {
		return
	}
	if n.Field("privileged").Truth() {
		allow.Fail(engine.RuleConflict, "want true where privileged is, got false")
	}
	for _, capability := range n.Field("capabilities", "add").Items() {
		if capability.Text() == "CAP_SYS_ADMIN" {
			allow.Fail(engine.RuleConflict, "want true where CAP_SYS_ADMIN is added, got false")
		}
	}
}

// localhostProfile requires the field localhostProfile if, and only if, the profile is one
// of the host.
func localhostProfile(written engine.Constraint) engine.Constraint {
	return func(n engine.Node) {
		profile, local := n.Field("localhostProfile"), n.Field("type").Text() == "Localhost"
		switch {
		case local && !profile.IsSet():
			profile.Fail(engine.RuleRequired, `is required where type is "Localhost", got none`)
		case local:
			profile.Run(written)
		case profile.IsSet():
			profile.Fail(engine.RuleConflict, `leave it out: type is not "Localhost"`)
		}
	}
}

// appArmorName requires the name of a profile (ValidateAppArmorProfileField).
func appArmorName(n engine.Node) {
	n.Run(engine.NotEmpty, engine.AtMostBytes(4095))
	if text := n.Text(); text != "" && strings.TrimSpace(text) != text {
		n.Fail(engine.RuleFormat, "want no space before or after it, "+n.Got())
	}
}

var sysctlPattern = pattern.New(`^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`)

// sysctlName requires the name of a sysctl (IsValidSysctlName).
func sysctlName(n engine.Node) {
	if text := n.Text(); text != "" && (len(text) > 253 || !sysctlPattern().MatchString(text)) {
		n.Fail(engine.RuleFormat, "want a name as kernel.shm_rmid_forced of at most 253 characters, "+n.Got())
	}
}

// podSecurity checks the fields of a pod together with those of its containers.
func podSecurity(n engine.Node) {
	context := n.Field("securityContext")
	if share := n.Field("shareProcessNamespace"); share.Truth() && n.Field("hostPID").Truth() {
		share.Fail(engine.RuleConflict, "want false where hostPID is true, got true")
	}
	for _, sysctl := range context.Field("sysctls").Items() {
		hostSysctl(sysctl.Field("name"), n)
	}
	userNamespace(n)
	hostProcesses(n)
	switch system := n.Field("os", "name"); {
	case !n.Field("os").IsSet():
	case !system.Required():
	case system.Text() == "linux":
		leaveOut(n, "the os is linux", []string{"windowsOptions"}, []string{"windowsOptions"})
	case system.Text() == "windows":
		windows(n)
	default:
		system.Run(engine.OneOf("linux", "windows"))
	}
}

var ipcSysctl = pattern.New(`^(kernel\.(sem|shm|shmall|shmmax|shmmni|shm_rmid_forced|msg|msgmax|msgmnb|msgmni)$|fs\.mqueue\.)`)

// hostSysctl: in a namespace of the host, the sysctls are the host's, and a pod cannot set
// them (ValidateHostSysctl; k8s.io/component-helpers, node/util/sysctl).
func hostSysctl(n engine.Node, pod engine.Node) {
	name := n.Text()
	// If the first of them is a slash, slashes and dots change places.
	if i := strings.IndexAny(name, "./"); i >= 0 && name[i] == '/' {
		name = strings.NewReplacer(".", "/", "/", ".").Replace(name)
	}
	name, _, _ = strings.Cut(name, "*")
	switch {
	case pod.Field("hostNetwork").Truth() && strings.HasPrefix(name, "net."):
		n.Fail(engine.RuleConflict, "leave it out: hostNetwork is true, "+n.Got())
	case pod.Field("hostIPC").Truth() && ipcSysctl().MatchString(name):
		n.Fail(engine.RuleConflict, "leave it out: hostIPC is true, "+n.Got())
	}
}

// userNamespace: a pod with its own users has no namespaces of the host
// (validateHostUsers).
func userNamespace(n engine.Node) {
	if !n.Has(gates.UserNamespacesSupport) {
		return
	}
	if n.Field("hostUsers").Value != false {
		for _, container := range containersOf(n) {
			if mount := container.Field("securityContext", "procMount"); mount.Text() == "Unmasked" {
				mount.Fail(engine.RuleConflict, "want hostUsers: false for it, "+n.Field("hostUsers").Got())
			}
		}
		return
	}
	for _, name := range []string{"hostNetwork", "hostPID", "hostIPC"} {
		if n.Field(name).Truth() {
			n.Field(name).Fail(engine.RuleConflict, "want false where hostUsers is, got true")
		}
	}
	for _, container := range containersOf(n) {
		if devices := container.Field("volumeDevices"); n.Has(changes.UserNamespaceDevices) && devices.Len() > 0 {
			devices.Fail(engine.RuleConflict, "leave it out: hostUsers is false")
		}
	}
}

// hostProcesses: either all containers of a Windows pod are processes of the host, or none
// (validateWindowsHostProcessPod).
func hostProcesses(n engine.Node) {
	pod := n.Field("securityContext", "windowsOptions", "hostProcess")
	count, ofHost := 0, 0
	for _, container := range containersOf(n) {
		own := container.Field("securityContext", "windowsOptions", "hostProcess")
		count++
		switch {
		case own.Truth(), !own.IsSet() && pod.Truth():
			ofHost++
		}
		if own.IsSet() && pod.IsSet() && own.Value != pod.Value {
			own.Fail(engine.RuleConflict, fmt.Sprintf("want what the pod says, %v, got %v", pod.Value, own.Value))
		}
	}
	if ofHost == 0 {
		return
	}
	if ofHost != count {
		n.Fail(engine.RuleConflict, "want all containers as processes of the host or none")
	}
	if network := n.Field("hostNetwork"); !network.Truth() {
		network.Fail(engine.RuleConflict, "want true where containers are processes of the host, "+network.Got())
	}
}

// leaveOut requires security contexts of a pod and its containers without the given fields.
func leaveOut(n engine.Node, why string, ofPod, ofContainers []string) {
	for _, name := range ofPod {
		n.Field("securityContext", name).Run(engine.Unset(why))
	}
	for _, container := range containersOf(n) {
		for _, name := range ofContainers {
			container.Field("securityContext", name).Run(engine.Unset(why))
		}
	}
}

// windows requires a pod without fields that only Linux has (validateWindows).
func windows(n engine.Node) {
	const why = "the os is windows"
	ofPod := []string{"seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "runAsUser", "runAsGroup", "supplementalGroups"}
	ofContainers := []string{
		"seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation",
		"procMount", "runAsUser", "runAsGroup",
	}
	if n.Has(gates.AppArmorFields) {
		ofPod, ofContainers = append(ofPod, "appArmorProfile"), append(ofContainers, "appArmorProfile")
	}
	if n.Has(gates.SupplementalGroupsPolicy) {
		ofPod = append(ofPod, "supplementalGroupsPolicy")
	}
	if n.Has(gates.SELinuxChangePolicy) {
		ofPod = append(ofPod, "seLinuxChangePolicy")
	}
	n.Field("hostUsers").Run(engine.When(gates.UserNamespacesSupport, engine.Unset(why)))
	leaveOut(n, why, ofPod, ofContainers)
	n.Field("securityContext", "sysctls").Run(engine.Absent(why))
	n.Field("shareProcessNamespace").Run(engine.Unset(why))
	n.Field("hostPID").Run(engine.Absent(why))
	n.Field("hostIPC").Run(engine.Absent(why))
}

var (
	netBIOSDomain = pattern.New(`^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$`)
	dnsDomain     = pattern.New(`^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$`)
	windowsName   = pattern.New(`^[^"/\\:;|=,+*?<>@\[\]]{1,104}$`)
	control       = pattern.New(`[[:cntrl:]]`)
)

// windowsUser requires the name of a user, with or without a domain
// (validateWindowsSecurityContextOptions).
func windowsUser(n engine.Node) {
	text := n.Text()
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
		n.Fail(engine.RuleFormat, `want the name of a user of at most 104 characters, as USER or DOMAIN\USER, `+n.Got())
	}
}

// relativePath requires a path to something below (validateLocalDescendingPath).
func relativePath(n engine.Node) {
	if strings.HasPrefix(n.Text(), "/") {
		n.Fail(engine.RuleFormat, "want a relative path, "+n.Got())
	}
	n.Run(noBacksteps)
}

// noBacksteps requires a path without .. (validatePathNoBacksteps).
var noBacksteps = engine.Written(func(path string) []string {
	for _, step := range strings.Split(path, "/") {
		if step == ".." {
			return []string{"want a path without .."}
		}
	}
	return nil
})
