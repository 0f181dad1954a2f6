local config = import 'config.libsonnet';
local network = import 'network.libsonnet';

local dev = config.environments.dev;
local production = config.environments.production;

// with returns the policies of environment with other fields for one component.
local with(environment, name, fields) =
  network.new(config=environment + { components+: { [name]+: fields } });

// withNetwork returns the policies of environment with other fields for the network.
local withNetwork(environment, fields) = network.new(config=environment + { network+: fields });

local one = network.new(config=dev);
local three = network.new(config=production);
local onS3 = dev + { storage+: { backend: 's3' } };
local s3 = network.new(config=onS3);

local tcp(ports) = [{ port: port, protocol: 'TCP' } for port in ports];

local pod(name) = {
  podSelector: {
    matchLabels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': 'mop-dev' },
  },
};
local blocks(cidrs) = [{ ipBlock: { cidr: cidr } } for cidr in cidrs];
local everything = {
  ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] },
};

local privateCidrs = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
local nodeCidrs = privateCidrs + ['100.64.0.0/10'];

local clusterDns = {
  ports: [{ port: 53, protocol: 'UDP' }, { port: 53, protocol: 'TCP' }],
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ] + blocks(['169.254.20.10/32']),
};
local apiServer = { ports: tcp([443, 6443]), to: [everything] };
local objectStorage = { ports: tcp([443]), to: [everything] };

// changes returns the rules that one policy has and the other lacks.
local minus(rules, others) = [rule for rule in rules if !std.member(others, rule)];
local changes(before, after) = {
  [direction]: {
    added: minus(after.spec[direction], before.spec[direction]),
    removed: minus(before.spec[direction], after.spec[direction]),
  }
  for direction in ['ingress', 'egress']
};
local same = { added: [], removed: [] };

local golden(name) = {
  'the whole policy in dev': {
    actual: one[name],
    golden: 'testdata/network-dev-%s.yaml' % name,
  },
  'the whole policy in production': {
    actual: three[name],
    golden: 'testdata/network-production-%s.yaml' % name,
  },
};

// The cases for Tempo, Mimir and Loki alike.
local database(name) = golden(name) + {
  local own = tcp([7946, 9095]),
  'replicas reach each other': {
    actual: changes(s3[name], with(onS3, name, { replicas: 3 })[name]),
    expected: {
      ingress: same + { added: [{ from: [pod(name)], ports: own }] },
      egress: same + { added: [{ to: [pod(name)], ports: own }] },
    },
  },
  's3 reaches object storage': {
    actual: changes(one[name], s3[name]),
    expected: { ingress: same, egress: same + { added: [objectStorage] } },
  },
};

local sidecar(name) = {
  'a sidecar reaches the api server': {
    actual: changes(one[name], with(dev, name, { sidecar: true })[name]),
    expected: {
      ingress: same,
      egress: same + { added: [apiServer] },
    },
  },
};

