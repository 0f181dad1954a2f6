local config = import 'config.libsonnet';
local flows = import 'flows.libsonnet';

local dev = config.environments.dev;

local portText(port) = '%s/%s' % [std.get(port, 'port', 'any'), port.protocol];

// of returns the flows of an environment as a set of strings.
local of(environment) = std.set([
  '%s to %s: %s' % [
    std.join(', ', flow.from),
    flow.to,
    std.join(', ', std.map(portText, flow.ports)),
  ]
  for flow in flows.of(environment)
]);

local one = of(dev);

// switches is a case of dev with other fields. It expects the flows that these add and remove.
local switches(fields, added, removed=[]) = {
  local with = of(dev + fields),
  actual: { added: std.setDiff(with, one), removed: std.setDiff(one, with) },
  expected: { added: added, removed: removed },
};

local component(name, fields) = { components+: { [name]+: fields } };

{
  dev: {
    'has these flows': {
      actual: one,
      expected: [
        'alloy to nodes: 10250/TCP',
        'alloy to obi: 9090/TCP',
        'alloy to pods: any/TCP',
        'alloy to tempo: 4317/TCP',
        'alloy, grafana to loki: 3100/TCP',
        'alloy, grafana to tempo: 3200/TCP',
        'alloy, grafana, loki, mimir, obi, tempo to clusterDns: 53/UDP, 53/TCP',
        'alloy, grafana, tempo to mimir: 8080/TCP',
        'alloy, ingressController to grafana: 3000/TCP',
        'obi, alloy to apiServer: 443/TCP, 6443/TCP',
        'obi, pods to alloy: 4317/TCP, 4318/TCP',
      ],
    },
  },

  replicas: {
    alloy: switches(component('alloy', { replicas: 2 }), ['alloy to alloy: 12345/TCP']),
    tempo: switches(component('tempo', { replicas: 2 }), ['tempo to tempo: 7946/TCP, 9095/TCP']),
    mimir: switches(component('mimir', { replicas: 2 }), ['mimir to mimir: 7946/TCP, 9095/TCP']),
    loki: switches(component('loki', { replicas: 2 }), ['loki to loki: 7946/TCP, 9095/TCP']),
    grafana: switches(
      component('grafana', { replicas: 2 }),
      ['grafana to database: 5432/TCP', 'grafana to grafana: 9094/TCP, 9094/UDP'],
    ),
    'grafana, with a database on another port': switches(
      component('grafana', { replicas: 2 }) + { network+: { databasePort: 3306 } },
      ['grafana to database: 3306/TCP', 'grafana to grafana: 9094/TCP, 9094/UDP'],
    ),
  },

  sidecar: {
    loki: switches(
      component('loki', { sidecar: true }),
      ['obi, alloy, loki to apiServer: 443/TCP, 6443/TCP'],
      removed=['obi, alloy to apiServer: 443/TCP, 6443/TCP'],
    ),
    grafana: switches(
      component('grafana', { sidecar: true }),
      ['obi, alloy, grafana to apiServer: 443/TCP, 6443/TCP'],
      removed=['obi, alloy to apiServer: 443/TCP, 6443/TCP'],
    ),
  },

  hostNetwork: {
    obi: switches(
      component('obi', { hostNetwork: true }),
      ['alloy to nodes: 10250/TCP, 9090/TCP', 'obi, pods, nodes to alloy: 4317/TCP, 4318/TCP'],
      removed=['alloy to nodes: 10250/TCP', 'obi, pods to alloy: 4317/TCP, 4318/TCP'],
    ),
  },

  storage: {
    's3 is reached by the databases': switches(
      { storage+: { backend: 's3' } },
      ['tempo, mimir, loki to objectStorage: 443/TCP'],
    ),
  },

  network: {
    'alloy scrapes the given ports only': switches(
      { network+: { scrapePorts: [8080, 9090] } },
      ['alloy to pods: 8080/TCP, 9090/TCP'],
      removed=['alloy to pods: any/TCP'],
    ),
  },

  prometheusOperator: {
    alloy: switches(component('alloy', { prometheusOperator: false }), []),
  },
}
