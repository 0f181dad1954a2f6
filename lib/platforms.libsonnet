// The platforms on which a cluster may run, in the order in which messages name them. Each has
//
//   name         its name in the configuration of environments
//   provisioner  the driver of its volumes
//   parameters   the driver's parameters by StorageClass, from its documentation, if it has any;
//                all are strings
//   expandable   whether the driver can expand volumes

[
  {
    name: 'gke',
    provisioner: 'pd.csi.storage.gke.io',
    parameters: {
      'mop-standard': { type: 'pd-balanced', 'csi.storage.k8s.io/fstype': 'ext4' },
      // Machines from the third generation on (C3, N4) accept only Hyperdisks. Their type is
      // hyperdisk-balanced.
      'mop-fast-ssd': { type: 'pd-ssd', 'csi.storage.k8s.io/fstype': 'ext4' },
    },
    expandable: true,
  },
  {
    name: 'eks',
    // EKS Auto Mode has another driver, ebs.csi.eks.amazonaws.com.
    provisioner: 'ebs.csi.aws.com',
    parameters: {
      // The driver encrypts only when asked to.
      'mop-standard': { type: 'gp3', encrypted: 'true', 'csi.storage.k8s.io/fstype': 'ext4' },
      // Twice what gp3 gives by default: 3000 operations and 125 MiB a second.
      'mop-fast-ssd': {
        type: 'gp3',
        iops: '6000',
        throughput: '250',
        encrypted: 'true',
        'csi.storage.k8s.io/fstype': 'ext4',
      },
    },
    expandable: true,
  },
  {
    name: 'aks',
    provisioner: 'disk.csi.azure.com',
    parameters: {
      'mop-standard': { skuName: 'StandardSSD_LRS' },
      // Not PremiumV2_LRS, which only some regions have, and only on zonal nodes.
      'mop-fast-ssd': { skuName: 'Premium_LRS' },
    },
    expandable: true,
  },
  {
    name: 'local',
    // local-path-provisioner, which is a part of kind and k3s. A volume there is a directory of the
    // node.
    provisioner: 'rancher.io/local-path',
    // With true a claim could ask for it in vain.
    expandable: false,
  },
]
