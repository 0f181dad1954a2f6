// The whole environments, on every platform.

local dev = import '../environments/dev/main.jsonnet';
local devSpec = import '../environments/dev/spec.json';
local production = import '../environments/production/main.jsonnet';
local productionSpec = import '../environments/production/spec.json';
local staging = import '../environments/staging/main.jsonnet';
local stagingSpec = import '../environments/staging/spec.json';
local config = import 'config.libsonnet';

local platforms = ['gke', 'eks', 'aks', 'local'];

// flatten returns the Kubernetes objects in a tree.
local flatten(tree) =
  if std.objectHas(tree, 'kind') then [tree]
  else std.flatMap(flatten, std.objectValues(tree));

local count(values) = std.foldl(
  function(counts, value) counts + { [value]: std.get(counts, value, 0) + 1 },
  values,
  {},
);

local kinds = {
  Namespace: 1,
  ServiceAccount: 6,
  ClusterRole: 2,
  ClusterRoleBinding: 2,
  Role: 4,
  RoleBinding: 4,
  NetworkPolicy: 7,
  StorageClass: 1,
};
local clusterScoped = ['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'StorageClass'];

local recommended = [
  'app.kubernetes.io/component',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/name',
  'app.kubernetes.io/part-of',
  'app.kubernetes.io/version',
];

local nameOf(selector) = selector.matchLabels['app.kubernetes.io/name'];

// connections returns the connections between components that the rules in a direction allow, as a
// set of strings. peers is the name of a rule's field with its peers. format formats the component
// that the policy selects (own), its peer and the port.
local connections(policies, direction, peers, format) = std.set([
  format % {
    own: nameOf(policy.spec.podSelector),
    peer: nameOf(peer.podSelector),
    port: port.port,
    protocol: port.protocol,
  }
  for policy in std.objectValues(policies)
  for rule in std.get(policy.spec, direction, [])
  for peer in rule[peers]
  if std.objectFields(peer) == ['podSelector']
  for port in rule.ports
]);

// The cases of one environment: its main.jsonnet, its spec.json and its name.
local checks(environment, spec, name) = {
  local objects = flatten(environment()),
  local namespace = config.environments[name].namespace,

  'has 27 objects on every platform': {
    actual: [std.length(flatten(environment(platform=platform))) for platform in platforms],
    expected: [27, 27, 27, 27],
  },
  'has these kinds': {
    actual: count([object.kind for object in objects]),
    expected: kinds,
  },
  'has no object twice': {
    actual: std.length(std.set([
      object.kind + ' ' + object.metadata.name
      for object in objects
    ])),
    expected: 27,
  },
  'puts every namespaced object into its namespace': {
    actual: [
      object
      for object in objects
      if std.get(object.metadata, 'namespace')
         != (if std.member(clusterScoped, object.kind) then null else namespace)
    ],
    expected: [],
  },
  'gives every object the recommended labels': {
    actual: [
      object
      for object in objects
      if std.setDiff(recommended, std.objectFields(object.metadata.labels)) != []
    ],
    expected: [],
  },
  'gives every object but the storage class its instance': {
    actual: std.set([
      object.metadata.labels['app.kubernetes.io/instance']
      for object in objects
      if object.kind != 'StorageClass'
    ]),
    expected: ['mop-' + name],
  },
  'lets in what it lets out, between components': {
    local policies = environment().network,
    actual: connections(policies, 'egress', 'to', '%(own)s to %(peer)s %(port)d %(protocol)s'),
    expected: connections(policies, 'ingress', 'from', '%(peer)s to %(own)s %(port)d %(protocol)s'),
  },
  'names its directory and namespace in its spec': {
    actual: [spec.metadata.name, spec.spec.namespace],
    expected: ['environments/' + name, namespace],
  },
  'refuses an unknown platform': {
    actual: environment(platform='gcp'),
    fails: 'field platform: want one of gke, eks, aks, local, got "gcp"',
  },
};

{
  dev: checks(dev, devSpec, 'dev'),
  staging: checks(staging, stagingSpec, 'staging'),
  production: checks(production, productionSpec, 'production'),

  'one cluster': {
    'can hold two environments': {
      local names(environment) = std.set([
        object.kind + ' ' + object.metadata.name
        for object in flatten(environment())
        if std.member(clusterScoped, object.kind)
      ]),
      actual: std.setInter(names(dev), names(staging)),
      expected: ['StorageClass mop-standard'],
    },
  },
}
