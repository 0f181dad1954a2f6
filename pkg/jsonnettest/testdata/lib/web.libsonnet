{
  new(name, replicas=1)::
    assert replicas > 0 : 'web: want at least 1 replica, got %d' % replicas;
    { name: name, spec: { replicas: replicas } },
}
