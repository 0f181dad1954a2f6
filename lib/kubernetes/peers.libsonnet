// Who may be at the other end of a connection: the peers of NetworkPolicy rules.

local cidr = import 'cidr.libsonnet';
local components = import 'components.libsonnet';
local k = import 'k.libsonnet';
local labels = import 'labels.libsonnet';

local peer = k.networking.v1.networkPolicyPeer;

// The clouds' metadata services, which hand out the credentials of the node: a block that holds all
// addresses leaves them out.
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
  // of returns every peer that a flow can have, as an object of arrays of NetworkPolicyPeers: the
  // components by name, and what is outside the namespace. config is an environment's
  // configuration.
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
