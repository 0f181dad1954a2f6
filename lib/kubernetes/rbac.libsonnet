// The service accounts of the components, and their rights to read from the Kubernetes API.
//
// A component has a rule only if it is known to make the call. No rule writes, reads secrets or
// allows nodes/proxy, where a GET can execute commands in every pod of the node
// (Kubernetes documentation, RBAC Good Practices).

local components = import 'components.libsonnet';
local environment = import 'environment.libsonnet';
local k = import 'k.libsonnet';
local labels = import 'labels.libsonnet';

local clusterRole = k.rbac.v1.clusterRole;
local clusterRoleBinding = k.rbac.v1.clusterRoleBinding;
local role = k.rbac.v1.role;
local roleBinding = k.rbac.v1.roleBinding;
local serviceAccount = k.core.v1.serviceAccount;
local subject = k.rbac.v1.subject;

// A client with a cache lists objects, then watches them. Alloy's also gets single objects.
local read = ['get', 'list', 'watch'];

// OBI's informers (OBI documentation, Deploy OBI in Kubernetes). That page adds replicasets, but
// pkg/kube starts no informer for them. It derives a Deployment's name from its ReplicaSet's.
local obiRules = [
  { apiGroups: [''], resources: ['nodes', 'pods', 'services'], verbs: ['list', 'watch'] },
];

// Alloy's discovery, logs and events, from the values of its Helm chart (rbac.rules) without the
// rules on secrets and config maps.
local alloyRules = [
  {
    apiGroups: [''],
    resources: ['endpoints', 'events', 'namespaces', 'nodes', 'pods', 'services'],
    verbs: read,
  },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: read },
  // The owners of pods, for otelcol.processor.k8sattributes.
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: read },
  // Subresources that permit only get: for loki.source.kubernetes, and the metrics of kubelets.
  { apiGroups: [''], resources: ['nodes/metrics', 'pods/log'], verbs: ['get'] },
  // The metrics of the API server.
  { nonResourceURLs: ['/metrics'], verbs: ['get'] },
];

local prometheusOperatorRules = [
  {
    apiGroups: ['monitoring.coreos.com'],
    resources: ['podmonitors', 'probes', 'scrapeconfigs', 'servicemonitors'],
    verbs: read,
  },
];

// Sidecars that load rules or dashboards list all config maps and select some by label.
local sidecarRules = [
  { apiGroups: [''], resources: ['configmaps'], verbs: read },
];

local rulesOf(config) = {
  obi: obiRules,
  alloy: alloyRules
         + (if config.components.alloy.prometheusOperator then prometheusOperatorRules else []),
  // Neither calls the API, because replicas find each other by DNS (Mimir documentation, Configure
  // hash rings; the Tempo chart has no Role at all).
  tempo: [],
  mimir: [],
  loki: if config.components.loki.sidecar then sidecarRules else [],
  grafana: if config.components.grafana.sidecar then sidecarRules else [],
};

// account returns the service account of the component with this name. It mounts the token only if
// every pod of the component needs it.
local account(config, name, mountToken) =
  local annotations = config.components[name].serviceAccountAnnotations;
  serviceAccount.new(components[name].serviceAccount)
  + serviceAccount.metadata.withNamespace(config.namespace)
  + serviceAccount.metadata.withLabels(labels.component(name, labels.instance(config)))
  + (if annotations == {} then {} else serviceAccount.metadata.withAnnotations(annotations))
  + serviceAccount.withAutomountServiceAccountToken(mountToken);

// clusterWide returns the objects of a component that reads the whole cluster.
local clusterWide(config, name) = {
  local instance = labels.instance(config),
  // The name contains that of the environment, because two may share a cluster.
  local ownName = instance + '-' + name,
  local ownLabels = labels.component(name, instance),

  serviceAccount: account(config, name, mountToken=true),
  clusterRole:
    clusterRole.new(ownName)
    + clusterRole.metadata.withLabels(ownLabels)
    + clusterRole.withRules(rulesOf(config)[name]),
  clusterRoleBinding:
    clusterRoleBinding.new(ownName)
    + clusterRoleBinding.metadata.withLabels(ownLabels)
    + clusterRoleBinding.bindRole(self.clusterRole)
    + clusterRoleBinding.withSubjects([subject.fromServiceAccount(self.serviceAccount)]),
};

// namespaced returns the objects of a component that reads at most its own namespace. A role
// without rules has no field rules. With an empty list each server-side apply of Kubernetes 1.29
// would give it a new resourceVersion.
local namespaced(config, name) = {
  local ownLabels = labels.component(name, labels.instance(config)),
  local rules = rulesOf(config)[name],

  serviceAccount: account(config, name, mountToken=false),
  role:
    role.new(name)
    + role.metadata.withNamespace(config.namespace)
    + role.metadata.withLabels(ownLabels)
    + (if rules == [] then {} else role.withRules(rules)),
  roleBinding:
    roleBinding.new(name)
    + roleBinding.metadata.withNamespace(config.namespace)
    + roleBinding.metadata.withLabels(ownLabels)
    + roleBinding.bindRole(self.role)
    + roleBinding.withSubjects([subject.fromServiceAccount(self.serviceAccount)]),
};

{
  // new returns the service account, role and binding of each component of an environment. config
  // is its configuration. OBI and Alloy have { serviceAccount, clusterRole, clusterRoleBinding },
  // the others { serviceAccount, role, roleBinding }.
  new(config=error 'rbac.new: missing parameter config'):
    assert environment.check('rbac', config);
    {
      obi: clusterWide(config, 'obi'),
      alloy: clusterWide(config, 'alloy'),
      tempo: namespaced(config, 'tempo'),
      mimir: namespaced(config, 'mimir'),
      loki: namespaced(config, 'loki'),
      grafana: namespaced(config, 'grafana'),
    },
}
