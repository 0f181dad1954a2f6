local n = 40;
local a = [[(i * j) % 10 for j in std.range(1, n)] for i in std.range(1, n)];
local mul(a, b) = [[std.foldl(function(s, k) s + a[i][k] * b[k][j], std.range(0, n - 1), 0) for j in std.range(0, n - 1)] for i in std.range(0, n - 1)];
mul(a, mul(a, a))
