local namespace = import 'namespace.libsonnet';

local labelsOf(object) = object.metadata.labels;
local refuses(name, labels, message) = {
  actual: namespace.new(name=name, labels=labels),
  fails: message,
};

{
  new: {
    'the whole namespace': {
      actual: namespace.new(name='team'),
      expected: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: 'team',
          labels: {
            'app.kubernetes.io/name': 'mop',
            'app.kubernetes.io/instance': 'team',
            'app.kubernetes.io/version': '0.1.0',
            'app.kubernetes.io/component': 'namespace',
            'app.kubernetes.io/part-of': 'mop',
            'app.kubernetes.io/managed-by': 'mop',
            'pod-security.kubernetes.io/enforce': 'privileged',
            'pod-security.kubernetes.io/enforce-version': 'latest',
            'pod-security.kubernetes.io/audit': 'restricted',
            'pod-security.kubernetes.io/audit-version': 'latest',
            'pod-security.kubernetes.io/warn': 'restricted',
            'pod-security.kubernetes.io/warn-version': 'latest',
          },
        },
      },
    },
    'a missing name is refused': {
      actual: namespace.new(),
      fails: 'namespace.new: missing parameter name',
    },
    'a wrong name is refused before anything is rendered': {
      actual: std.type(namespace.new(name='a.b')),
      fails: 'namespace.new: parameter name: want DNS-1123 label',
    },
  },

  name: {
    local noLabel = 'namespace.new: parameter name: want DNS-1123 label',
    '63 characters are accepted': {
      actual: namespace.new(name=std.repeat('a', 63)).metadata.name,
      expected: std.repeat('a', 63),
    },
    '64 characters are refused': refuses(std.repeat('a', 64), {}, noLabel),
    'a capital is refused': refuses('Team', {}, noLabel),
    'a dot is refused': refuses('a.b', {}, noLabel),
    'a dash at the start is refused': refuses('-a', {}, noLabel),
    'the empty name is refused': refuses('', {}, noLabel),
    'null is a missing name': refuses(null, {}, 'namespace.new: missing parameter name'),
    'a number is refused': refuses(1, {}, noLabel),
  },

  labels: {
    'are added': {
      actual: labelsOf(namespace.new(name='team', labels={ owner: 'me' })).owner,
      expected: 'me',
    },
    'win over the defaults': {
      actual: labelsOf(namespace.new(
        name='team',
        labels={ 'pod-security.kubernetes.io/enforce': 'baseline' },
      ))['pod-security.kubernetes.io/enforce'],
      expected: 'baseline',
    },
    'that are no object are refused': refuses(
      'team',
      ['owner'],
      'namespace.new: parameter labels: want object, got ["owner"]',
    ),
    'that are no strings are refused': refuses(
      'team',
      { owner: true },
      'namespace.new: parameter labels.owner: want string, got true',
    ),
  },
}
