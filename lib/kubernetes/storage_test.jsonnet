local config = import 'config.libsonnet';
local storage = import 'storage.libsonnet';

local dev = config.environments.dev;
local staging = config.environments.staging;
local production = config.environments.production;

local on(environment, platform) =
  storage.new(config=environment + { platform: platform }).storageClass;

// Whether the class of an environment has these values on a platform.
local rendered(environment, platform, provisioner, parameters) = {
  local class = on(environment, platform),
  actual: [class.provisioner, class.parameters],
  expected: [provisioner, parameters],
};

local clouds = ['gke', 'eks', 'aks'];

{
  standard: {
    gke: rendered(staging, 'gke', 'pd.csi.storage.gke.io', {
      type: 'pd-balanced',
      'csi.storage.k8s.io/fstype': 'ext4',
    }),
    eks: rendered(staging, 'eks', 'ebs.csi.aws.com', {
      type: 'gp3',
      encrypted: 'true',
      'csi.storage.k8s.io/fstype': 'ext4',
    }),
    aks: rendered(staging, 'aks', 'disk.csi.azure.com', { skuName: 'StandardSSD_LRS' }),
    'the whole class on local': {
      actual: storage.new(config=dev),
      expected: {
        storageClass: {
          apiVersion: 'storage.k8s.io/v1',
          kind: 'StorageClass',
          metadata: {
            name: 'mop-standard',
            labels: {
              'app.kubernetes.io/name': 'mop',
              'app.kubernetes.io/instance': 'mop-standard',
              'app.kubernetes.io/version': '0.1.0',
              'app.kubernetes.io/component': 'storage',
              'app.kubernetes.io/part-of': 'mop',
              'app.kubernetes.io/managed-by': 'mop',
            },
          },
          provisioner: 'rancher.io/local-path',
          reclaimPolicy: 'Delete',
          volumeBindingMode: 'WaitForFirstConsumer',
          allowVolumeExpansion: false,
        },
      },
    },
    'environments that share a cluster share it': {
      actual: [on(dev, platform) == on(staging, platform) for platform in clouds + ['local']],
      expected: [true, true, true, true],
    },
  },

  'fast ssd': {
    gke: rendered(production, 'gke', 'pd.csi.storage.gke.io', {
      type: 'pd-ssd',
      'csi.storage.k8s.io/fstype': 'ext4',
    }),
    eks: rendered(production, 'eks', 'ebs.csi.aws.com', {
      type: 'gp3',
      iops: '6000',
      throughput: '250',
      encrypted: 'true',
      'csi.storage.k8s.io/fstype': 'ext4',
    }),
    aks: rendered(production, 'aks', 'disk.csi.azure.com', { skuName: 'Premium_LRS' }),
    'local has no parameters': {
      actual: std.objectHas(on(production, 'local'), 'parameters'),
      expected: false,
    },
    'the whole class on eks': {
      actual: on(production, 'eks'),
      golden: 'testdata/storage-production-eks.yaml',
    },
  },

  every: {
    'expands except on local': {
      actual: [on(production, platform).allowVolumeExpansion for platform in clouds + ['local']],
      expected: [true, true, true, false],
    },
    'waits for its first consumer': {
      actual: std.set([
        on(environment, platform).volumeBindingMode
        for environment in [dev, staging, production]
        for platform in clouds + ['local']
      ]),
      expected: ['WaitForFirstConsumer'],
    },
    'retains volumes in production only': {
      actual: [on(environment, 'eks').reclaimPolicy for environment in [dev, staging, production]],
      expected: ['Delete', 'Delete', 'Retain'],
    },
    'is not the default class': {
      actual: std.objectHas(on(production, 'eks').metadata, 'annotations'),
      expected: false,
    },
  },

  config: {
    'a missing one is refused': {
      actual: storage.new(),
      fails: 'storage.new: missing parameter config',
    },
    'a wrong one is refused before anything is rendered': {
      actual: std.type(storage.new(config=dev + { platform: 'gcp' })),
      fails: 'storage: field platform: want one of',
    },
    'an unknown platform is refused': {
      actual: on(dev, 'gcp'),
      fails: 'storage: field platform: want one of gke, eks, aks, local, got "gcp"',
    },
    'a misspelled reclaim policy is refused': {
      actual: storage.new(config=dev + { storage+: { reclaimPolicy: 'Retian' } }),
      fails: 'storage: field storage.reclaimPolicy: want one of Delete, Retain, got "Retian"',
    },
    'a misspelled field is refused': {
      actual: storage.new(config=dev + { storage+: { reclaimpolice: 'Delete' } }),
      fails: 'storage: unknown field storage.reclaimpolice in config; '
             + 'did you mean reclaimPolicy?',
    },
  },
}
