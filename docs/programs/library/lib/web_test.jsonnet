local web = import 'web.libsonnet';
{
  'one replica unless said otherwise': { actual: web.new('a').spec.replicas, expected: 1 },
  'refuses none': { actual: web.new('a', replicas=0), fails: 'want at least 1' },
}
