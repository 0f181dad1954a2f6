{
  new(name, replicas=1):: {
    assert replicas > 0 : 'replicas: want at least 1, got %d' % replicas,
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: name },
    spec: { replicas: replicas },
  },
}
