{ ['field' + i]: { name: 'n%d' % i, value: i, nested: { a: [i, i + 1], b: i % 2 == 0 } } for i in std.range(1, 1500) }
