package refer

// controller says what the controller of a kind makes for each object of it.
type controller struct {
	// Group and Kind are those of the objects. Kind "*" is any kind of the group
	// that has no entry of its own.
	Group, Kind string
	// Makes are the objects that it makes, as KIND[.GROUP]/NAME, in the namespace of the
	// object. In NAME, * stands for any characters, and {name} for the object's name.
	// {spec.a.*.b|name} stands for the strings in a field, of each item if a step is *; if
	// there is no such string, it stands for the part after the bar.
	Makes []string
	// Pods says that the controller runs pods.
	Pods bool
}

// Controllers returns the known controllers of widespread kinds.
func Controllers() []controller { return controllers }

// controllers are grouped by their projects. A kind that only configures others makes
// nothing; it is here so that nothing is guessed about it.
var controllers = []controller{
	// Kubernetes itself makes these claims
	// (pkg/controller/statefulset/stateful_set_utils.go).
	{Group: "apps", Kind: "StatefulSet", Makes: []string{"PersistentVolumeClaim/{spec.volumeClaimTemplates.*.metadata.name}-{name}-*"}, Pods: true},

	// github.com/prometheus-operator/prometheus-operator, pkg/prometheus,
	// pkg/alertmanager and pkg/thanos.
	{Group: "monitoring.coreos.com", Kind: "Prometheus", Makes: []string{
		"Service/prometheus-operated", "StatefulSet.apps/prometheus-{name}", "StatefulSet.apps/prometheus-{name}-shard-*",
		"Secret/prometheus-{name}", "Secret/prometheus-{name}-tls-assets*", "Secret/prometheus-{name}-web-config",
		"Secret/prometheus-{name}-thanos-prometheus-http-client-file", "ConfigMap/prometheus-{name}-rulefiles-*",
		"PersistentVolumeClaim/*-prometheus-{name}-*",
	}, Pods: true},
	{Group: "monitoring.coreos.com", Kind: "PrometheusAgent", Makes: []string{
		"Service/prometheus-agent-operated", "StatefulSet.apps/prom-agent-{name}", "StatefulSet.apps/prom-agent-{name}-shard-*",
		"DaemonSet.apps/prom-agent-{name}", "Secret/prom-agent-{name}", "Secret/prom-agent-{name}-tls-assets*", "Secret/prom-agent-{name}-web-config",
		"PersistentVolumeClaim/*-prom-agent-{name}-*",
	}, Pods: true},
	{Group: "monitoring.coreos.com", Kind: "Alertmanager", Makes: []string{
		"Service/alertmanager-operated", "StatefulSet.apps/alertmanager-{name}",
		"Secret/alertmanager-{name}-generated", "Secret/alertmanager-{name}-tls-assets*", "Secret/alertmanager-{name}-web-config",
		"Secret/alertmanager-{name}-cluster-tls-config", "PersistentVolumeClaim/*-alertmanager-{name}-*",
	}, Pods: true},
	{Group: "monitoring.coreos.com", Kind: "ThanosRuler", Makes: []string{
		"Service/thanos-ruler-operated", "StatefulSet.apps/thanos-ruler-{name}", "Secret/thanos-ruler-{name}-tls-assets*",
		"Secret/thanos-ruler-{name}-web-config", "ConfigMap/thanos-ruler-{name}-rulefiles-*",
		"PersistentVolumeClaim/*-thanos-ruler-{name}-*",
	}, Pods: true},
	{Group: "monitoring.coreos.com", Kind: "*"},

	// github.com/grafana/grafana-operator, controllers/model/grafana_resources.go.
	{Group: "grafana.integreatly.org", Kind: "Grafana", Makes: []string{
		"Deployment.apps/{name}-deployment", "Service/{name}-service", "ServiceAccount/{name}-sa", "Secret/{name}-admin-credentials",
		"ConfigMap/{name}-ini", "PersistentVolumeClaim/{name}-pvc", "Ingress.networking.k8s.io/{name}-ingress",
	}, Pods: true},
	{Group: "grafana.integreatly.org", Kind: "GrafanaServiceAccount", Makes: []string{"Secret/{spec.tokens.*.secretName}", "Secret/{name}-*"}},
	{Group: "grafana.integreatly.org", Kind: "*"},

	// github.com/open-telemetry/opentelemetry-operator, internal/naming.
	{Group: "opentelemetry.io", Kind: "OpenTelemetryCollector", Makes: []string{
		"Service/{name}-collector", "Service/{name}-collector-headless", "Service/{name}-collector-monitoring", "Service/{name}-collector-extension",
		"Service/{name}-targetallocator", "ServiceAccount/{name}-collector", "ServiceAccount/{name}-targetallocator",
		"ConfigMap/{name}-collector*", "ConfigMap/{name}-targetallocator", "Deployment.apps/{name}-collector", "Deployment.apps/{name}-targetallocator",
		"DaemonSet.apps/{name}-collector", "StatefulSet.apps/{name}-collector", "Ingress.networking.k8s.io/{name}-ingress",
	}, Pods: true},
	{Group: "opentelemetry.io", Kind: "Instrumentation"},

	// github.com/cert-manager/cert-manager, pkg/apis/certmanager/v1, and trust-manager.
	{Group: "cert-manager.io", Kind: "Certificate", Makes: []string{"Secret/{spec.secretName}"}},
	{Group: "cert-manager.io", Kind: "Issuer", Makes: []string{"Secret/{spec.acme.privateKeySecretRef.name}"}},
	{Group: "cert-manager.io", Kind: "ClusterIssuer", Makes: []string{"Secret/{spec.acme.privateKeySecretRef.name}"}},
	{Group: "cert-manager.io", Kind: "*"},
	{Group: "trust.cert-manager.io", Kind: "Bundle", Makes: []string{"ConfigMap/{name}", "Secret/{name}"}},

	// github.com/external-secrets/external-secrets, apis/externalsecrets/v1.
	{Group: "external-secrets.io", Kind: "ExternalSecret", Makes: []string{"Secret/{spec.target.name|name}"}},
	{Group: "external-secrets.io", Kind: "ClusterExternalSecret", Makes: []string{
		"Secret/{spec.externalSecretSpec.target.name|spec.externalSecretName|name}",
	}},
	{Group: "external-secrets.io", Kind: "*"},
	// github.com/bitnami-labs/sealed-secrets, pkg/apis/sealedsecrets: a name in the template is passed over.
	{Group: "bitnami.com", Kind: "SealedSecret", Makes: []string{"Secret/{name}"}},
	// github.com/hashicorp/vault-secrets-operator, api/v1beta1.
	{Group: "secrets.hashicorp.com", Kind: "*", Makes: []string{"Secret/{spec.destination.name}"}},
	// github.com/1Password/onepassword-operator.
	{Group: "onepassword.com", Kind: "OnePasswordItem", Makes: []string{"Secret/{name}"}},
	// github.com/kubernetes-sigs/secrets-store-csi-driver.
	{Group: "secrets-store.csi.x-k8s.io", Kind: "SecretProviderClass", Makes: []string{"Secret/{spec.secretObjects.*.secretName}"}},

	// github.com/cloudnative-pg/cloudnative-pg, api/v1/cluster_types.go.
	{Group: "postgresql.cnpg.io", Kind: "Cluster", Makes: []string{
		"Service/{name}-rw", "Service/{name}-ro", "Service/{name}-r", "Service/{name}-any", "Service/{spec.managed.services.additional.*.serviceTemplate.metadata.name}",
		"Secret/{name}-app", "Secret/{name}-superuser", "Secret/{name}-ca", "Secret/{name}-server", "Secret/{name}-replication",
		"ServiceAccount/{name}", "PersistentVolumeClaim/{name}-*",
	}, Pods: true},
	{Group: "postgresql.cnpg.io", Kind: "Pooler", Makes: []string{"Service/{name}", "Deployment.apps/{name}", "ServiceAccount/{name}"}, Pods: true},
	{Group: "postgresql.cnpg.io", Kind: "*"},
	// github.com/zalando/postgres-operator, docs/reference.
	{Group: "acid.zalan.do", Kind: "postgresql", Makes: []string{
		"Service/{name}", "Service/{name}-repl", "Service/{name}-pooler", "Service/{name}-pooler-repl", "StatefulSet.apps/{name}",
		"Secret/*.{name}.credentials.postgresql.acid.zalan.do", "PersistentVolumeClaim/pgdata-{name}-*",
	}, Pods: true},

	// github.com/strimzi/strimzi-kafka-operator, the lists of resources in its guide to deploying.
	{Group: "kafka.strimzi.io", Kind: "Kafka", Makes: []string{
		"Service/{name}-kafka-*", "Service/{name}-zookeeper-*", "Service/{name}-cruise-control",
		"Secret/{name}-cluster-ca", "Secret/{name}-cluster-ca-cert", "Secret/{name}-clients-ca", "Secret/{name}-clients-ca-cert",
		"Secret/{name}-cluster-operator-certs", "Secret/{name}-kafka-*", "Secret/{name}-zookeeper-*", "Secret/{name}-entity-*", "Secret/{name}-cruise-control-*",
		"ServiceAccount/{name}-kafka", "ServiceAccount/{name}-zookeeper", "ServiceAccount/{name}-entity-operator", "ServiceAccount/{name}-kafka-exporter",
		"ServiceAccount/{name}-cruise-control", "ConfigMap/{name}-*", "Deployment.apps/{name}-entity-operator", "Deployment.apps/{name}-kafka-exporter",
		"Deployment.apps/{name}-cruise-control", "PersistentVolumeClaim/data-*{name}-*",
	}, Pods: true},
	{Group: "kafka.strimzi.io", Kind: "KafkaNodePool", Makes: []string{"PersistentVolumeClaim/data-*-{name}-*"}, Pods: true},
	{Group: "kafka.strimzi.io", Kind: "KafkaUser", Makes: []string{"Secret/{name}"}},
	{Group: "kafka.strimzi.io", Kind: "KafkaConnect", Makes: []string{"Service/{name}-connect*", "ServiceAccount/{name}-connect", "ConfigMap/{name}-connect*", "Deployment.apps/{name}-connect"}, Pods: true},
	{Group: "kafka.strimzi.io", Kind: "KafkaMirrorMaker2", Makes: []string{"Service/{name}-mirrormaker2*", "ServiceAccount/{name}-mirrormaker2", "ConfigMap/{name}-mirrormaker2*"}, Pods: true},
	{Group: "kafka.strimzi.io", Kind: "KafkaBridge", Makes: []string{"Service/{name}-bridge-service", "ServiceAccount/{name}-bridge", "ConfigMap/{name}-bridge*", "Deployment.apps/{name}-bridge"}, Pods: true},
	{Group: "kafka.strimzi.io", Kind: "KafkaTopic"},
	{Group: "kafka.strimzi.io", Kind: "KafkaConnector"},
	{Group: "kafka.strimzi.io", Kind: "KafkaRebalance"},

	// github.com/rabbitmq/cluster-operator, internal/resource, and messaging-topology-operator.
	{Group: "rabbitmq.com", Kind: "RabbitmqCluster", Makes: []string{
		"Service/{name}", "Service/{name}-nodes", "Secret/{name}-default-user", "Secret/{name}-erlang-cookie",
		"ConfigMap/{name}-server-conf", "ConfigMap/{name}-plugins-conf", "ServiceAccount/{name}-server", "StatefulSet.apps/{name}-server",
		"PersistentVolumeClaim/persistence-{name}-server-*",
	}, Pods: true},
	{Group: "rabbitmq.com", Kind: "User", Makes: []string{"Secret/{name}-user-credentials"}},
	{Group: "rabbitmq.com", Kind: "*"},

	// github.com/elastic/cloud-on-k8s, pkg/controller.
	{Group: "elasticsearch.k8s.elastic.co", Kind: "Elasticsearch", Makes: []string{
		"Service/{name}-es-*", "Secret/{name}-es-*", "ConfigMap/{name}-es-*", "StatefulSet.apps/{name}-es-{spec.nodeSets.*.name}", "PersistentVolumeClaim/*-{name}-es-*",
	}, Pods: true},
	{Group: "kibana.k8s.elastic.co", Kind: "Kibana", Makes: []string{"Service/{name}-kb-http", "Secret/{name}-kb-*", "Deployment.apps/{name}-kb"}, Pods: true},
	{Group: "apm.k8s.elastic.co", Kind: "ApmServer", Makes: []string{"Service/{name}-apm-http", "Secret/{name}-apm-*", "Deployment.apps/{name}-apm-server"}, Pods: true},
	{Group: "logstash.k8s.elastic.co", Kind: "Logstash", Makes: []string{"Service/{name}-ls-*", "Secret/{name}-ls-*", "StatefulSet.apps/{name}-ls", "PersistentVolumeClaim/*-{name}-ls-*"}, Pods: true},

	// github.com/minio/operator, pkg/apis/minio.min.io/v2.
	{Group: "minio.min.io", Kind: "Tenant", Makes: []string{
		"Service/minio", "Service/{name}-console", "Service/{name}-hl", "ServiceAccount/{name}-sa", "Secret/{name}-tls",
		"StatefulSet.apps/{name}-{spec.pools.*.name}", "PersistentVolumeClaim/*-{name}-*",
	}, Pods: true},

	// github.com/kedacore/keda, apis/keda/v1alpha1/scaledobject_types.go.
	{Group: "keda.sh", Kind: "ScaledObject", Makes: []string{"HorizontalPodAutoscaler.autoscaling/{spec.advanced.horizontalPodAutoscalerConfig.name}", "HorizontalPodAutoscaler.autoscaling/keda-hpa-{name}"}},
	{Group: "keda.sh", Kind: "TriggerAuthentication"},
	{Group: "keda.sh", Kind: "ClusterTriggerAuthentication"},

	// github.com/fluxcd/flagger, pkg/canary and pkg/router.
	{Group: "flagger.app", Kind: "Canary", Makes: []string{
		"Service/{spec.service.name|spec.targetRef.name}", "Service/{spec.service.name|spec.targetRef.name}-canary", "Service/{spec.service.name|spec.targetRef.name}-primary",
		"Deployment.apps/{spec.targetRef.name}-primary", "DaemonSet.apps/{spec.targetRef.name}-primary",
		"HorizontalPodAutoscaler.autoscaling/{spec.autoscalerRef.name}-primary", "ConfigMap/*-primary", "Secret/*-primary",
	}, Pods: true},
	{Group: "flagger.app", Kind: "*"},

	// Routes and policies of networks, which proxies read that run already.
	{Group: "gateway.networking.k8s.io", Kind: "Gateway", Makes: []string{
		"Service/{name}-{spec.gatewayClassName}", "Deployment.apps/{name}-{spec.gatewayClassName}", "ServiceAccount/{name}-{spec.gatewayClassName}",
		"Service/cilium-gateway-{name}",
	}, Pods: true},
	{Group: "gateway.networking.k8s.io", Kind: "*"},
	// istiod puts its certificate into each namespace (github.com/istio/istio, security/pkg/k8s).
	{Group: "networking.istio.io", Kind: "*", Makes: []string{"ConfigMap/istio-ca-root-cert"}},
	{Group: "security.istio.io", Kind: "*"},
	{Group: "telemetry.istio.io", Kind: "*"},
	{Group: "cilium.io", Kind: "*"},
	{Group: "crd.projectcalico.org", Kind: "*"},
	{Group: "projectcalico.org", Kind: "*"},
	{Group: "traefik.io", Kind: "*"},
	{Group: "policy.networking.k8s.io", Kind: "*"},
	{Group: "elbv2.k8s.aws", Kind: "*"},
	{Group: "cloud.google.com", Kind: "*"},
	{Group: "networking.gke.io", Kind: "*"},
	{Group: "externaldns.k8s.io", Kind: "*"},

	// These are about workloads that others make, and often have their names.
	{Group: "argoproj.io", Kind: "Rollout"}, // its pods are those of its template
	{Group: "argoproj.io", Kind: "AnalysisTemplate"},
	{Group: "argoproj.io", Kind: "AppProject"},
	{Group: "autoscaling.k8s.io", Kind: "*"},
	{Group: "monitoring.googleapis.com", Kind: "*"},
	{Group: "operator.victoriametrics.com", Kind: "VMServiceScrape"},
	{Group: "operator.victoriametrics.com", Kind: "VMPodScrape"},
	{Group: "operator.victoriametrics.com", Kind: "VMRule"},
	{Group: "source.toolkit.fluxcd.io", Kind: "*"},
	{Group: "notification.toolkit.fluxcd.io", Kind: "*"},
	{Group: "image.toolkit.fluxcd.io", Kind: "*"},
	{Group: "snapshot.storage.k8s.io", Kind: "*"},
	{Group: "templates.gatekeeper.sh", Kind: "*"},
	{Group: "constraints.gatekeeper.sh", Kind: "*"},
}

// controllerOf returns the controller of a kind; ok is false if it is unknown.
func controllerOf(kind GroupKind) (c controller, ok bool) {
	for _, c := range controllers {
		if c.Group == kind.Group && (c.Kind == kind.Kind || c.Kind == "*") {
			return c, true
		}
	}
	return controller{}, false
}