{
  'default-deny-all': golden('default-deny-all') + {
    'selects all pods and allows nothing': {
      actual: one['default-deny-all'].spec,
      expected: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
  },

  obi: golden('obi') + {
    'everything it may do': {
      actual: one.obi.spec,
      expected: pod('obi') + {
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [pod('alloy')], ports: tcp([9090]) }],
        egress: [{ to: [pod('alloy')], ports: tcp([4317, 4318]) }, clusterDns, apiServer],
      },
    },
  },

  alloy: golden('alloy') + {
    'admits otlp from any namespace': {
      actual: one.alloy.spec.ingress,
      expected: [{ from: [pod('obi'), { namespaceSelector: {} }], ports: tcp([4317, 4318]) }],
    },
    'everything it may reach': {
      actual: one.alloy.spec.egress,
      expected: [
        { to: [pod('tempo')], ports: tcp([4317]) },
        { to: [pod('tempo')], ports: tcp([3200]) },
        { to: [pod('mimir')], ports: tcp([8080]) },
        { to: [pod('loki')], ports: tcp([3100]) },
        { to: [pod('grafana')], ports: tcp([3000]) },
        { to: [pod('obi')], ports: tcp([9090]) },
        { to: [{ namespaceSelector: {} }], ports: [{ protocol: 'TCP' }] },
        { to: blocks(nodeCidrs), ports: tcp([10250]) },
        clusterDns,
        apiServer,
      ],
    },
    'scrapes the given ports only': {
      actual: changes(one.alloy, withNetwork(dev, { scrapePorts: [8080, 9090] }).alloy).egress,
      expected: {
        added: [{ to: [{ namespaceSelector: {} }], ports: tcp([8080, 9090]) }],
        removed: [{ to: [{ namespaceSelector: {} }], ports: [{ protocol: 'TCP' }] }],
      },
    },
    'replicas reach each other': {
      actual: changes(one.alloy, with(dev, 'alloy', { replicas: 3 }).alloy),
      expected: {
        ingress: same + { added: [{ from: [pod('alloy')], ports: tcp([12345]) }] },
        egress: same + { added: [{ to: [pod('alloy')], ports: tcp([12345]) }] },
      },
    },
    'admits and scrapes nodes when obi has their network': {
      local otlp = [pod('obi'), { namespaceSelector: {} }],
      local nodes = blocks(nodeCidrs),
      actual: changes(one.alloy, with(dev, 'obi', { hostNetwork: true }).alloy),
      expected: {
        ingress: {
          added: [{ from: otlp + nodes, ports: tcp([4317, 4318]) }],
          removed: [{ from: otlp, ports: tcp([4317, 4318]) }],
        },
        egress: {
          added: [{ to: nodes, ports: tcp([10250, 9090]) }],
          removed: [{ to: nodes, ports: tcp([10250]) }],
        },
      },
    },
  },

  tempo: database('tempo') + {
    'sends metrics to mimir': {
      actual: one.tempo.spec.egress,
      expected: [{ to: [pod('mimir')], ports: tcp([8080]) }, clusterDns],
    },
  },

  mimir: database('mimir') + {
    'reaches nothing but names': { actual: one.mimir.spec.egress, expected: [clusterDns] },
    'admits alloy, grafana and tempo': {
      actual: one.mimir.spec.ingress,
      expected: [{ from: [pod('alloy'), pod('grafana'), pod('tempo')], ports: tcp([8080]) }],
    },
  },

  loki: database('loki') + sidecar('loki'),

  grafana: golden('grafana') + sidecar('grafana') + {
    'admits the ingress controller': {
      actual: withNetwork(dev, { ingressNamespace: 'edge' }).grafana.spec.ingress,
      expected: [
        {
          from: [
            pod('alloy'),
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'edge' } } },
          ],
          ports: tcp([3000]),
        },
      ],
    },
    'replicas reach each other and the database': {
      local gossip = tcp([9094]) + [{ port: 9094, protocol: 'UDP' }],
      actual: changes(one.grafana, with(dev, 'grafana', { replicas: 2 }).grafana),
      expected: {
        ingress: same + { added: [{ from: [pod('grafana')], ports: gossip }] },
        egress: same + {
          added: [
            { to: [pod('grafana')], ports: gossip },
            { to: blocks(privateCidrs), ports: tcp([5432]) },
          ],
        },
      },
    },
    'the database may listen elsewhere': {
      actual: std.member(
        withNetwork(production, { databaseCidrs: ['10.1.2.3/32'], databasePort: 3306 })
        .grafana.spec.egress,
        { to: blocks(['10.1.2.3/32']), ports: tcp([3306]) },
      ),
      expected: true,
    },
  },

  config: {
    'a missing one is refused': {
      actual: network.new(),
      fails: 'network.new: missing parameter config',
    },
    'a wrong one is refused before anything is rendered': {
      actual: std.type(network.new(config=dev + { platform: 'gcp' })),
      fails: 'network: field platform: want one of',
    },
    'a misspelled field is refused': {
      actual: withNetwork(dev, { apiServerCidr: ['10.0.0.1/32'] }),
      fails: 'network: unknown field network.apiServerCidr in config; '
             + 'did you mean apiServerCidrs?',
    },
    'cidrs that no flow needs may be left out': {
      actual: withNetwork(dev, { objectStorageCidrs: [], databaseCidrs: [] }),
      expected: one,
    },
  },
}
