local make(n) = { ['k' + i]: { list: [i, { x: i }], text: 't' + i } for i in std.range(1, n) };
local a = make(1500), b = make(1500);
[a == b, a != b + { k7+: { text: 'other' } }, [a[k] for k in std.objectFields(a)] == [b[k] for k in std.objectFields(b)]]
