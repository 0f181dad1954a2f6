// The shape of one environment's configuration; config.libsonnet says what its fields mean.

local shape = import 'shape.libsonnet';

local startsWithDigit(text) = text != '' && std.member('0123456789', text[0]);

// unitOf returns what follows the digits that text begins with.
local unitOf(text) = std.lstripChars(text, '0123456789');

local quantity = shape.leaf(
  'quantity such as 500m or 2Gi',
  function(value)
    std.isString(value)
    && startsWithDigit(value)
    && std.member(['', 'm', 'Ki', 'Mi', 'Gi', 'Ti'], unitOf(value)),
);

local hours = shape.leaf(
  'hours such as 168h',
  function(value) std.isString(value) && startsWithDigit(value) && unitOf(value) == 'h',
);

local isPort(value) = shape.port('', value) == [];

local scrapePorts = shape.leaf(
  '"all" or a list of at least one port',
  function(value)
    value == 'all' || std.isArray(value) && value != [] && std.all(std.map(isPort, value)),
);

local replicas = shape.integer(1, 99);

local resources = {
  requests: { cpu: quantity, memory: quantity },
  limits: { cpu: shape.optional(quantity), memory: quantity },
};

local database = {
  replicas: replicas,
  retention: hours,
  volumeSize: quantity,
  resources: resources,
};

local fields = {
  name: shape.dnsLabel,
  namespace: shape.dnsLabel,
  platform: shape.enum(['gke', 'eks', 'aks', 'local']),
  replicationFactor: shape.integer(1, 9),

  storage: {
    backend: shape.enum(['filesystem', 's3']),
    class: shape.enum(['mop-standard', 'mop-fast-ssd']),
    reclaimPolicy: shape.enum(['Delete', 'Retain']),
  },

  components: {
    obi: { hostNetwork: shape.boolean, resources: resources },
    alloy: { replicas: replicas, prometheusOperator: shape.boolean, resources: resources },
    tempo: database,
    mimir: database,
    loki: database + { sidecar: shape.boolean },
    grafana: {
      replicas: replicas,
      sidecar: shape.boolean,
      volumeSize: shape.optional(quantity),
      resources: resources,
    },
  },

  network: {
    apiServerCidrs: shape.list(shape.cidr),
    nodeCidrs: shape.list(shape.cidr),
    nodeLocalDnsCidrs: shape.list(shape.cidr),
    objectStorageCidrs: shape.list(shape.cidr),
    databaseCidrs: shape.list(shape.cidr),
    databasePort: shape.port,
    ingressNamespace: shape.dnsLabel,
    scrapePorts: scrapePorts,
  },
};

{
  // check returns config if it has the shape of one environment's configuration. Otherwise it
  // raises an error that names component, the library that takes config.
  check(component, config): shape.check(component, fields, config),
}
