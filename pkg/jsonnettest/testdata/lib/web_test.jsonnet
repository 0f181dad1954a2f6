local web = import 'web.libsonnet';

{
  replicas: {
    'one unless said otherwise': { actual: web.new('a').spec.replicas, expected: 1 },
    'refuses none': { actual: web.new('a', replicas=0), fails: 'want at least 1' },
  },
  'whole object': { actual: web.new('a'), golden: 'web.yaml' },
}
