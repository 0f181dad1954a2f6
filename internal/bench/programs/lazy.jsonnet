// Long chains of values that are needed late.
local chain = std.foldl(function(l, i) l + [if i == 0 then 1 else l[i - 1] + 1], std.range(0, 800), []);
local primes(n) = [p for p in std.range(2, n) if std.length([d for d in std.range(2, std.floor(std.sqrt(p))) if p % d == 0]) == 0];
{ last: chain[800], primes: primes(1200) }
