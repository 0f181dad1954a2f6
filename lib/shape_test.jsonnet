local shape = import 'shape.libsonnet';

local fields = {
  name: shape.string,
  network: { apiServerCidrs: shape.list(shape.cidr), port: shape.port },
  storage: { reclaimPolicy: shape.enum(['Delete', 'Retain']) },
  sidecar: shape.optional(shape.boolean),
};

local good = {
  name: 'dev',
  network: { apiServerCidrs: ['0.0.0.0/0'], port: 5432 },
  storage: { reclaimPolicy: 'Delete' },
};

local accepts(value) = { actual: shape.check('test', fields, value), expected: true };
local refuses(value, message) = {
  actual: shape.check('test', fields, value),
  fails: message,
};

local acceptsType(type, value) = {
  actual: shape.check('test', { x: type }, { x: value }),
  expected: true,
};
local refusesType(type, value, message) = {
  actual: shape.check('test', { x: type }, { x: value }),
  fails: message,
};

{
  fields: {
    'the declared fields are accepted': accepts(good),
    'an optional field is accepted': accepts(good + { sidecar: true }),
    'an unknown field is refused': refuses(
      good + { colour: 'red' },
      'test: unknown field colour in config',
    ),
    'a near miss is suggested': refuses(
      good + { network+: { apiServerCidr: [] } },
      'test: unknown field network.apiServerCidr in config; did you mean apiServerCidrs?',
    ),
    'a misspelled optional field is refused': refuses(
      good + { sidecars: true },
      'test: unknown field sidecars in config; did you mean sidecar?',
    ),
    'an unknown hidden field is refused': refuses(
      good + { network+: { extra:: 1 } },
      'test: unknown field network.extra in config',
    ),
    'a known hidden field is checked': refuses(
      good + { name:: 1 },
      'test: field name: want string, got 1',
    ),
    'a missing field is refused': refuses(
      good + { network: { apiServerCidrs: [] } },
      'test: missing field network.port in config',
    ),
    'a missing object is refused': refuses(
      { name: 'dev' },
      'test: missing field network in config',
    ),
    'null is a missing field': refuses(
      good + { name: null },
      'test: missing field name in config',
    ),
    'a wrong type is refused in depth': refuses(
      good + { network+: { port: '80' } },
      'test: field network.port: want integer from 1 to 65535, got "80"',
    ),
    'a wrong element is refused': refuses(
      good + { network+: { apiServerCidrs: ['10.0.0.0/8', '10.0.0.0/33'] } },
      'test: field network.apiServerCidrs[1]: want CIDR such as 10.0.0.0/8, got "10.0.0.0/33"',
    ),
    'a value instead of an object is refused': refuses(
      good + { network: 'default' },
      'test: field network: want object, got "default"',
    ),
    'a value outside an enum is refused': refuses(
      good + { storage: { reclaimPolicy: 'Retian' } },
      'test: field storage.reclaimPolicy: want one of Delete, Retain, got "Retian"',
    ),
    'a config that is no object is refused': refuses('dev', 'test: config: want object, got "dev"'),
  },

  parameters: {
    local refusesParameter(value, message) = {
      actual: shape.check('test.new', fields, value, noun='parameter'),
      fails: message,
    },
    'a wrong one is refused': refusesParameter(
      good + { name: 1 },
      'test.new: parameter name: want string, got 1',
    ),
    'a wrong field of one is refused': refusesParameter(
      good + { network+: { apiServerCidrs: [1] } },
      'test.new: parameter network.apiServerCidrs[0]: want CIDR such as 10.0.0.0/8, got 1',
    ),
    'null is a missing one': refusesParameter(
      good + { name: null },
      'test.new: missing parameter name',
    ),
    'an unknown one is refused': refusesParameter(
      good + { names: [] },
      'test.new: unknown parameter names; did you mean name?',
    ),
  },

  accepts: {
    'a value of the type': { actual: shape.accepts(shape.list(shape.port), [80]), expected: true },
    'no other value': { actual: shape.accepts(shape.list(shape.port), ['80']), expected: false },
  },

  string: {
    'takes any string': acceptsType(shape.string, ''),
    'refuses a number': refusesType(shape.string, 1, 'field x: want string, got 1'),
    'refuses a function': refusesType(
      shape.string,
      function() 'dev',
      'field x: want string, got function',
    ),
  },

  boolean: {
    'takes false': acceptsType(shape.boolean, false),
    'refuses a string': refusesType(shape.boolean, 'true', 'field x: want boolean, got "true"'),
  },

  integer: {
    'takes its minimum': acceptsType(shape.integer(1, 3), 1),
    'takes its maximum': acceptsType(shape.integer(1, 3), 3),
    'refuses less': refusesType(shape.integer(1, 3), 0, 'field x: want integer from 1 to 3, got 0'),
    'refuses more': refusesType(shape.integer(1, 3), 4, 'field x: want integer from 1 to 3, got 4'),
    'refuses a fraction': refusesType(shape.integer(1, 3), 1.5, 'want integer from 1 to 3'),
  },

  port: {
    'takes the last port': acceptsType(shape.port, 65535),
    'refuses zero': refusesType(shape.port, 0, 'field x: want integer from 1 to 65535, got 0'),
    'refuses more': refusesType(shape.port, 65536, 'field x: want integer from 1 to 65535'),
  },

  enum: {
    'takes one of its values': acceptsType(shape.enum(['a', 'b']), 'b'),
    'refuses another type': refusesType(shape.enum(['a', 'b']), {}, 'want one of a, b, got object'),
  },

  cidr: {
    'takes ipv6': acceptsType(shape.cidr, 'fd00::/8'),
    'refuses an address': refusesType(shape.cidr, '10.0.0.1', 'field x: want CIDR such as'),
  },

  'dns label': {
    'takes 63 characters': acceptsType(shape.dnsLabel, std.repeat('a', 63)),
    'refuses 64': refusesType(shape.dnsLabel, std.repeat('a', 64), 'field x: want DNS-1123 label'),
    'refuses none': refusesType(shape.dnsLabel, '', 'field x: want DNS-1123 label'),
    'refuses a capital': refusesType(shape.dnsLabel, 'Dev', 'field x: want DNS-1123 label'),
    'refuses a dash at the end': refusesType(shape.dnsLabel, 'a-', 'field x: want DNS-1123 label'),
    'refuses a dot': refusesType(shape.dnsLabel, 'a.b', 'field x: want DNS-1123 label'),
  },

  list: {
    'takes an empty array': acceptsType(shape.list(shape.port), []),
    'takes numbers': acceptsType(shape.list(shape.port), [80, 443]),
    'refuses a single value': refusesType(shape.list(shape.port), 80, 'field x: want array'),
    'checks shapes in it': refusesType(
      shape.list({ port: shape.port }),
      [{ port: 80 }, { ports: 80 }],
      'unknown field x[1].ports in config; did you mean port?',
    ),
  },

  map: {
    'takes any names': acceptsType(shape.map(shape.string), { a: '1', b: '2' }),
    'refuses a wrong value': refusesType(
      shape.map(shape.string),
      { a: 1 },
      'field x.a: want string, got 1',
    ),
    'refuses an array': refusesType(shape.map(shape.string), [], 'field x: want object, got []'),
  },

  constrained: {
    local ordered(range) =
      if range.min <= range.max then []
      else [{ field: 'min', want: 'at most max, %d' % range.max, got: range.min }],
    local range = shape.constrained({ min: shape.port, max: shape.port }, ordered),
    'takes what keeps the rules': acceptsType(range, { min: 1, max: 2 }),
    'refuses the rest': refusesType(
      range,
      { min: 2, max: 1 },
      'field x.min: want at most max, 1, got 2',
    ),
    'rules see only values of the type': refusesType(
      range,
      { min: 1, max: 'none' },
      'field x.max: want integer from 1 to 65535, got "none"',
    ),
  },

  leaf: {
    local even = shape.leaf('even number', function(x) std.isNumber(x) && x % 2 == 0),
    'takes what its function accepts': acceptsType(even, 2),
    'refuses the rest': refusesType(even, 3, 'field x: want even number, got 3'),
  },
}
