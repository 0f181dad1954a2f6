// The namespace that all components share.

local k = import 'k.libsonnet';
local labels = import 'labels.libsonnet';
local shape = import 'shape.libsonnet';

local namespace = k.core.v1.namespace;

local podSecurity = {
  // OBI needs the process namespace of its node, and capabilities such as BPF and SYS_PTRACE, which
  // both the baseline and the restricted level refuse (Kubernetes documentation, Pod Security
  // Standards). A namespace cannot exempt one of its pods, so this level holds for all.
  'pod-security.kubernetes.io/enforce': 'privileged',
  'pod-security.kubernetes.io/enforce-version': 'latest',
  // The other components fit the restricted level: audit and warn if one does not.
  'pod-security.kubernetes.io/audit': 'restricted',
  'pod-security.kubernetes.io/audit-version': 'latest',
  'pod-security.kubernetes.io/warn': 'restricted',
  'pod-security.kubernetes.io/warn-version': 'latest',
};

local defaults(name) = labels.foundation(role='namespace', instance=name) + podSecurity;

local parameters = { name: shape.dnsLabel, labels: shape.map(shape.string) };

{
  // new returns a Namespace with this name. It has the labels of Pod Security and the recommended
  // ones, with name as the instance. labels are added to these, and take precedence.
  new(name=error 'namespace.new: missing parameter name', labels={}):
    local given = { name: name, labels: labels };
    assert shape.check('namespace.new', parameters, given, noun='parameter');
    namespace.new(name) + namespace.metadata.withLabels(defaults(name) + labels),
}
