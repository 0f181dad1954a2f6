package validate

import (
	"fmt"
	"maps"
	"net"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/release/changes"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// volumes adds the rules for the volumes of pods and for what is mounted of
// them (k8s.io/kubernetes, pkg/apis/core/validation: ValidateVolumes and
// validateVolumeSource).
func volumes(s table) {
	s.on("core.v1.Volume", droppedVolume(
		field("name", required, dnsLabel),
		atMostOne(volumeSources...),
		initiatorAndPortal,
	))
	s.on("core.v1.EmptyDirVolumeSource", field("sizeLimit", notNegative))
	s.on("core.v1.HostPathVolumeSource",
		field("path", required, noBacksteps),
		field("type", oneOfGiven("", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice")),
	)
	s.on("core.v1.GitRepoVolumeSource", field("repository", required), field("directory", relativePath))
	s.on("core.v1.SecretVolumeSource", field("secretName", required), field("defaultMode", fileMode))
	s.on("core.v1.ConfigMapVolumeSource", field("name", required), field("defaultMode", fileMode))
	s.on("core.v1.PersistentVolumeClaimVolumeSource", field("claimName", required))
	s.on("core.v1.DownwardAPIVolumeSource", field("defaultMode", fileMode))
	s.on("core.v1.CSIVolumeSource",
		field("driver", required, driverName),
		field("nodePublishSecretRef", whereSet(field("name", required, dnsSubdomain))),
	)
	s.on("core.v1.ImageVolumeSource", when(gates.ImageVolume,
		field("pullPolicy", pullPolicy),
		imageReference,
	))
	s.on("core.v1.EphemeralVolumeSource", field("volumeClaimTemplate", present))
	s.on("core.v1.KeyToPath",
		field("key", required),
		field("path", required, plainPath),
		field("mode", fileMode),
	)
	s.on("core.v1.DownwardAPIVolumeFile",
		field("path", required, plainPath),
		field("mode", fileMode),
		field("fieldRef", podField(fileFields)),
		exactlyOne("fieldRef", "resourceFieldRef"),
		field("resourceFieldRef", whereSet(field("containerName", required))),
	)
	projections(s)
	sourcesOfVolumes(s)
}

// imageReference: templates could once leave it to others to set it.
func imageReference(n node) {
	if n.has(changes.ImageReferences) || n.kind == "core.v1.Pod" {
		n.field("reference").required()
	}
}

// volumeSources are the fields of volumes that say what they are. A volume
// without one is an emptyDir (SetDefaults_Volume).
var volumeSources = []string{
	"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral",
	"fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "image", "iscsi", "nfs",
	"persistentVolumeClaim", "photonPersistentDisk", "portworxVolume", "projected", "quobyte", "rbd", "scaleIO", "secret", "storageos",
	"vsphereVolume",
}

// fileMode asks for the permissions of a file.
func fileMode(n node) {
	i, ok := n.integer()
	if !ok || i >= 0 && i <= 0o777 {
		return
	}
	var hints []string
	if octal, err := strconv.ParseInt(strconv.FormatInt(i, 10), 8, 32); err == nil && octal > 0 && octal <= 0o777 {
		hints = []string{fmt.Sprintf("write 0%d in YAML or %d in JSON for the permissions %d", i, octal, i)}
	}
	n.fail(ruleValue, fmt.Sprintf("want permissions from 0 to 0777, which is 511, got %d", i), hints...)
}

// whereSet applies rules to a structure that is there.
func whereSet(rules ...constraint) constraint {
	return func(n node) {
		if n.set() {
			n.run(rules...)
		}
	}
}

// dropsVolume reports whether the API server drops a volume, and its mounts: an
// image where its gate is off.
func dropsVolume(n node) bool { return !n.has(gates.ImageVolume) && n.field("image").set() }

// droppedVolume applies rules to volumes that are not dropped.
func droppedVolume(rules ...constraint) constraint {
	return func(n node) {
		if !dropsVolume(n) {
			n.run(rules...)
		}
	}
}

// plainPath asks for a relative path that does not begin with .., as the kubelet
// has names of its own there (validateLocalNonReservedPath).
func plainPath(n node) {
	n.run(relativePath)
	if text := n.text(); strings.HasPrefix(text, "..") && !strings.HasPrefix(text, "../") && text != ".." {
		n.fail(ruleFormat, "want a path that does not begin with .., "+n.got())
	}
}

// projections adds the rules for volumes of several sources
// (validateProjectionSources). That a pod with a serviceAccountToken has a
// serviceAccountName is not asked for: an admission plugin sets it.
func projections(s table) {
	s.on("core.v1.ProjectedVolumeSource",
		field("defaultMode", fileMode),
		field("sources", each(projection)),
		distinctPaths,
	)
	s.on("core.v1.SecretProjection", field("name", required))
	s.on("core.v1.ConfigMapProjection", field("name", required))
	s.on("core.v1.ServiceAccountTokenProjection",
		field("path", required),
		when(changes.TokenPaths, field("path", plainPath)),
		field("expirationSeconds", between(600, 1<<32)),
	)
	s.on("core.v1.ClusterTrustBundleProjection", when(gates.ClusterTrustBundleProjection,
		field("path", required, plainPath),
		exactlyOne("name", "signerName"),
		field("name", notEmpty, bundleName),
		field("signerName", notEmpty, signerPath),
		nameOrLabels,
	))
	s.on("core.v1.PodCertificateProjection", when(gates.PodCertificateRequest,
		field("signerName", required, signerPath),
		field("keyType", required, oneOf("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")),
		certificateLifetime,
		field("credentialBundlePath", plainPath),
		field("keyPath", plainPath),
		field("certificateChainPath", plainPath),
		field("userAnnotations", prefixedKeys),
		someCertificatePath,
	))
}

var certificatePaths = []string{"certificateChainPath", "credentialBundlePath", "keyPath"}

// nameOrLabels: bundles that have a signer are selected by their labels.
func nameOrLabels(n node) {
	if n.field("name").set() {
		n.field("labelSelector").run(unset("there is a name"))
	}
}

func someCertificatePath(n node) {
	for _, name := range certificatePaths {
		if !n.field(name).zero() {
			return
		}
	}
	n.fail(ruleRequired, "want one of "+strings.Join(certificatePaths, ", ")+", got none")
}

// projection: a source of a projected volume is one thing. What the gates do not let
// it be is dropped.
func projection(n node) {
	sources := []string{"configMap", "downwardAPI", "secret", "serviceAccountToken"}
	if n.has(gates.ClusterTrustBundleProjection) {
		sources = append(sources, "clusterTrustBundle")
	}
	if n.has(gates.PodCertificateRequest) {
		sources = append(sources, "podCertificate")
	}
	n.run(atMostOne(sources...))
}

// distinctPaths asks for files of a projected volume that have paths of their
// own.
func distinctPaths(n node) {
	seen := map[string]bool{}
	check := func(path node) {
		if text := path.text(); text != "" {
			if seen[text] {
				path.fail(ruleDuplicate, "another file of the volume has it, too, "+path.got())
			}
			seen[text] = true
		}
	}
	for _, source := range n.field("sources").items() {
		for _, kind := range []string{"secret", "configMap", "downwardAPI"} {
			for _, item := range source.field(kind, "items").items() {
				check(item.field("path"))
			}
		}
		if n.has(gates.ClusterTrustBundleProjection) {
			check(source.field("clusterTrustBundle", "path"))
		}
		if n.has(gates.PodCertificateRequest) {
			for _, name := range certificatePaths {
				check(source.field("podCertificate", name))
			}
		}
	}
}

// bundleName asks for the name of a ClusterTrustBundle, which begins with that
// of its signer (ValidateClusterTrustBundleName).
var bundleName = written(func(name string) []string {
	return apivalidation.NameIsDNSSubdomain(name[strings.LastIndex(name, ":")+1:], false)
})

// signerPath asks for a domain and a name: example.com/signer
// (ValidateSignerName).
var signerPath = written(func(name string) []string {
	domain, signer, ok := strings.Cut(name, "/")
	if !ok || !strings.Contains(domain, ".") {
		return []string{"want a domain and a name as example.com/signer"}
	}
	return append(apivalidation.NameIsDNSSubdomain(domain, false), apivalidation.NameIsDNSSubdomain(signer, false)...)
})

// volumesOfContainers asks for mounts and devices that are volumes of the pod
// (ValidateVolumeMounts, ValidateVolumeDevices).
func volumesOfContainers(n node) { volumeUses(n.field("spec"), nil) }

// volumesOfTemplate leaves out StatefulSets, whose pods have volumes more.
func volumesOfTemplate(n node) {
	if n.kind != "apps.v1.StatefulSet" {
		volumeUses(n.field("spec"), nil)
	}
}

func volumesOfStatefulSet(n node) {
	claims := map[string]node{}
	for _, claim := range n.field("volumeClaimTemplates").items() {
		source := node{value: map[string]any{"persistentVolumeClaim": map[string]any{}}}
		claims[claim.field("metadata", "name").text()] = source
	}
	spec := n.field("template", "spec")
	spec.overlookedAs(func() { volumeUses(spec, claims) })
}

// volumeUses checks what the containers of a pod use of its volumes and of
// others. Variables can come from files of an emptyDir
// (validateFileKeyRefVolumes).
func volumeUses(n node, more map[string]node) {
	volumes := map[string]node{}
	for _, volume := range n.field("volumes").items() {
		volumes[volume.field("name").text()] = volume
	}
	for name, volume := range more {
		volumes[name] = volume
	}
	find := func(name node) (volume node, ok bool) {
		volume, ok = volumes[name.text()]
		if !ok && name.text() != "" {
			name.fail(ruleReference, "the pod has no such volume, "+name.got(), name.didYouMean(name.text(), slices.Sorted(maps.Keys(volumes)))...)
		}
		return volume, ok
	}
	for _, container := range containersOf(n) {
		for _, mount := range container.field("volumeMounts").items() {
			find(mount.field("name"))
		}
		for _, device := range container.field("volumeDevices").items() {
			name := device.field("name")
			if volume, ok := find(name); ok && !volume.field("persistentVolumeClaim").set() && !volume.field("ephemeral").set() {
				name.fail(ruleConflict, "only a persistentVolumeClaim or an ephemeral volume can be a device, "+name.got())
			}
		}
		if !n.has(gates.EnvFiles) {
			continue
		}
		for _, variable := range container.field("env").items() {
			name := variable.field("valueFrom", "fileKeyRef", "volumeName")
			if volume, ok := find(name); ok && len(volume.given(volumeSources)) > 0 && !volume.field("emptyDir").set() {
				name.fail(ruleConflict, "only files of an emptyDir can be variables, "+name.got())
			}
		}
	}
}

// sourcesOfVolumes adds the rules for storage that pods use as volumes or by way of
// PersistentVolumes (k8s.io/kubernetes, pkg/apis/core/validation:
// validate*VolumeSource).
func sourcesOfVolumes(s table) {
	s.on("core.v1.NFSVolumeSource", field("server", required), field("path", required, absolutePath))
	for _, name := range []string{"core.v1.ISCSIVolumeSource", "core.v1.ISCSIPersistentVolumeSource"} {
		s.on(name,
			field("targetPortal", required),
			field("iqn", required, iscsiName),
			field("lun", between(0, 255)),
			field("initiatorName", notEmpty, iscsiName),
			authenticated,
		)
	}
	s.on("core.v1.FCVolumeSource", fibreChannel)
	s.on("core.v1.GCEPersistentDiskVolumeSource", field("pdName", required), field("partition", between(0, 255)))
	s.on("core.v1.AWSElasticBlockStoreVolumeSource", field("volumeID", required), field("partition", between(0, 255)))
	s.on("core.v1.QuobyteVolumeSource",
		field("registry", required, quobyteRegistry),
		field("tenant", atMostBytes(64)),
		field("volume", required),
	)
	for _, name := range []string{"core.v1.GlusterfsVolumeSource", "core.v1.GlusterfsPersistentVolumeSource"} {
		s.on(name, field("endpoints", required), field("path", required))
	}
	s.on("core.v1.GlusterfsPersistentVolumeSource", field("endpointsNamespace", notEmpty, namespaceName))
	s.on("core.v1.FlockerVolumeSource", flockerDataset)
	for _, name := range []string{"core.v1.RBDVolumeSource", "core.v1.RBDPersistentVolumeSource"} {
		s.on(name, field("monitors", required), field("image", required))
	}
	for _, name := range []string{"core.v1.CephFSVolumeSource", "core.v1.CephFSPersistentVolumeSource"} {
		s.on(name, field("monitors", required))
	}
	for _, name := range []string{"core.v1.CinderVolumeSource", "core.v1.CinderPersistentVolumeSource"} {
		s.on(name, field("volumeID", required))
	}
	for _, name := range []string{"core.v1.FlexVolumeSource", "core.v1.FlexPersistentVolumeSource"} {
		s.on(name, field("driver", required), field("options", flexOptions))
	}
	for _, name := range []string{"core.v1.AzureFileVolumeSource", "core.v1.AzureFilePersistentVolumeSource"} {
		s.on(name, field("secretName", required), field("shareName", required))
	}
	s.on("core.v1.AzureFilePersistentVolumeSource", field("secretNamespace", notEmpty))
	s.on("core.v1.AzureDiskVolumeSource",
		field("diskName", required),
		field("diskURI", required),
		field("cachingMode", oneOfGiven("None", "ReadOnly", "ReadWrite")),
		field("kind", oneOfGiven("Shared", "Dedicated", "Managed")),
		azureDisk,
	)
	s.on("core.v1.VsphereVirtualDiskVolumeSource", field("volumePath", required))
	s.on("core.v1.PhotonPersistentDiskVolumeSource", field("pdID", required))
	s.on("core.v1.PortworxVolumeSource", field("volumeID", required))
	for _, name := range []string{"core.v1.ScaleIOVolumeSource", "core.v1.ScaleIOPersistentVolumeSource"} {
		s.on(name, field("gateway", required), field("system", required), field("volumeName", required))
	}
	for _, name := range []string{"core.v1.StorageOSVolumeSource", "core.v1.StorageOSPersistentVolumeSource"} {
		s.on(name, field("volumeName", required, dnsLabel), field("volumeNamespace", dnsLabel))
	}
	volumeSecrets(s)
}

// volumeSecrets adds the rules for the secrets that open volumes, which
// PersistentVolumes name with a namespace.
func volumeSecrets(s table) {
	named := field("secretRef", whereSet(field("name", required)))
	full := field("secretRef", whereSet(field("name", required), field("namespace", required)))
	s.on("core.v1.ISCSIPersistentVolumeSource", named)
	s.on("core.v1.CinderVolumeSource", named)
	s.on("core.v1.CinderPersistentVolumeSource", full)
	s.on("core.v1.StorageOSVolumeSource", named)
	s.on("core.v1.StorageOSPersistentVolumeSource", full)
	s.on("core.v1.CSIPersistentVolumeSource",
		field("driver", required, driverName),
		field("volumeHandle", required),
	)
	for _, secret := range []string{"controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"} {
		s.on("core.v1.CSIPersistentVolumeSource",
			field(secret, whereSet(field("name", required, dnsSubdomain), field("namespace", required, dnsLabel))))
	}
}

func absolutePath(n node) {
	if text := n.text(); text != "" && !path.IsAbs(text) {
		n.fail(ruleFormat, "want an absolute path, "+n.got())
	}
}

var iscsiNames = map[string]func() *regexp.Regexp{
	"iqn": pattern.New(`iqn\.\d{4}-\d{2}\.([[:alnum:]-.]+)(:[^,;*&$|\s]+)$`),
	"eui": pattern.New(`^eui.[[:alnum:]]{16}$`),
	"naa": pattern.New(`^naa.[[:alnum:]]{32}$`),
}

// iscsiName asks for a name of one of the kinds that iSCSI knows.
func iscsiName(n node) {
	text := n.text()
	if kind := iscsiNames[text[:min(3, len(text))]]; text != "" && (kind == nil || !kind().MatchString(text)) {
		n.fail(ruleFormat, "want a name as iqn.2001-04.com.example:storage, eui.HEX or naa.HEX, "+n.got())
	}
}

// authenticated: what is authenticated needs a secret.
func authenticated(n node) {
	if (n.field("chapAuthDiscovery").truth() || n.field("chapAuthSession").truth()) && !n.field("secretRef").set() {
		n.field("secretRef").fail(ruleRequired, "is required for CHAP, got none")
	}
}

// initiatorAndPortal: the name of a volume and the address of its portal make up
// a name that is limited.
func initiatorAndPortal(n node) { shortTarget(n.field("iscsi"), n.field("name")) }

// shortTarget asks for names of a volume and of its target that are no more than
// 64 characters together, where there is an initiator.
func shortTarget(n node, name node) {
	portal := n.field("targetPortal")
	if n.field("initiatorName").set() && len(name.text())+1+len(portal.text()) > 64 {
		portal.fail(ruleValue, "want at most 64 characters together with the name of the volume, "+portal.got())
	}
}

func fibreChannel(n node) {
	names, ids, lun := n.field("targetWWNs"), n.field("wwids"), n.field("lun")
	switch {
	case names.zero() && ids.zero():
		n.fail(ruleRequired, "want one of targetWWNs, wwids, got none")
	case !names.zero() && !ids.zero():
		n.fail(ruleConflict, "want one of targetWWNs, wwids, got 2")
	}
	if !names.zero() {
		lun.run(present, between(0, 255))
	}
}

// quobyteRegistry asks for hosts with ports.
var quobyteRegistry = written(func(text string) []string {
	for host := range strings.SplitSeq(text, ",") {
		if _, _, err := net.SplitHostPort(host); err != nil {
			return []string{"want host:port, or several with commas between"}
		}
	}
	return nil
})

func flockerDataset(n node) {
	name, id := n.field("datasetName"), n.field("datasetUUID")
	switch {
	case name.zero() && id.zero():
		n.fail(ruleRequired, "want one of datasetName, datasetUUID, got none")
	case !name.zero() && !id.zero():
		n.fail(ruleConflict, "want one of datasetName, datasetUUID, got 2")
	}
	if strings.Contains(name.text(), "/") {
		name.fail(ruleFormat, "want a name without /, "+name.got())
	}
}

// flexOptions: some prefixes are Kubernetes' own.
func flexOptions(n node) {
	for key, value := range n.entries() {
		prefix, _, _ := strings.Cut("."+strings.ToLower(key), "/")
		if strings.HasSuffix(prefix, ".kubernetes.io") || strings.HasSuffix(prefix, ".k8s.io") {
			value.fail(ruleValue, "the key: want another prefix than kubernetes.io and k8s.io")
		}
	}
}

// azureDisk: a managed disk is a resource of Azure, others are files.
func azureDisk(n node) {
	kind, uri := n.field("kind"), n.field("diskURI")
	prefix := "https://"
	if kind.text() == "Managed" {
		prefix = "/subscriptions/"
	}
	if _, ok := uri.value.(string); ok && !strings.HasPrefix(uri.text(), prefix) {
		uri.fail(ruleValue, "want it to begin with "+prefix+", "+uri.got())
	}
}
