local config = import 'config.libsonnet';
local labels = import 'kubernetes/labels.libsonnet';
local namespace = import 'kubernetes/namespace.libsonnet';
local network = import 'kubernetes/network.libsonnet';
local rbac = import 'kubernetes/rbac.libsonnet';
local storage = import 'kubernetes/storage.libsonnet';

function(platform=config.environments.staging.platform)
  local staging = config.environments.staging + { platform: platform };
  {
    namespace: namespace.new(
      name=staging.namespace,
      labels=labels.foundation(role='namespace', instance=labels.instance(staging)),
    ),
    rbac: rbac.new(config=staging),
    storage: storage.new(config=staging),
    network: network.new(config=staging),
  }
