local config = import 'config.libsonnet';

local environments = config.environments;
local names = std.objectFields(environments);

// inEach returns what get returns for each environment.
local inEach(get) = { [name]: get(environments[name]) for name in names };

local replicas(environment) = {
  [name]: environment.components[name].replicas
  for name in std.objectFields(environment.components)
  if name != 'obi'
};

{
  environments: {
    'there are three': { actual: names, expected: ['dev', 'production', 'staging'] },
    'each has its own name': {
      actual: inEach(function(environment) environment.name),
      expected: { [name]: name for name in names },
    },
    'each has its own namespace': {
      actual: inEach(function(environment) environment.namespace),
      expected: {
        dev: 'observability-dev',
        staging: 'observability-staging',
        production: 'observability',
      },
    },
    'only dev is local': {
      actual: inEach(function(environment) environment.platform),
      expected: { dev: 'local', staging: 'eks', production: 'eks' },
    },
    'only dev keeps data on its volumes': {
      actual: inEach(function(environment) environment.storage.backend),
      expected: { dev: 'filesystem', staging: 's3', production: 's3' },
    },
    'only production retains volumes': {
      actual: inEach(function(environment) environment.storage.reclaimPolicy),
      expected: { dev: 'Delete', staging: 'Delete', production: 'Retain' },
    },
  },

  replicas: {
    dev: {
      actual: replicas(environments.dev),
      expected: { alloy: 1, tempo: 1, mimir: 1, loki: 1, grafana: 1 },
    },
    staging: {
      actual: replicas(environments.staging),
      expected: { alloy: 2, tempo: 3, mimir: 3, loki: 3, grafana: 2 },
    },
    production: {
      actual: replicas(environments.production),
      expected: { alloy: 3, tempo: 3, mimir: 3, loki: 3, grafana: 3 },
    },
  },

  knobs: {
    'all are off but the prometheus operator': {
      actual: inEach(function(environment) [
        environment.components.obi.hostNetwork,
        environment.components.alloy.prometheusOperator,
        environment.components.loki.sidecar,
        environment.components.grafana.sidecar,
      ]),
      expected: { [name]: [false, true, false, false] for name in names },
    },
    'no service account has annotations': {
      actual: inEach(function(environment) std.set([
        component.serviceAccountAnnotations
        for component in std.objectValues(environment.components)
      ], std.toString)),
      expected: { [name]: [{}] for name in names },
    },
  },

  components: {
    'the image has the tag of the version': {
      actual: [
        name
        for name in std.objectFields(config.components)
        if !std.endsWith(config.components[name].image, ':' + config.components[name].version)
      ],
      expected: [],
    },
    'versions are': {
      actual: std.mapWithKey(function(name, facts) facts.version, config.components),
      expected: {
        obi: 'v1.0.0',
        alloy: 'v1.18.1',
        tempo: '2.10.8',
        mimir: '3.2.1',
        loki: '3.7.6',
        grafana: '13.2.0',
      },
    },
    'every one is configured in every environment': {
      actual: inEach(function(environment) std.objectFields(environment.components)),
      expected: { [name]: std.objectFields(config.components) for name in names },
    },
  },
}
