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
  },

  name: {
    '63 characters are accepted': {
      actual: namespace.new(name=std.repeat('a', 63)).metadata.name,
      expected: std.repeat('a', 63),
    },
    '64 characters are refused': refuses(
      std.repeat('a', 64),
      {},
      'namespace.new: field name: want DNS-1123 label',
    ),
    'a capital is refused': refuses('Team', {}, 'namespace.new: field name: want DNS-1123 label'),
    'a dot is refused': refuses('a.b', {}, 'namespace.new: field name: want DNS-1123 label'),
    'a dash at the start is refused': refuses('-a', {}, 'namespace.new: field name: want'),
    'the empty name is refused': refuses('', {}, 'namespace.new: field name: want DNS-1123 label'),
    'a number is refused': refuses(1, {}, 'namespace.new: field name: want DNS-1123 label'),
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
      'namespace.new: field labels: want object, got ["owner"]',
    ),
    'that are no strings are refused': refuses(
      'team',
      { owner: true },
      'namespace.new: field labels.owner: want string, got true',
    ),
  },
}
