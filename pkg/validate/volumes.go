package validate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/pkg/release/changes"
	"github.com/mop-platform/mop/pkg/release/gates"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
)

// volumes adds the rules for the volumes of pods and for what is mounted of
// them (k8s.io/kubernetes, pkg/apis/core/validation: ValidateVolumes and
// validateVolumeSource).
func (s table) volumes() {
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
	s.projections()
	s.volumeSources()
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
func (n node) dropsVolume() bool { return !n.has(gates.ImageVolume) && n.field("image").set() }

// droppedVolume applies rules to volumes that are not dropped.
func droppedVolume(rules ...constraint) constraint {
	return func(n node) {
		if !n.dropsVolume() {
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
func (s table) projections() {
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
func volumesOfContainers(n node) { n.field("spec").volumeUses(nil) }

// volumesOfTemplate leaves out StatefulSets, whose pods have volumes more.
func volumesOfTemplate(n node) {
	if n.kind != "apps.v1.StatefulSet" {
		n.field("spec").volumeUses(nil)
	}
}

func volumesOfStatefulSet(n node) {
	claims := map[string]node{}
	for _, claim := range n.field("volumeClaimTemplates").items() {
		source := node{value: map[string]any{"persistentVolumeClaim": map[string]any{}}}
		claims[claim.field("metadata", "name").text()] = source
	}
	spec := n.field("template", "spec")
	spec.overlookedAs(func() { spec.volumeUses(claims) })
}

// volumeUses checks what the containers of a pod use of its volumes and of
// others. Variables can come from files of an emptyDir
// (validateFileKeyRefVolumes).
func (n node) volumeUses(more map[string]node) {
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
			name.fail(ruleReference, "the pod has no such volume, "+name.got(), name.didYouMean(name.text(), sortedKeys(volumes))...)
		}
		return volume, ok
	}
	for _, container := range n.containers() {
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
