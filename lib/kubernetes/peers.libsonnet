// The peers of NetworkPolicy rules: the possible other ends of a connection.

local cidr = import 'cidr.libsonnet';
local components = import 'components.libsonnet';
local k = import 'k.libsonnet';
local labels = import 'labels.libsonnet';

local peer = k.networking.v1.networkPolicyPeer;

// The clouds' metadata services, which return the credentials of the node. A block of all
// addresses excludes them.
local metadataService(block) =
  if cidr.isIPv6(block) then 'fd00:ec2::254/128' else '169.254.169.254/32';

local ipBlock(block) =
  peer.ipBlock.withCidr(block)
  + if cidr.isEverything(block) then peer.ipBlock.withExcept([metadataService(block)]) else {};

// blocks returns a peer for each CIDR in the given field of network. It refuses an empty list: a
// rule without peers admits everybody.
local blocks(network, field) =
  if network[field] == []
  then error 'network: field network.%s: want at least one CIDR, got []' % field
  else [ipBlock(block) for block in network[field]];

// Kubernetes itself sets this label, and nobody can change it.
local namespaceCalled(name) =
  peer.namespaceSelector.withMatchLabels({ 'kubernetes.io/metadata.name': name });

{
  // of returns all peers of flows, as an object of arrays of NetworkPolicyPeers. It has the
  // components by name, and the peers outside the namespace. config is the configuration of an
  // environment.
  of(config): {
    [name]: [peer.podSelector.withMatchLabels(labels.selector(name, labels.instance(config)))]
    for name in std.objectFields(components)
  } + {
    apiServer: blocks(config.network, 'apiServerCidrs'),
    nodes: blocks(config.network, 'nodeCidrs'),
    objectStorage: blocks(config.network, 'objectStorageCidrs'),
    database: blocks(config.network, 'databaseCidrs'),
    clusterDns: [
      namespaceCalled('kube-system') + peer.podSelector.withMatchLabels({ 'k8s-app': 'kube-dns' }),
    ] + [ipBlock(block) for block in config.network.nodeLocalDnsCidrs],
    ingressController: [namespaceCalled(config.network.ingressNamespace)],
    // The pods of all namespaces. An empty peer would be invalid.
    pods: [{ namespaceSelector: {} }],
  },
}
