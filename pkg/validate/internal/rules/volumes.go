package rules

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
	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// volumes adds the rules for the volumes of pods and for their mounts.
func volumes(s engine.Table) {
	s.On("core.v1.Volume", droppedVolume(
		engine.Field("name", engine.Required, engine.DNSLabel),
		engine.AtMostOne(volumeSources...),
		initiatorAndPortal,
	))
	s.On("core.v1.EmptyDirVolumeSource", engine.Field("sizeLimit", engine.NotNegative))
	s.On("core.v1.HostPathVolumeSource",
		engine.Field("path", engine.Required, noBacksteps),
		engine.Field("type", engine.OneOfGiven("", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice")),
	)
	s.On("core.v1.GitRepoVolumeSource", engine.Field("repository", engine.Required), engine.Field("directory", relativePath))
	s.On("core.v1.SecretVolumeSource", engine.Field("secretName", engine.Required), engine.Field("defaultMode", fileMode))
	s.On("core.v1.ConfigMapVolumeSource", engine.Field("name", engine.Required), engine.Field("defaultMode", fileMode))
	s.On("core.v1.PersistentVolumeClaimVolumeSource", engine.Field("claimName", engine.Required))
	s.On("core.v1.DownwardAPIVolumeSource", engine.Field("defaultMode", fileMode))
	s.On("core.v1.CSIVolumeSource",
		engine.Field("driver", engine.Required, driverName),
		engine.Field("nodePublishSecretRef", whereSet(engine.Field("name", engine.Required, engine.DNSSubdomain))),
	)
	s.On("core.v1.ImageVolumeSource", engine.When(gates.ImageVolume,
		engine.Field("pullPolicy", pullPolicy),
		imageReference,
	))
	s.On("core.v1.EphemeralVolumeSource", engine.Field("volumeClaimTemplate", engine.Present))
	s.On("core.v1.KeyToPath",
		engine.Field("key", engine.Required),
		engine.Field("path", engine.Required, plainPath),
		engine.Field("mode", fileMode),
	)
	s.On("core.v1.DownwardAPIVolumeFile",
		engine.Field("path", engine.Required, plainPath),
		engine.Field("mode", fileMode),
		engine.Field("fieldRef", podField(fileFields)),
		engine.ExactlyOne("fieldRef", "resourceFieldRef"),
		engine.Field("resourceFieldRef", whereSet(engine.Field("containerName", engine.Required))),
	)
	projections(s)
	sourcesOfVolumes(s)
}

// imageReference: in older versions, a template may leave it out for others to set.
func imageReference(n engine.Node) {
	if n.Has(changes.ImageReferences) || n.Kind == "core.v1.Pod" {
		n.Field("reference").Required()
	}
}

// volumeSources are the fields that say what a volume is. A volume without any is an
// emptyDir (SetDefaults_Volume).
var volumeSources = []string{
	"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral",
	"fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "hostPath", "image", "iscsi", "nfs",
	"persistentVolumeClaim", "photonPersistentDisk", "portworxVolume", "projected", "quobyte", "rbd", "scaleIO", "secret", "storageos",
	"vsphereVolume",
}

// fileMode requires the permissions of a file.
func fileMode(n engine.Node) {
	i, ok := n.Integer()
	if !ok || i >= 0 && i <= 0o777 {
		return
	}
	var hints []string
	if octal, err := strconv.ParseInt(strconv.FormatInt(i, 10), 8, 32); err == nil && octal > 0 && octal <= 0o777 {
		hints = []string{fmt.Sprintf("write 0%d in YAML or %d in JSON for the permissions %d", i, octal, i)}
	}
	n.Fail(engine.RuleValue, fmt.Sprintf("want permissions from 0 to 0777, which is 511, got %d", i), hints...)
}

// whereSet applies rules to a structure if it is set.
func whereSet(rules ...engine.Constraint) engine.Constraint {
	return func(n engine.Node) {
		if n.IsSet() {
			n.Run(rules...)
		}
	}
}

// dropsVolume reports whether the API server drops a volume and its mounts, as it drops an
// image without its gate.
func dropsVolume(n engine.Node) bool { return !n.Has(gates.ImageVolume) && n.Field("image").IsSet() }

// droppedVolume applies rules to volumes that are not dropped.
func droppedVolume(rules ...engine.Constraint) engine.Constraint {
	return func(n engine.Node) {
		if !dropsVolume(n) {
			n.Run(rules...)
		}
	}
}

// plainPath requires a relative path that does not begin with .., because the kubelet uses
// such names itself (validateLocalNonReservedPath).
func plainPath(n engine.Node) {
	n.Run(relativePath)
	if text := n.Text(); strings.HasPrefix(text, "..") && !strings.HasPrefix(text, "../") && text != ".." {
		n.Fail(engine.RuleFormat, "want a path that does not begin with .., "+n.Got())
	}
}

// projections adds the rules for volumes of several sources (validateProjectionSources).
// They do not require a serviceAccountName beside a serviceAccountToken, because an
// admission plugin sets it.
func projections(s engine.Table) {
	s.On("core.v1.ProjectedVolumeSource",
		engine.Field("defaultMode", fileMode),
		engine.Field("sources", engine.Each(projection)),
		distinctPaths,
	)
	s.On("core.v1.SecretProjection", engine.Field("name", engine.Required))
	s.On("core.v1.ConfigMapProjection", engine.Field("name", engine.Required))
	s.On("core.v1.ServiceAccountTokenProjection",
		engine.Field("path", engine.Required),
		engine.When(changes.TokenPaths, engine.Field("path", plainPath)),
		engine.Field("expirationSeconds", engine.Between(600, 1<<32)),
	)
	s.On("core.v1.ClusterTrustBundleProjection", engine.When(gates.ClusterTrustBundleProjection,
		engine.Field("path", engine.Required, plainPath),
		engine.ExactlyOne("name", "signerName"),
		engine.Field("name", engine.NotEmpty, bundleName),
		engine.Field("signerName", engine.NotEmpty, signerPath),
		nameOrLabels,
	))
	s.On("core.v1.PodCertificateProjection", engine.When(gates.PodCertificateRequest,
		engine.Field("signerName", engine.Required, signerPath),
		engine.Field("keyType", engine.Required, engine.OneOf("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")),
		certificateLifetime,
		engine.Field("credentialBundlePath", plainPath),
		engine.Field("keyPath", plainPath),
		engine.Field("certificateChainPath", plainPath),
		engine.Field("userAnnotations", prefixedKeys),
		someCertificatePath,
	))
}

var certificatePaths = []string{"certificateChainPath", "credentialBundlePath", "keyPath"}

// nameOrLabels: a bundle is selected by its name, or by its signer and labels.
func nameOrLabels(n engine.Node) {
	if n.Field("name").IsSet() {
		n.Field("labelSelector").Run(engine.Unset("there is a name"))
	}
}

func someCertificatePath(n engine.Node) {
	for _, name := range certificatePaths {
		if !n.Field(name).IsZero() {
			return
		}
	}
	n.Fail(engine.RuleRequired, "want one of "+strings.Join(certificatePaths, ", ")+", got none")
}

// projection: a projected volume has one thing as each source. The API server drops sources
// without their gates.
func projection(n engine.Node) {
	sources := []string{"configMap", "downwardAPI", "secret", "serviceAccountToken"}
	if n.Has(gates.ClusterTrustBundleProjection) {
		sources = append(sources, "clusterTrustBundle")
	}
	if n.Has(gates.PodCertificateRequest) {
		sources = append(sources, "podCertificate")
	}
	n.Run(engine.AtMostOne(sources...))
}

// distinctPaths requires files of a projected volume with different paths.
func distinctPaths(n engine.Node) {
	seen := map[string]bool{}
	check := func(path engine.Node) {
		if text := path.Text(); text != "" {
			if seen[text] {
				path.Fail(engine.RuleDuplicate, "another file of the volume has it, too, "+path.Got())
			}
			seen[text] = true
		}
	}
	for _, source := range n.Field("sources").Items() {
		for _, kind := range []string{"secret", "configMap", "downwardAPI"} {
			for _, item := range source.Field(kind, "items").Items() {
				check(item.Field("path"))
			}
		}
		if n.Has(gates.ClusterTrustBundleProjection) {
			check(source.Field("clusterTrustBundle", "path"))
		}
		if n.Has(gates.PodCertificateRequest) {
			for _, name := range certificatePaths {
				check(source.Field("podCertificate", name))
			}
		}
	}
}

// bundleName requires the name of a ClusterTrustBundle, which begins with the name of its
// signer (ValidateClusterTrustBundleName).
var bundleName = engine.Written(func(name string) []string {
	return apivalidation.NameIsDNSSubdomain(name[strings.LastIndex(name, ":")+1:], false)
})

// signerPath requires a domain and a name: example.com/signer
// (ValidateSignerName).
var signerPath = engine.Written(func(name string) []string {
	domain, signer, ok := strings.Cut(name, "/")
	if !ok || !strings.Contains(domain, ".") {
		return []string{"want a domain and a name as example.com/signer"}
	}
	return append(apivalidation.NameIsDNSSubdomain(domain, false), apivalidation.NameIsDNSSubdomain(signer, false)...)
})

// volumesOfContainers requires that mounts and devices are volumes of the pod
// (ValidateVolumeMounts, ValidateVolumeDevices).
func volumesOfContainers(n engine.Node) { volumeUses(n.Field("spec"), nil) }

// volumesOfTemplate leaves out StatefulSets, whose pods have more volumes.
func volumesOfTemplate(n engine.Node) {
	if n.Kind != "apps.v1.StatefulSet" {
		volumeUses(n.Field("spec"), nil)
	}
}

func volumesOfStatefulSet(n engine.Node) {
	claims := map[string]engine.Node{}
	for _, claim := range n.Field("volumeClaimTemplates").Items() {
		source := engine.Node{Value: map[string]any{"persistentVolumeClaim": map[string]any{}}}
		claims[claim.Field("metadata", "name").Text()] = source
	}
	spec := n.Field("template", "spec")
	spec.OverlookedAs(func() { volumeUses(spec, claims) })
}

// volumeUses checks how the containers of a pod use its volumes and more. Variables can
// come from files of an emptyDir (validateFileKeyRefVolumes).
func volumeUses(n engine.Node, more map[string]engine.Node) {
	volumes := map[string]engine.Node{}
	for _, volume := range n.Field("volumes").Items() {
		volumes[volume.Field("name").Text()] = volume
	}
	for name, volume := range more {
		volumes[name] = volume
	}
	find := func(name engine.Node) (volume engine.Node, ok bool) {
		volume, ok = volumes[name.Text()]
		if !ok && name.Text() != "" {
			name.Fail(engine.RuleReference, "the pod has no such volume, "+name.Got(), name.DidYouMean(name.Text(), slices.Sorted(maps.Keys(volumes)))...)
		}
		return volume, ok
	}
	for _, container := range containersOf(n) {
		for _, mount := range container.Field("volumeMounts").Items() {
			find(mount.Field("name"))
		}
		for _, device := range container.Field("volumeDevices").Items() {
			name := device.Field("name")
			if volume, ok := find(name); ok && !volume.Field("persistentVolumeClaim").IsSet() && !volume.Field("ephemeral").IsSet() {
				name.Fail(engine.RuleConflict, "only a persistentVolumeClaim or an ephemeral volume can be a device, "+name.Got())
			}
		}
		if !n.Has(gates.EnvFiles) {
			continue
		}
		for _, variable := range container.Field("env").Items() {
			name := variable.Field("valueFrom", "fileKeyRef", "volumeName")
			if volume, ok := find(name); ok && len(volume.Given(volumeSources)) > 0 && !volume.Field("emptyDir").IsSet() {
				name.Fail(engine.RuleConflict, "only files of an emptyDir can be variables, "+name.Got())
			}
		}
	}
}

// sourcesOfVolumes adds the rules for storage that pods use as volumes, directly or through
// PersistentVolumes (k8s.io/kubernetes, pkg/apis/core/validation: validate*VolumeSource).
func sourcesOfVolumes(s engine.Table) {
	s.On("core.v1.NFSVolumeSource", engine.Field("server", engine.Required), engine.Field("path", engine.Required, absolutePath))
	for _, name := range []string{"core.v1.ISCSIVolumeSource", "core.v1.ISCSIPersistentVolumeSource"} {
		s.On(name,
			engine.Field("targetPortal", engine.Required),
			engine.Field("iqn", engine.Required, iscsiName),
			engine.Field("lun", engine.Between(0, 255)),
			engine.Field("initiatorName", engine.NotEmpty, iscsiName),
			authenticated,
		)
	}
	s.On("core.v1.FCVolumeSource", fibreChannel)
	s.On("core.v1.GCEPersistentDiskVolumeSource", engine.Field("pdName", engine.Required), engine.Field("partition", engine.Between(0, 255)))
	s.On("core.v1.AWSElasticBlockStoreVolumeSource", engine.Field("volumeID", engine.Required), engine.Field("partition", engine.Between(0, 255)))
	s.On("core.v1.QuobyteVolumeSource",
		engine.Field("registry", engine.Required, quobyteRegistry),
		engine.Field("tenant", engine.AtMostBytes(64)),
		engine.Field("volume", engine.Required),
	)
	for _, name := range []string{"core.v1.GlusterfsVolumeSource", "core.v1.GlusterfsPersistentVolumeSource"} {
		s.On(name, engine.Field("endpoints", engine.Required), engine.Field("path", engine.Required))
	}
	s.On("core.v1.GlusterfsPersistentVolumeSource", engine.Field("endpointsNamespace", engine.NotEmpty, namespaceName))
	s.On("core.v1.FlockerVolumeSource", flockerDataset)
	for _, name := range []string{"core.v1.RBDVolumeSource", "core.v1.RBDPersistentVolumeSource"} {
		s.On(name, engine.Field("monitors", engine.Required), engine.Field("image", engine.Required))
	}
	for _, name := range []string{"core.v1.CephFSVolumeSource", "core.v1.CephFSPersistentVolumeSource"} {
		s.On(name, engine.Field("monitors", engine.Required))
	}
	for _, name := range []string{"core.v1.CinderVolumeSource", "core.v1.CinderPersistentVolumeSource"} {
		s.On(name, engine.Field("volumeID", engine.Required))
	}
	for _, name := range []string{"core.v1.FlexVolumeSource", "core.v1.FlexPersistentVolumeSource"} {
		s.On(name, engine.Field("driver", engine.Required), engine.Field("options", flexOptions))
	}
	for _, name := range []string{"core.v1.AzureFileVolumeSource", "core.v1.AzureFilePersistentVolumeSource"} {
		s.On(name, engine.Field("secretName", engine.Required), engine.Field("shareName", engine.Required))
	}
	s.On("core.v1.AzureFilePersistentVolumeSource", engine.Field("secretNamespace", engine.NotEmpty))
	s.On("core.v1.AzureDiskVolumeSource",
		engine.Field("diskName", engine.Required),
		engine.Field("diskURI", engine.Required),
		engine.Field("cachingMode", engine.OneOfGiven("None", "ReadOnly", "ReadWrite")),
		engine.Field("kind", engine.OneOfGiven("Shared", "Dedicated", "Managed")),
		azureDisk,
	)
	s.On("core.v1.VsphereVirtualDiskVolumeSource", engine.Field("volumePath", engine.Required))
	s.On("core.v1.PhotonPersistentDiskVolumeSource", engine.Field("pdID", engine.Required))
	s.On("core.v1.PortworxVolumeSource", engine.Field("volumeID", engine.Required))
	for _, name := range []string{"core.v1.ScaleIOVolumeSource", "core.v1.ScaleIOPersistentVolumeSource"} {
		s.On(name, engine.Field("gateway", engine.Required), engine.Field("system", engine.Required), engine.Field("volumeName", engine.Required))
	}
	for _, name := range []string{"core.v1.StorageOSVolumeSource", "core.v1.StorageOSPersistentVolumeSource"} {
		s.On(name, engine.Field("volumeName", engine.Required, engine.DNSLabel), engine.Field("volumeNamespace", engine.DNSLabel))
	}
	volumeSecrets(s)
}

// volumeSecrets adds the rules for the secrets of volumes. PersistentVolumes name them with
// a namespace.
func volumeSecrets(s engine.Table) {
	named := engine.Field("secretRef", whereSet(engine.Field("name", engine.Required)))
	full := engine.Field("secretRef", whereSet(engine.Field("name", engine.Required), engine.Field("namespace", engine.Required)))
	s.On("core.v1.ISCSIPersistentVolumeSource", named)
	s.On("core.v1.CinderVolumeSource", named)
	s.On("core.v1.CinderPersistentVolumeSource", full)
	s.On("core.v1.StorageOSVolumeSource", named)
	s.On("core.v1.StorageOSPersistentVolumeSource", full)
	s.On("core.v1.CSIPersistentVolumeSource",
		engine.Field("driver", engine.Required, driverName),
		engine.Field("volumeHandle", engine.Required),
	)
	for _, secret := range []string{"controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"} {
		s.On("core.v1.CSIPersistentVolumeSource",
			engine.Field(secret, whereSet(engine.Field("name", engine.Required, engine.DNSSubdomain), engine.Field("namespace", engine.Required, engine.DNSLabel))))
	}
}

func absolutePath(n engine.Node) {
	if text := n.Text(); text != "" && !path.IsAbs(text) {
		n.Fail(engine.RuleFormat, "want an absolute path, "+n.Got())
	}
}

var iscsiNames = map[string]func() *regexp.Regexp{
	"iqn": pattern.New(`iqn\.\d{4}-\d{2}\.([[:alnum:]-.]+)(:[^,;*&$|\s]+)$`),
	"eui": pattern.New(`^eui.[[:alnum:]]{16}$`),
	"naa": pattern.New(`^naa.[[:alnum:]]{32}$`),
}

// iscsiName requires a name in one of the forms of iSCSI.
func iscsiName(n engine.Node) {
	text := n.Text()
	if kind := iscsiNames[text[:min(3, len(text))]]; text != "" && (kind == nil || !kind().MatchString(text)) {
		n.Fail(engine.RuleFormat, "want a name as iqn.2001-04.com.example:storage, eui.HEX or naa.HEX, "+n.Got())
	}
}

// authenticated: CHAP needs a secret.
func authenticated(n engine.Node) {
	if (n.Field("chapAuthDiscovery").Truth() || n.Field("chapAuthSession").Truth()) && !n.Field("secretRef").IsSet() {
		n.Field("secretRef").Fail(engine.RuleRequired, "is required for CHAP, got none")
	}
}

// initiatorAndPortal: the name of a volume and the address of its portal make a name of
// limited length.
func initiatorAndPortal(n engine.Node) { shortTarget(n.Field("iscsi"), n.Field("name")) }

// shortTarget requires names of a volume and of its target with at most 64 characters
// together, if there is an initiator.
func shortTarget(n engine.Node, name engine.Node) {
	portal := n.Field("targetPortal")
	if n.Field("initiatorName").IsSet() && len(name.Text())+1+len(portal.Text()) > 64 {
		portal.Fail(engine.RuleValue, "want at most 64 characters together with the name of the volume, "+portal.Got())
	}
}

func fibreChannel(n engine.Node) {
	names, ids, lun := n.Field("targetWWNs"), n.Field("wwids"), n.Field("lun")
	switch {
	case names.IsZero() && ids.IsZero():
		n.Fail(engine.RuleRequired, "want one of targetWWNs, wwids, got none")
	case !names.IsZero() && !ids.IsZero():
		n.Fail(engine.RuleConflict, "want one of targetWWNs, wwids, got 2")
	}
	if !names.IsZero() {
		lun.Run(engine.Present, engine.Between(0, 255))
	}
}

// quobyteRegistry requires hosts with ports, with commas between them.
var quobyteRegistry = engine.Written(func(text string) []string {
	for host := range strings.SplitSeq(text, ",") {
		if _, _, err := net.SplitHostPort(host); err != nil {
			return []string{"want host:port, or several with commas between"}
		}
	}
	return nil
})

func flockerDataset(n engine.Node) {
	name, id := n.Field("datasetName"), n.Field("datasetUUID")
	switch {
	case name.IsZero() && id.IsZero():
		n.Fail(engine.RuleRequired, "want one of datasetName, datasetUUID, got none")
	case !name.IsZero() && !id.IsZero():
		n.Fail(engine.RuleConflict, "want one of datasetName, datasetUUID, got 2")
	}
	if strings.Contains(name.Text(), "/") {
		name.Fail(engine.RuleFormat, "want a name without /, "+name.Got())
	}
}

// flexOptions: the prefixes kubernetes.io and k8s.io are Kubernetes' own.
func flexOptions(n engine.Node) {
	for key, value := range n.Entries() {
		prefix, _, _ := strings.Cut("."+strings.ToLower(key), "/")
		if strings.HasSuffix(prefix, ".kubernetes.io") || strings.HasSuffix(prefix, ".k8s.io") {
			value.Fail(engine.RuleValue, "the key: want another prefix than kubernetes.io and k8s.io")
		}
	}
}

// azureDisk: a managed disk is a resource of Azure, others are files.
func azureDisk(n engine.Node) {
	kind, uri := n.Field("kind"), n.Field("diskURI")
	prefix := "https://"
	if kind.Text() == "Managed" {
		prefix = "/subscriptions/"
	}
	if _, ok := uri.Value.(string); ok && !strings.HasPrefix(uri.Text(), prefix) {
		uri.Fail(engine.RuleValue, "want it to begin with "+prefix+", "+uri.Got())
	}
}
