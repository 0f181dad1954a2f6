// The StorageClass of all volumes.

local environment = import 'environment.libsonnet';
local k = import 'k.libsonnet';
local labels = import 'labels.libsonnet';
local platforms = import 'platforms.libsonnet';

local storageClass = k.storage.v1.storageClass;

{
  // new returns the StorageClass of an environment, as { storageClass }. config is its
  // configuration.
  new(config=error 'storage.new: missing parameter config'):
    assert environment.check('storage', config);
    local class = config.storage.class;
    local platform = [p for p in platforms if p.name == config.platform][0];
    {
      storageClass:
        storageClass.new(class)
        // A StorageClass belongs to the cluster, and its provisioner and parameters cannot be
        // changed. Environments that share a cluster share the class, so it must be equal in all of
        // them: its instance is the class itself.
        + storageClass.metadata.withLabels(labels.foundation(role='storage', instance=class))
        + storageClass.withProvisioner(platform.provisioner)
        + (
          if std.objectHas(platform, 'parameters') then storageClass.withParameters(platform.parameters[class])
          else {}
        )
        + storageClass.withReclaimPolicy(config.storage.reclaimPolicy)
        // By default the disk is made before the pod has a node, and perhaps in another zone.
        + storageClass.withVolumeBindingMode('WaitForFirstConsumer')
        + storageClass.withAllowVolumeExpansion(platform.expandable),
    },
}
