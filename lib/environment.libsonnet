// The shape of one environment's configuration; config.libsonnet says what its fields mean.

local shape = import 'shape.libsonnet';

local digits = '0123456789';

local isWhole(text) = text != '' && std.stripChars(text, digits) == '';

// unitOf returns what follows the number that text begins with.
local unitOf(text) = std.lstripChars(text, digits + '.');

// amountOf returns the number that text begins with, which need not be one.
local amountOf(text) = std.substr(text, 0, std.length(text) - std.length(unitOf(text)));

local isDecimal(text) =
  local parts = std.split(text, '.');
  std.length(parts) <= 2 && std.all(std.map(isWhole, parts));

// The units of Kubernetes' quantities, but for those below a thousandth (Kubernetes documentation,
// Quantity).
local units = ['', 'm']
              + ['k', 'M', 'G', 'T', 'P', 'E']
              + ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

local quantity = shape.leaf(
  'quantity, a string such as 500m, 0.5 or 2Gi',
  function(value)
    std.isString(value) && isDecimal(amountOf(value)) && std.member(units, unitOf(value)),
);

local hours = shape.leaf(
  'hours such as 168h',
  function(value) std.isString(value) && isWhole(amountOf(value)) && unitOf(value) == 'h',
);

local scrapePorts = shape.leaf(
  '"all" or a list of at least one port',
  function(value)
    value == 'all' || value != [] && shape.accepts(shape.list(shape.port), value),
);

local replicas = shape.integer(1, 99);

local resources = {
  requests: { cpu: quantity, memory: quantity },
  limits: { cpu: shape.optional(quantity), memory: quantity },
};

local component = {
  serviceAccountAnnotations: shape.map(shape.string),
  resources: resources,
};

local database = component + { replicas: replicas, retention: hours, volumeSize: quantity };
local databases = ['tempo', 'mimir', 'loki'];

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
    obi: component + { hostNetwork: shape.boolean },
    alloy: component + { replicas: replicas, prometheusOperator: shape.boolean },
    tempo: database,
    mimir: database,
    loki: database + { sidecar: shape.boolean },
    grafana: component + {
      replicas: replicas,
      sidecar: shape.boolean,
      volumeSize: shape.optional(quantity),
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

// What fields demand of each other. A database on the backend filesystem keeps its data where no
// other replica reaches it, and each copy of the data needs a replica of its own.
local rules(config) = [
  {
    field: 'components.%s.replicas' % name,
    want: '1 with storage.backend filesystem',
    got: config.components[name].replicas,
  }
  for name in databases
  if config.storage.backend == 'filesystem' && config.components[name].replicas != 1
] + [
  {
    field: 'replicationFactor',
    want: 'at most the %d replicas of components.%s' % [config.components[name].replicas, name],
    got: config.replicationFactor,
  }
  for name in databases
  if config.replicationFactor > config.components[name].replicas
];

{
  // check returns true if config is the configuration of an environment: it has the shape, and its
  // fields fit each other. Otherwise it raises an error that names component, the library that
  // takes config. Assert it before anything else, as shape.check says.
  check(component, config):
    shape.check(component, shape.constrained(fields, rules), config),
}
