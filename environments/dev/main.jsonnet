local config = import 'config.libsonnet';
local labels = import 'kubernetes/labels.libsonnet';
local namespace = import 'kubernetes/namespace.libsonnet';
local network = import 'kubernetes/network.libsonnet';
local rbac = import 'kubernetes/rbac.libsonnet';
local storage = import 'kubernetes/storage.libsonnet';

function(platform=config.environments.dev.platform)
  local dev = config.environments.dev + { platform: platform };
  {
    namespace: namespace.new(
      name=dev.namespace,
      labels=labels.foundation(role='namespace', instance=labels.instance(dev)),
    ),
    rbac: rbac.new(config=dev),
    storage: storage.new(config=dev),
    network: network.new(config=dev),
  }
