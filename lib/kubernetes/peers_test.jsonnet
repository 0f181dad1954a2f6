local config = import 'config.libsonnet';
local peers = import 'peers.libsonnet';

// of returns the peers of dev with other fields for the network.
local of(network) = peers.of(config.environments.dev + { network+: network });

local kubeDns = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};

local refusesNone(peer, field) = {
  'no cidrs are refused': {
    actual: of({ [field]: [] })[peer],
    fails: 'network: field network.%s: want at least one CIDR, got []' % field,
  },
};

{
  component: {
    'is selected by name and instance': {
      actual: of({}).tempo,
      expected: [
        {
          podSelector: {
            matchLabels: {
              'app.kubernetes.io/name': 'tempo',
              'app.kubernetes.io/instance': 'mop-dev',
            },
          },
        },
      ],
    },
  },

  'api server': refusesNone('apiServer', 'apiServerCidrs') + {
    'everywhere leaves out the metadata service': {
      actual: of({ apiServerCidrs: ['0.0.0.0/0', '::/0'] }).apiServer,
      expected: [
        { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } },
        { ipBlock: { cidr: '::/0', except: ['fd00:ec2::254/128'] } },
      ],
    },
    'a smaller block is as it is': {
      actual: of({ apiServerCidrs: ['10.0.0.0/8', 'fd00::/8'] }).apiServer,
      expected: [{ ipBlock: { cidr: '10.0.0.0/8' } }, { ipBlock: { cidr: 'fd00::/8' } }],
    },
  },

  nodes: refusesNone('nodes', 'nodeCidrs'),

  'object storage': refusesNone('objectStorage', 'objectStorageCidrs'),

  database: refusesNone('database', 'databaseCidrs'),

  'cluster dns': {
    'is kube-dns in its namespace, and the local caches': {
      actual: of({ nodeLocalDnsCidrs: ['169.254.10.10/32'] }).clusterDns,
      expected: [kubeDns, { ipBlock: { cidr: '169.254.10.10/32' } }],
    },
    'needs no local cache': {
      actual: of({ nodeLocalDnsCidrs: [] }).clusterDns,
      expected: [kubeDns],
    },
    'everywhere leaves out the metadata service': {
      actual: of({ nodeLocalDnsCidrs: ['0.0.0.0/0'] }).clusterDns[1].ipBlock.except,
      expected: ['169.254.169.254/32'],
    },
  },

  'ingress controller': {
    'is the pods of its namespace': {
      actual: of({ ingressNamespace: 'edge' }).ingressController,
      expected: [
        { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'edge' } } },
      ],
    },
  },

  pods: {
    'are those of all namespaces': {
      actual: of({}).pods,
      expected: [{ namespaceSelector: {} }],
    },
  },
}
