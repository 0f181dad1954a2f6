// Checked parameters. A library declares the shape of the configuration that it takes. A field that
// is unknown, missing or of the wrong type becomes an error that names the field and the reason.
// Otherwise a default would silently replace it.
//
// A shape is an object: each field is either a nested shape or one of the types below.
//
//   { platform: shape.enum(['gke', 'eks']), network: { cidrs: shape.list(shape.cidr) } }
//
// A type is a function(path, value) that returns the problems of the value at path, as an array of
// messages. A field that is null counts as missing. A path names the place of a value, with the
// words of messages: { noun: 'field', name: 'network.port' }.

local cidr = import 'cidr.libsonnet';
local suggest = import 'suggest.libsonnet';

// show returns the text of value for an error message.
local show(value) =
  if std.isObject(value) || std.isFunction(value)
  then std.type(value)
  else std.manifestJsonMinified(value);

// whole returns the path of the whole checked value. noun is the word for its fields.
local whole(noun) = { noun: noun, name: '' };

local join(path, name) = path + {
  name: if path.name == '' then name else path.name + '.' + name,
};

local place(path) = if path.noun == 'field' then ' in config' else '';

local mismatch(path, want, value) =
  if path.name == '' then 'config: want %s, got %s' % [want, show(value)]
  else if value == null then 'missing %s %s' % [path.noun, path.name] + place(path)
  else '%s %s: want %s, got %s' % [path.noun, path.name, want, show(value)];

local unknown(path, name, known) =
  local meant = suggest.nearest(name, known);
  'unknown %s %s' % [path.noun, join(path, name).name] + place(path)
  + (if meant == null then '' else '; did you mean %s?' % meant);

// problems returns the problems of value at path, which should be of type, a type or a shape.
// Hidden fields count too; otherwise a misspelled one would pass in silence.
local problems(type, path, value) =
  if std.isFunction(type) then type(path, value)
  else if !std.isObject(value) then [mismatch(path, 'object', value)]
  else
    local known = std.objectFields(type);
    local strange = std.setDiff(std.objectFieldsAll(value), known);
    [unknown(path, name, known) for name in strange]
    + std.flatMap(
      function(name) problems(type[name], join(path, name), std.get(value, name)),
      known,
    );

local leaf(want, accepts) = function(path, value)
  if accepts(value) then [] else [mismatch(path, want, value)];

local isInteger(value) = std.isNumber(value) && value == std.floor(value);

local isDnsLabel(value) =
  local edge = std.stringChars('abcdefghijklmnopqrstuvwxyz0123456789');
  local chars = std.stringChars(value);
  std.length(chars) >= 1
  && std.length(chars) <= 63
  && std.all([std.member(edge + ['-'], char) for char in chars])
  && std.member(edge, chars[0])
  && std.member(edge, chars[std.length(chars) - 1]);

{
  // check returns true if value has the shape that fields declares. Otherwise it raises an error
  // that names component, the library or function that takes value, and the first problem. noun is
  // the word for its fields: field, or parameter if value has the parameters of a function.
  //
  // Assert it before anything else. If Jsonnet's laziness delays the check, it fails deep in the
  // output, and the error does not say which code passed the value.
  check(component, fields, value, noun='field'):
    local found = problems(fields, whole(noun), value);
    if found == [] then true else error '%s: %s' % [component, found[0]],

  // accepts returns whether value is of type.
  accepts(type, value): problems(type, whole('field'), value) == [],

  // leaf returns the type of the values for which the function accepts returns true. want is a
  // description of them.
  leaf(want, accepts): leaf(want, accepts),

  // string is the type of any string.
  string: leaf('string', std.isString),

  // boolean is the type of true and false.
  boolean: leaf('boolean', std.isBoolean),

  // integer returns the type of the whole numbers from min to max.
  integer(min, max): leaf(
    'integer from %d to %d' % [min, max],
    function(value) isInteger(value) && value >= min && value <= max,
  ),

  // port is the type of the ports of TCP and UDP.
  port: self.integer(1, 65535),

  // cidr is the type of IPv4 and IPv6 blocks.
  cidr: leaf('CIDR such as 10.0.0.0/8', cidr.isValid),

  // dnsLabel is the type of names by RFC 1123, such as those of namespaces.
  dnsLabel: leaf(
    'DNS-1123 label: at most 63 of a-z, 0-9 and -, with no - at either end',
    function(value) std.isString(value) && isDnsLabel(value),
  ),

  // enum returns the type of the values in values, an array of strings.
  enum(values): leaf(
    'one of ' + std.join(', ', values),
    function(value) std.member(values, value),
  ),

  // list returns the type of the arrays whose elements are all of type.
  list(type): function(path, value)
    if std.isArray(value)
    then std.flattenArrays(
      std.mapWithIndex(function(i, item) problems(type, path + { name+: '[%d]' % i }, item), value)
    )
    else [mismatch(path, 'array', value)],

  // map returns the type of the objects with any fields, each of type.
  map(type): function(path, value)
    if std.isObject(value)
    then std.flatMap(
      function(name) problems(type, join(path, name), value[name]),
      std.objectFieldsAll(value),
    )
    else [mismatch(path, 'object', value)],

  // constrained returns the type of the values of type that also keep rules, a function. It takes
  // such a value and returns the fields that break a rule, as an array of { field, want, got }.
  constrained(type, rules): function(path, value)
    local found = problems(type, path, value);
    if found != [] then found
    else [mismatch(join(path, broken.field), broken.want, broken.got) for broken in rules(value)],

  // optional returns the type of the values of type, and of a missing value.
  optional(type): function(path, value)
    if value == null then [] else problems(type, path, value),
}
