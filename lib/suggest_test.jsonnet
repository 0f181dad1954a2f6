local suggest = import 'suggest.libsonnet';

local nearest(word, candidates, expected) = {
  actual: suggest.nearest(word, candidates),
  expected: expected,
};

{
  nearest: {
    'finds a missing letter': nearest('nodeCidr', ['databaseCidrs', 'nodeCidrs'], 'nodeCidrs'),
    'finds a superfluous letter': nearest('repplicas', ['replicas'], 'replicas'),
    'finds a wrong letter': nearest('grefana', ['grafana', 'loki'], 'grafana'),
    'finds swapped letters': nearest('platfrom', ['platform'], 'platform'),
    'finds two slips at most': nearest('apySerferCidr', ['apiServerCidrs'], null),
    'finds the closer of two': nearest('limit', ['limbs', 'limits'], 'limits'),
    'finds a difference in case': nearest('hostnetwork', ['hostNetwork'], 'hostNetwork'),
    'keeps short names apart': nearest('obi', ['loki'], null),
    'has nothing for another word': nearest('colour', ['platform', 'name'], null),
    'has nothing without candidates': nearest('platform', [], null),
    'has nothing for an empty word': nearest('', ['platform', 'a'], null),
  },
}
