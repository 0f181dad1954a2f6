local config = import 'config.libsonnet';
local labels = import 'kubernetes/labels.libsonnet';
local namespace = import 'kubernetes/namespace.libsonnet';
local network = import 'kubernetes/network.libsonnet';
local rbac = import 'kubernetes/rbac.libsonnet';
local storage = import 'kubernetes/storage.libsonnet';

function(platform=config.environments.production.platform)
  local production = config.environments.production + { platform: platform };
  {
    namespace: namespace.new(
      name=production.namespace,
      labels=labels.foundation(role='namespace', instance=labels.instance(production)),
    ),
    rbac: rbac.new(config=production),
    storage: storage.new(config=production),
    network: network.new(config=production),
  }
