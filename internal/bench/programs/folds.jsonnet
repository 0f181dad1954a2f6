local n = std.range(1, 20000);
{
  sum: std.foldl(function(a, b) a + b, n, 0),
  right: std.foldr(function(a, b) a + b, n, 0),
  mapped: std.length(std.filter(function(x) x % 3 == 0, std.map(function(x) x * x, n))),
  nested: std.foldl(function(a, i) a + std.foldl(function(b, j) b + i * j, std.range(1, 100), 0), std.range(1, 100), 0),
  flat: std.length(std.flatMap(function(x) [x, x], n)),
}
