// What adds a volume to a workload and mounts it in its containers. template
// puts changes of the pod template in their place in the object.
local d = import 'doc.libsonnet';
function(template) (import 'containers.libsonnet')(template) + {
  local workload = self,

  local mount(volume, path, readOnly, volumeMountMixin, volumeMixin, containers, includeInitContainers) =
    local volumeMount = {
      name: volume.name,
      mountPath: path,
      [if readOnly then 'readOnly']: true,
    } + volumeMountMixin;
    local mounts = { volumeMounts+: [volumeMount] };
    local add(container) = container + mounts;
    (
      if containers == null then workload.mapContainers(add, includeInitContainers)
      else workload.mapContainersWithName(containers, add, includeInitContainers)
    )
    + template({ spec+: { volumes+: [volume + volumeMixin] } }),

  local annotate(name, value) = template({ metadata+: { annotations+: { [name]: value } } }),

  '#configVolumeMount':: d.fn('`configVolumeMount` mounts the ConfigMap `name` at `path`.', [d.arg('name', 'string'), d.arg('path', 'string'), d.arg('volumeMountMixin', 'object', {}), d.arg('volumeMixin', 'object', {}), d.arg('containers', 'array'), d.arg('includeInitContainers', 'bool', false)]),
  configVolumeMount(name, path, volumeMountMixin={}, volumeMixin={}, containers=null, includeInitContainers=false)::
    mount({ name: name, configMap: { name: name } }, path, false, volumeMountMixin, volumeMixin, containers, includeInitContainers),

  '#configMapVolumeMount':: d.fn('`configMapVolumeMount` mounts a ConfigMap at `path`. An annotation of the pods changes with it, so that they are replaced.', [d.arg('configMap', 'object'), d.arg('path', 'string'), d.arg('volumeMountMixin', 'object', {}), d.arg('volumeMixin', 'object', {}), d.arg('containers', 'array'), d.arg('includeInitContainers', 'bool', false)]),
  configMapVolumeMount(configMap, path, volumeMountMixin={}, volumeMixin={}, containers=null, includeInitContainers=false)::
    local name = configMap.metadata.name;
    self.configVolumeMount(name, path, volumeMountMixin, volumeMixin, containers, includeInitContainers)
    + annotate(name + '-hash', std.md5(std.toString(configMap))),

  '#hostVolumeMount':: d.fn("`hostVolumeMount` mounts the node's `hostPath` at `path`.", [d.arg('name', 'string'), d.arg('hostPath', 'string'), d.arg('path', 'string'), d.arg('readOnly', 'bool', false), d.arg('volumeMountMixin', 'object', {}), d.arg('volumeMixin', 'object', {}), d.arg('containers', 'array'), d.arg('includeInitContainers', 'bool', false)]),
  hostVolumeMount(name, hostPath, path, readOnly=false, volumeMountMixin={}, volumeMixin={}, containers=null, includeInitContainers=false)::
    mount({ name: name, hostPath: { path: hostPath } }, path, readOnly, volumeMountMixin, volumeMixin, containers, includeInitContainers),

  '#pvcVolumeMount':: d.fn('`pvcVolumeMount` mounts the PersistentVolumeClaim `name` at `path`.', [d.arg('name', 'string'), d.arg('path', 'string'), d.arg('readOnly', 'bool', false), d.arg('volumeMountMixin', 'object', {}), d.arg('volumeMixin', 'object', {}), d.arg('containers', 'array'), d.arg('includeInitContainers', 'bool', false)]),
  pvcVolumeMount(name, path, readOnly=false, volumeMountMixin={}, volumeMixin={}, containers=null, includeInitContainers=false)::
    mount({ name: name, persistentVolumeClaim: { claimName: name } }, path, readOnly, volumeMountMixin, volumeMixin, containers, includeInitContainers),

  '#secretVolumeMount':: d.fn('`secretVolumeMount` mounts the Secret `name` at `path`; 256 is the mode 0400.', [d.arg('name', 'string'), d.arg('path', 'string'), d.arg('defaultMode', 'number', 256), d.arg('volumeMountMixin', 'object', {}), d.arg('volumeMixin', 'object', {}), d.arg('containers', 'array'), d.arg('includeInitContainers', 'bool', false)]),
  secretVolumeMount(name, path, defaultMode=256, volumeMountMixin={}, volumeMixin={}, containers=null, includeInitContainers=false)::
    mount({ name: name, secret: { secretName: name, defaultMode: defaultMode } }, path, false, volumeMountMixin, volumeMixin, containers, includeInitContainers),

  '#secretVolumeMountAnnotated':: d.fn('`secretVolumeMountAnnotated` is `secretVolumeMount` with an annotation of the pods that changes with the name.', [d.arg('name', 'string'), d.arg('path', 'string'), d.arg('defaultMode', 'number', 256), d.arg('volumeMountMixin', 'object', {}), d.arg('volumeMixin', 'object', {}), d.arg('containers', 'array'), d.arg('includeInitContainers', 'bool', false)]),
  secretVolumeMountAnnotated(name, path, defaultMode=256, volumeMountMixin={}, volumeMixin={}, containers=null, includeInitContainers=false)::
    self.secretVolumeMount(name, path, defaultMode, volumeMountMixin, volumeMixin, containers, includeInitContainers)
    + annotate(name + '-secret-hash', std.md5(name)),

  '#emptyVolumeMount':: d.fn('`emptyVolumeMount` mounts an empty directory at `path`.', [d.arg('name', 'string'), d.arg('path', 'string'), d.arg('volumeMountMixin', 'object', {}), d.arg('volumeMixin', 'object', {}), d.arg('containers', 'array'), d.arg('includeInitContainers', 'bool', false)]),
  emptyVolumeMount(name, path, volumeMountMixin={}, volumeMixin={}, containers=null, includeInitContainers=false)::
    mount({ name: name, emptyDir: {} }, path, false, volumeMountMixin, volumeMixin, containers, includeInitContainers),

  '#csiVolumeMount':: d.fn('`csiVolumeMount` mounts a read-only volume of the CSI `driver` at `path`.', [d.arg('name', 'string'), d.arg('path', 'string'), d.arg('driver', 'string'), d.arg('volumeAttributes', 'object'), d.arg('volumeMountMixin', 'object', {}), d.arg('volumeMixin', 'object', {}), d.arg('containers', 'array'), d.arg('includeInitContainers', 'bool', false)]),
  csiVolumeMount(name, path, driver, volumeAttributes, volumeMountMixin={}, volumeMixin={}, containers=null, includeInitContainers=false)::
    mount({ name: name, csi: { driver: driver, volumeAttributes: volumeAttributes, readOnly: true } }, path, false, volumeMountMixin, volumeMixin, containers, includeInitContainers),
}
