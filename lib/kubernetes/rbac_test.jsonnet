local config = import 'config.libsonnet';
local rbac = import 'rbac.libsonnet';

local dev = config.environments.dev;
local production = config.environments.production;

local rendered = rbac.new(config=dev);
local names = std.objectFields(rendered);

local with(name, fields) = rbac.new(config=dev + { components+: { [name]+: fields } })[name];

local rules(objects) =
  std.get(std.get(objects, 'role', std.get(objects, 'clusterRole')), 'rules', []);

// Every rule of every component, with all knobs on.
local allRules = std.flatMap(
  rules,
  std.objectValues(rbac.new(config=dev + {
    components+: { loki+: { sidecar: true }, grafana+: { sidecar: true } },
  })),
);

local configMaps = [
  { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] },
];

// The cases of a component whose access to the API depends on a knob.
local sidecar(name) = {
  'has no rules without a sidecar': { actual: std.objectHas(rendered[name].role, 'rules'), expected: false },
  'a sidecar reads config maps': {
    actual: with(name, { sidecar: true }).role.rules,
    expected: configMaps,
  },
  'does not mount its token, even for a sidecar': {
    actual: with(name, { sidecar: true }).serviceAccount.automountServiceAccountToken,
    expected: false,
  },
};

{
  obi: {
    'reads what its informers read': {
      actual: rendered.obi.clusterRole.rules,
      expected: [
        { apiGroups: [''], resources: ['nodes', 'pods', 'services'], verbs: ['list', 'watch'] },
      ],
    },
    'everything of it': {
      actual: rbac.new(config=production).obi,
      golden: 'testdata/rbac-obi.yaml',
    },
  },

  alloy: {
    local readsMonitors(objects) = std.length([
      rule
      for rule in objects.clusterRole.rules
      if std.get(rule, 'apiGroups', []) == ['monitoring.coreos.com']
    ]) > 0,
    'reads monitors by default': { actual: readsMonitors(rendered.alloy), expected: true },
    'reads no monitors without the operator': {
      actual: readsMonitors(with('alloy', { prometheusOperator: false })),
      expected: false,
    },
    'everything of it': {
      actual: rbac.new(config=production).alloy,
      golden: 'testdata/rbac-alloy.yaml',
    },
  },

  tempo: {
    'has no rules': { actual: std.objectHas(rendered.tempo.role, 'rules'), expected: false },
    'everything of it': {
      actual: rbac.new(config=production).tempo,
      golden: 'testdata/rbac-tempo.yaml',
    },
  },

  mimir: {
    'has no rules': { actual: std.objectHas(rendered.mimir.role, 'rules'), expected: false },
  },

  loki: sidecar('loki'),

  grafana: sidecar('grafana'),

  every: {
    'component has its objects': {
      local namespaced = ['role', 'roleBinding', 'serviceAccount'],
      local clusterWide = ['clusterRole', 'clusterRoleBinding', 'serviceAccount'],
      actual: { [name]: std.objectFields(rendered[name]) for name in names },
      expected: {
        obi: clusterWide,
        alloy: clusterWide,
        tempo: namespaced,
        mimir: namespaced,
        loki: namespaced,
        grafana: namespaced,
      },
    },
    'service account has its name': {
      actual: { [name]: rendered[name].serviceAccount.metadata.name for name in names },
      expected: {
        obi: 'obi-collector',
        alloy: 'alloy',
        tempo: 'tempo',
        mimir: 'mimir',
        loki: 'loki',
        grafana: 'grafana',
      },
    },
    'service account has no annotations by default': {
      actual: [
        name
        for name in names
        if std.objectHas(rendered[name].serviceAccount.metadata, 'annotations')
      ],
      expected: [],
    },
    'service account has its own annotations': {
      local annotations(objects) = std.get(objects.serviceAccount.metadata, 'annotations'),
      actual: {
        [name]: std.mapWithKey(
          function(_, objects) annotations(objects),
          rbac.new(config=dev + {
            components+: { [name]+: { serviceAccountAnnotations: { 'a.b/c': 'd' } } },
          }),
        )
        for name in names
      },
      expected: {
        [name]: { [other]: null for other in names } + { [name]: { 'a.b/c': 'd' } }
        for name in names
      },
    },
    'token is mounted only where the component calls the api': {
      actual: [
        name
        for name in names
        if rendered[name].serviceAccount.automountServiceAccountToken
      ],
      expected: ['alloy', 'obi'],
    },
    'cluster role carries the environment': {
      actual: [
        rbac.new(config=environment)[name].clusterRole.metadata.name
        for environment in [dev, production]
        for name in ['obi', 'alloy']
      ],
      expected: ['mop-dev-obi', 'mop-dev-alloy', 'mop-production-obi', 'mop-production-alloy'],
    },
    'verb only reads': {
      actual: std.set(std.flatMap(function(rule) rule.verbs, allRules)),
      expected: ['get', 'list', 'watch'],
    },
    'rule is free of secrets, nodes/proxy and wildcards': {
      actual: [
        resource
        for rule in allRules
        for resource in std.get(rule, 'resources', [])
        if std.member(['secrets', 'nodes/proxy', '*'], resource)
      ],
      expected: [],
    },
    'binding grants the role to the account': {
      actual: rendered.tempo.roleBinding,
      expected: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: rendered.tempo.role.metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'tempo' },
        subjects: [{ kind: 'ServiceAccount', name: 'tempo', namespace: 'observability-dev' }],
      },
    },
  },

  config: {
    'a missing one is refused': {
      actual: rbac.new(),
      fails: 'rbac.new: missing parameter config',
    },
    'a wrong one is refused before anything is rendered': {
      actual: std.type(rbac.new(config=dev + { platform: 'gcp' })),
      fails: 'rbac: field platform: want one of',
    },
    'a misspelled knob is refused': {
      actual: with('alloy', { prometheusOperater: false }),
      fails: 'rbac: unknown field components.alloy.prometheusOperater in config; '
             + 'did you mean prometheusOperator?',
    },
  },
}
