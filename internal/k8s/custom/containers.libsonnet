// What changes the containers of a pod. template puts changes of a pod or a pod
// template in their place in the object.
local d = import 'doc.libsonnet';
function(template) {
  '#mapContainers':: d.fn('`mapContainers` applies the function `f` to each container, with `includeInitContainers` to the init containers too.', [d.arg('f', 'function'), d.arg('includeInitContainers', 'bool', false)]),
  mapContainers(f, includeInitContainers=false):: template({
    spec+: {
      containers: std.map(f, super.containers),
      [if includeInitContainers then 'initContainers']:
        if 'initContainers' in super then std.map(f, super.initContainers) else [],
    },
  }),

  '#mapContainersWithName':: d.fn('`mapContainersWithName` applies the function `f` to the containers of the given names, one or a list.', [d.arg('names', 'array'), d.arg('f', 'function'), d.arg('includeInitContainers', 'bool', false)]),
  mapContainersWithName(names, f, includeInitContainers=false)::
    local wanted = if std.isArray(names) then names else [names];
    self.mapContainers(
      function(c) if std.member(wanted, c.name) then f(c) else c,
      includeInitContainers,
    ),
}
