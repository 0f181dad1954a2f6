local checked = { assert self.port > 0 : 'port', assert std.isString(self.name), port: 80, name: 'x', url:: self.name + ':' + self.port };
[(checked + { port: i, name+: i, assert std.length(self.url) < 20 : self.url }) for i in std.range(1, 4000)]
