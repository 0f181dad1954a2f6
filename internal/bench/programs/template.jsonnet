local values = { name: 'service', port: 8080, ratio: 0.75, host: 'example.com' };
std.join('', [|||
  [%(name)s]
  listen = %(host)s:%(port)05d
  ratio = %(ratio).3f
  index = %(i)d of %(i)x
||| % (values + { i: i }) for i in std.range(1, 150)])
