// Checked parameters: a library declares the shape of the configuration that it takes, and a field
// that is unknown, missing or of the wrong type becomes an error that says which and why, rather
// than a default that quietly wins.
//
// A shape is an object: each field is either a nested shape or one of the types below.
//
//   { platform: shape.enum(['gke', 'eks']), network: { cidrs: shape.list(shape.cidr) } }
//
// A type is a function(path, value) that returns the problems of the value at path, as an array of
// messages. A field that is null counts as missing.

local cidr = import 'cidr.libsonnet';
local suggest = import 'suggest.libsonnet';

// show returns value as an error message quotes it.
local show(value) =
  if std.isObject(value) || std.isFunction(value)
  then std.type(value)
  else std.manifestJsonMinified(value);

local mismatch(path, want, value) =
  if path == '' then 'config: want %s, got %s' % [want, show(value)]
  else if value == null then 'missing field %s in config' % path
  else 'field %s: want %s, got %s' % [path, want, show(value)];

local join(path, name) = if path == '' then name else path + '.' + name;

local unknown(path, name, known) =
  local meant = suggest.nearest(name, known);
  'unknown field %s in config' % join(path, name)
  + (if meant == null then '' else '; did you mean %s?' % meant);

// problems returns what is wrong with value at path, which should be of type: a type or a shape.
// Hidden fields count, or a misspelled one would be just as silent as without a check.
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
  // check returns value if it has the shape that fields declares. Otherwise it raises an error that
  // names component, the library or function whose parameter value is, and the first problem.
  check(component, fields, value):
    local found = problems(fields, '', value);
    if found == [] then value else error '%s: %s' % [component, found[0]],

  // leaf returns the type of the values for which the function accepts returns true; want says in
  // words what they are.
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

  // dnsLabel is the type of names as RFC 1123 has them, which namespaces must follow.
  dnsLabel: leaf(
    'DNS-1123 label: at most 63 of a-z, 0-9 and -, with no - at either end',
    function(value) std.isString(value) && isDnsLabel(value),
  ),

  // enum returns the type of a value that is one of values, an array of strings.
  enum(values): leaf(
    'one of ' + std.join(', ', values),
    function(value) std.member(values, value),
  ),

  // list returns the type of the arrays whose elements are all of type.
  list(type): function(path, value)
    if std.isArray(value)
    then std.flattenArrays(
      std.mapWithIndex(function(i, item) problems(type, '%s[%d]' % [path, i], item), value)
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

  // optional returns the type of the values of type, and of the absence of a value.
  optional(type): function(path, value)
    if value == null then [] else problems(type, path, value),
}
