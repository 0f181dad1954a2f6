local base = { a: 1, b: self.a + 1, c:: { d: $.b, e+: { f: 1 } }, list: [self.a, self.b] };
local mixins = [{ a+: i, c+:: { e+: { ['x' + i]: i } }, list+: [i] } for i in std.range(1, 60)];
[std.foldl(function(o, m) o + m, mixins, base + { a: j }) for j in std.range(1, 40)]
