local k = import 'k.libsonnet';
{
  'the library alone is nothing': { actual: k, expected: {} },
  'of an environment that is mixed into the library only objects are left': {
    actual: k {
      _config+:: { name: 'tempo' },
      configMap: $.core.v1.configMap.new($._config.name, { 'overrides.yaml': std.manifestYamlDoc({}) }),
    },
    expected: {
      configMap: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tempo' }, data: { 'overrides.yaml': '{}' } },
    },
  },
}
