local d = import 'doc.libsonnet';
local volumes = import 'volumes.libsonnet';
local workload(own) = volumes(function(x) { spec+: { template+: x } }) + own;

// What the constructors have in common: labelled pods of containers.
local pods(name, containers, podLabels) =
  local labels = { name: name } + podLabels;
  {
    spec+: {
      selector+: { matchLabels: labels },
      template+: {
        metadata+: { labels: labels },
        spec+: { containers: if std.isArray(containers) then containers else [containers] },
      },
    },
  };

local replicated(replicas) = if replicas == null then {} else { spec+: { replicas: replicas } };

{
  v1+: {
    daemonSet+: workload({
      '#new':: d.fn('`new` returns a DaemonSet whose pods have the label name.', [d.arg('name', 'string'), d.arg('containers', 'array', []), d.arg('podLabels', 'object', {})]),
      new(name, containers=[], podLabels={}):: super.new(name) + pods(name, containers, podLabels),
    }),

    deployment+: workload({
      '#new':: d.fn('`new` returns a Deployment whose pods have the label name. `replicas` null leaves their number to another.', [d.arg('name', 'string'), d.arg('replicas', 'number', 1), d.arg('containers', 'array'), d.arg('podLabels', 'object', {})]),
      new(name, replicas=1, containers=error 'containers unset', podLabels={})::
        super.new(name) + replicated(replicas) + pods(name, containers, podLabels),
    }),

    replicaSet+: workload({}),

    statefulSet+: workload({
      '#new':: d.fn('`new` returns a StatefulSet whose pods have the label name. `replicas` null leaves their number to another.', [d.arg('name', 'string'), d.arg('replicas', 'number', 1), d.arg('containers', 'array'), d.arg('volumeClaims', 'array', []), d.arg('podLabels', 'object', {})]),
      new(name, replicas=1, containers=error 'containers unset', volumeClaims=[], podLabels={})::
        local claims = if std.isArray(volumeClaims) then volumeClaims else [volumeClaims];
        super.new(name)
        + replicated(replicas)
        + pods(name, containers, podLabels)
        + (if claims == [] then {} else { spec+: { volumeClaimTemplates: claims } }),
    }),
  },
}
