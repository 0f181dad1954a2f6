package validate

import (
	"net"
	"path"
	"regexp"
	"strings"

	"github.com/mop-platform/mop/internal/pattern"
)

// volumeSources adds the rules for storage that pods use as volumes or by way of
// PersistentVolumes (k8s.io/kubernetes, pkg/apis/core/validation:
// validate*VolumeSource).
func (s table) volumeSources() {
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
	s.volumeSecrets()
}

// volumeSecrets adds the rules for the secrets that open volumes, which
// PersistentVolumes name with a namespace.
func (s table) volumeSecrets() {
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
func initiatorAndPortal(n node) { n.field("iscsi").shortTarget(n.field("name")) }

// shortTarget asks for names of a volume and of its target that are no more than
// 64 characters together, where there is an initiator.
func (n node) shortTarget(name node) {
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
