{
  fib:: { n: 1, r: if self.n <= 1 then 1 else ($.fib + { n: super.n - 1 + $.zero }).r + 1 },
  zero:: 0,
  a: [($.fib + { n: i }).n for i in std.range(1, 3000)],
}
