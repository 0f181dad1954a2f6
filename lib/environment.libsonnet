// The shape of an environment's configuration. config.libsonnet describes its fields.

local platforms = import 'platforms.libsonnet';
local shape = import 'shape.libsonnet';

local digits = '0123456789';

local isWhole(text) = text != '' && std.stripChars(text, digits) == '';

// unitOf returns the text after the number at the beginning of text.
local unitOf(text) = std.lstripChars(text, digits + '.');

// amountOf returns the digits and points at the beginning of text, which may be no number.
local amountOf(text) = std.substr(text, 0, std.length(text) - std.length(unitOf(text)));

local isDecimal(text) =
  local parts = std.split(text, '.');
  std.length(parts) <= 2 && std.all(std.map(isWhole, parts));

// The units of Kubernetes' quantities, except those below a thousandth (Kubernetes documentation,
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
  platform: shape.enum([p.name for p in platforms]),
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

// The rules between fields. With the backend filesystem, no other replica of a database reaches its
// data. Each copy of the data needs its own replica.
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
  // fields keep the rules. Otherwise it raises an error that names component, the library that
  // takes config. Assert it before anything else, as shape.check says.
  check(component, config):
    shape.check(component, shape.constrained(fields, rules), config),
}
