local config = import 'config.libsonnet';
local environment = import 'environment.libsonnet';

local dev = config.environments.dev;

local accepts(value) = { actual: environment.check('test', value), expected: true };
local refuses(value, message) = {
  actual: environment.check('test', dev + value),
  fails: 'test: ' + message,
};

local tempo(fields) = { components+: { tempo+: fields } };
local replicas(name, number) = { components+: { [name]+: { replicas: number } } };
local onS3 = { storage+: { backend: 's3' } };
local databases = ['tempo', 'mimir', 'loki'];
local network(fields) = { network+: fields };

{
  environments: {
    [name]: { 'has the shape': accepts(config.environments[name]) }
    for name in std.objectFields(config.environments)
  },

  platform: {
    'an unknown one is refused': refuses(
      { platform: 'gcp' },
      'field platform: want one of gke, eks, aks, local, got "gcp"',
    ),
  },

  name: {
    'a capital is refused': refuses({ name: 'Dev' }, 'field name: want DNS-1123 label'),
  },

  namespace: {
    'a dot is refused': refuses({ namespace: 'a.b' }, 'field namespace: want DNS-1123 label'),
  },

  components: {
    'a missing field is refused': {
      actual: environment.check('test', dev + {
        components+: { tempo: { retention: '1h', volumeSize: '1Gi' } },
      }),
      fails: 'test: missing field components.tempo.replicas in config',
    },
    'an unknown component is refused': refuses(
      { components+: { tempoo: {} } },
      'unknown field components.tempoo in config; did you mean tempo?',
    ),
    'an unknown field is refused': refuses(
      tempo({ replica: 3 }),
      'unknown field components.tempo.replica in config; did you mean replicas?',
    ),
    'a sidecar is only for loki and grafana': refuses(
      tempo({ sidecar: true }),
      'unknown field components.tempo.sidecar in config',
    ),
    'no replicas are refused': refuses(
      tempo({ replicas: 0 }),
      'field components.tempo.replicas: want integer from 1 to 99, got 0',
    ),
    'a retention in days is refused': refuses(
      tempo({ retention: '7d' }),
      'field components.tempo.retention: want hours such as 168h, got "7d"',
    ),
    'a volume size without its unit is refused': refuses(
      tempo({ volumeSize: '10GB' }),
      'field components.tempo.volumeSize: want quantity, a string such as 500m, 0.5 or 2Gi, got "10GB"',
    ),
    'a quantity that is a number is refused': refuses(
      tempo({ resources+: { requests+: { cpu: 1 } } }),
      'field components.tempo.resources.requests.cpu: want quantity, a string such as 500m, 0.5 or 2Gi, got 1',
    ),
    'fractions and decimal units are quantities': accepts(
      dev + tempo({ volumeSize: '1.5T', resources+: { requests+: { cpu: '0.5', memory: '500M' } } }),
    ),
    'two points are no quantity': refuses(
      tempo({ volumeSize: '1.5.0Gi' }),
      'field components.tempo.volumeSize: want quantity',
    ),
    'a unit alone is no quantity': refuses(
      tempo({ volumeSize: 'Gi' }),
      'field components.tempo.volumeSize: want quantity',
    ),
    'a memory limit is required': refuses(
      tempo({ resources+: { limits: { cpu: '1' } } }),
      'missing field components.tempo.resources.limits.memory in config',
    ),
    'a cpu limit is optional': accepts(
      dev + tempo({ resources+: { limits: { memory: '1Gi' } } }),
    ),
    'annotations are optional': accepts(
      dev + { components+: { obi+: { serviceAccountAnnotations: { 'a.b/c': 'd' } } } },
    ),
    'an annotation that is no string is refused': refuses(
      tempo({ serviceAccountAnnotations: { 'a.b/c': 1 } }),
      'field components.tempo.serviceAccountAnnotations.a.b/c: want string, got 1',
    ),
    'a knob that is no boolean is refused': refuses(
      { components+: { loki+: { sidecar: 'yes' } } },
      'field components.loki.sidecar: want boolean, got "yes"',
    ),
  },

  storage: {
    'an unknown backend is refused': refuses(
      { storage+: { backend: 'gcs' } },
      'field storage.backend: want one of filesystem, s3, got "gcs"',
    ),
    'an unknown class is refused': refuses(
      { storage+: { class: 'fast' } },
      'field storage.class: want one of mop-standard, mop-fast-ssd, got "fast"',
    ),
    'an unknown reclaim policy is refused': refuses(
      { storage+: { reclaimPolicy: 'Retian' } },
      'field storage.reclaimPolicy: want one of Delete, Retain, got "Retian"',
    ),
  },

  replicas: {
    'the filesystem is not shared': {
      [name]: refuses(
        replicas(name, 3),
        'field components.%s.replicas: want 1 with storage.backend filesystem, got 3' % name,
      )
      for name in databases
    },
    's3 is shared': {
      [name]: accepts(dev + onS3 + replicas(name, 3))
      for name in databases
    },
    'alloy and grafana keep nothing on the filesystem': accepts(
      dev + replicas('alloy', 3) + replicas('grafana', 3),
    ),
  },

  'replication factor': {
    local three = onS3 + { replicationFactor: 3 },
    local enough = std.foldl(
      function(fields, name) fields + replicas(name, 3),
      databases,
      three,
    ),
    'as many copies as replicas are accepted': accepts(dev + enough),
    'more copies than replicas are refused': {
      [name]: refuses(
        enough + replicas(name, 2),
        'field replicationFactor: want at most the 2 replicas of components.%s, got 3' % name,
      )
      for name in databases
    },
    'more copies than one replica are refused': refuses(
      { replicationFactor: 3 },
      'field replicationFactor: want at most the 1 replicas of components.tempo, got 3',
    ),
    'replicas of alloy and grafana hold no copies': accepts(
      dev + enough + replicas('alloy', 1) + replicas('grafana', 1),
    ),
  },

  network: {
    'every list of cidrs is checked': {
      [field]: refuses(
        network({ [field]: ['10.0.0.0'] }),
        'field network.%s[0]: want CIDR such as 10.0.0.0/8, got "10.0.0.0"' % field,
      )
      for field in std.objectFields(dev.network)
      if std.endsWith(field, 'Cidrs')
    },
    'a single cidr is refused': refuses(
      network({ nodeCidrs: '10.0.0.0/8' }),
      'field network.nodeCidrs: want array, got "10.0.0.0/8"',
    ),
    'a port that is a string is refused': refuses(
      network({ databasePort: '5432' }),
      'field network.databasePort: want integer from 1 to 65535, got "5432"',
    ),
    'a list of scrape ports is accepted': accepts(dev + network({ scrapePorts: [8080, 9090] })),
    'no scrape ports are refused': refuses(
      network({ scrapePorts: [] }),
      'field network.scrapePorts: want "all" or a list of at least one port, got []',
    ),
    'a scrape port that is no port is refused': refuses(
      network({ scrapePorts: [8080, 0] }),
      'field network.scrapePorts: want "all" or a list of at least one port, got [8080,0]',
    ),
    'other words for scrape ports are refused': refuses(
      network({ scrapePorts: 'any' }),
      'field network.scrapePorts: want "all" or a list of at least one port, got "any"',
    ),
  },
}
