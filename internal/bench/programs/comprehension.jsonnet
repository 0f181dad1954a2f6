local pairs = [[x, y] for x in std.range(1, 120) for y in std.range(1, 120) if (x * y) % 7 == 0];
{ n: std.length(pairs), by: { [std.toString(p)]: p[0] + p[1] for p in pairs } }
