// The StorageClass of all volumes.

local environment = import 'environment.libsonnet';
local k = import 'k.libsonnet';
local labels = import 'labels.libsonnet';

local storageClass = k.storage.v1.storageClass;

local provisioners = {
  gke: 'pd.csi.storage.gke.io',
  // EKS Auto Mode has another driver, ebs.csi.eks.amazonaws.com.
  eks: 'ebs.csi.aws.com',
  aks: 'disk.csi.azure.com',
  // local-path-provisioner, which is a part of kind and k3s.
  'local': 'rancher.io/local-path',
};

// The parameters by class and platform, from the documentation of the drivers. All are strings.
// local has none, because a volume there is a directory of the node.
local parameters = {
  'mop-standard': {
    gke: { type: 'pd-balanced', 'csi.storage.k8s.io/fstype': 'ext4' },
    // The driver encrypts only when asked to.
    eks: { type: 'gp3', encrypted: 'true', 'csi.storage.k8s.io/fstype': 'ext4' },
    aks: { skuName: 'StandardSSD_LRS' },
  },
  'mop-fast-ssd': {
    // Machines from the third generation on (C3, N4) accept only Hyperdisks. Their type is
    // hyperdisk-balanced.
    gke: { type: 'pd-ssd', 'csi.storage.k8s.io/fstype': 'ext4' },
    // Twice what gp3 gives by default: 3000 operations and 125 MiB a second.
    eks: {
      type: 'gp3',
      iops: '6000',
      throughput: '250',
      encrypted: 'true',
      'csi.storage.k8s.io/fstype': 'ext4',
    },
    // Not PremiumV2_LRS, which only some regions have, and only on zonal nodes.
    aks: { skuName: 'Premium_LRS' },
  },
};

{
  // new returns the StorageClass of an environment, as { storageClass }. config is its
  // configuration.
  new(config=error 'storage.new: missing parameter config'):
    assert environment.check('storage', config);
    local class = config.storage.class;
    local platform = config.platform;
    {
      storageClass:
        storageClass.new(class)
        // A StorageClass belongs to the cluster, and its provisioner and parameters cannot be
        // changed. Environments that share a cluster share the class, so it must be equal in all of
        // them: its instance is the class itself.
        + storageClass.metadata.withLabels(labels.foundation(role='storage', instance=class))
        + storageClass.withProvisioner(provisioners[platform])
        + (
          if platform == 'local' then {}
          else storageClass.withParameters(parameters[class][platform])
        )
        + storageClass.withReclaimPolicy(config.storage.reclaimPolicy)
        // By default the disk is made before the pod has a node, and perhaps in another zone.
        + storageClass.withVolumeBindingMode('WaitForFirstConsumer')
        // local-path-provisioner cannot expand volumes. With true a claim could ask for it in vain.
        + storageClass.withAllowVolumeExpansion(platform != 'local'),
    },
}
