local k = import 'k.libsonnet';
local environment = k + {
  _config+:: { name: 'tempo' },
  configMap: $.core.v1.configMap.new($._config.name, { 'overrides.yaml': std.manifestYamlDoc({}) }),
};
{
  'the library alone is nothing': { actual: k, expected: {} },
  'of an environment that is mixed into the library only objects are left': {
    actual: environment,
    expected: {
      configMap: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tempo' }, data: { 'overrides.yaml': '{}' } },
    },
  },
}
