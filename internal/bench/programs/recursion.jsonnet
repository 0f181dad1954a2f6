local fib(n) = if n <= 1 then n else fib(n - 1) + fib(n - 2);
local sum(n) = if n == 0 then 0 else n + sum(n - 1);
[fib(20), sum(4000)]
