// The NetworkPolicies, which allow only the flows of flows.libsonnet.

local components = import 'components.libsonnet';
local environment = import 'environment.libsonnet';
local flows = import 'flows.libsonnet';
local k = import 'k.libsonnet';
local labels = import 'labels.libsonnet';
local peers = import 'peers.libsonnet';

local networkPolicy = k.networking.v1.networkPolicy;

local policy(config, name, labels, spec) =
  networkPolicy.new(name)
  + networkPolicy.metadata.withNamespace(config.namespace)
  + networkPolicy.metadata.withLabels(labels)
  + { spec: spec }
  + networkPolicy.spec.withPolicyTypes(['Ingress', 'Egress']);

// Policies add up, and none can deny. This one selects all pods and allows nothing, so that each
// pod has only the connections that its own policy allows.
local defaultDenyAll(config) = policy(
  config,
  name='default-deny-all',
  labels=labels.foundation(role='network', instance=labels.instance(config)),
  spec={ podSelector: {} },
);

// componentPolicy returns the policy of the component with this name. It has a rule for each flow
// from or to the component. Without a flow in a direction, it allows nothing in that direction.
local componentPolicy(config, name) =
  local instance = labels.instance(config);
  local known = peers.of(config);
  local ingress = [
    { from: std.flatMap(function(peer) known[peer], flow.from), ports: flow.ports }
    for flow in flows.of(config)
    if flow.to == name
  ];
  local egress = [
    { to: known[flow.to], ports: flow.ports }
    for flow in flows.of(config)
    if std.member(flow.from, name)
  ];
  policy(
    config,
    name=name,
    labels=labels.component(name, instance),
    spec={
      podSelector: { matchLabels: labels.selector(name, instance) },
      [if ingress != [] then 'ingress']: ingress,
      [if egress != [] then 'egress']: egress,
    },
  );

{
  // new returns the NetworkPolicies of an environment, by name: default-deny-all, and one for each
  // component. config is its configuration.
  new(config=error 'network.new: missing parameter config'):
    assert environment.check('network', config);
    { 'default-deny-all': defaultDenyAll(config) }
    + { [name]: componentPolicy(config, name) for name in std.objectFields(components) },
}
