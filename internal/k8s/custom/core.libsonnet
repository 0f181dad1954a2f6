local containers = import 'containers.libsonnet';
local d = import 'doc.libsonnet';

local list(x) = if std.isArray(x) then x else [x];
local withoutNull(object) = { [name]: object[name] for name in std.objectFields(object) if object[name] != null };

{
  v1+: {
    configMap+: {
      '#new':: d.fn('`new` returns a ConfigMap.', [d.arg('name', 'string'), d.arg('data', 'object', {})]),
      new(name, data={}):: super.new(name) + self.withData(data),
      '#withData':: d.fn('`withData` sets the data; the empty object leaves it out.', [d.arg('data', 'object')]),
      withData(data):: if data == {} then {} else super.withData(data),
      '#withDataMixin':: d.fn('`withDataMixin` adds to the data; the empty object changes nothing.', [d.arg('data', 'object')]),
      withDataMixin(data):: if data == {} then {} else super.withDataMixin(data),
    },

    container+: {
      '#new':: d.fn('`new` returns a container.', [d.arg('name', 'string'), d.arg('image', 'string')]),
      new(name, image):: { name: name, image: image },
      '#withEnvMixin':: d.fn('`withEnvMixin` adds environment variables. The value of one that is empty is left out, as the API server does.', [d.arg('env', 'array')]),
      withEnvMixin(env)::
        local withoutEmpty(e) = {
          [name]: e[name]
          for name in std.objectFields(e)
          if !(name == 'value' && e.value == '')
        };
        super.withEnvMixin(std.map(withoutEmpty, list(env))),
      '#withEnvMap':: d.fn('`withEnvMap` adds an environment variable for each field of `map`: its value, or where it comes from if the field is an object.', [d.arg('map', 'object')]),
      withEnvMap(map):: self.withEnvMixin([
        { name: name, [if std.isObject(map[name]) then 'valueFrom' else 'value']: map[name] }
        for name in std.objectFields(map)
      ]),
      '#withResourcesRequests':: d.fn('`withResourcesRequests` sets what the container asks for; null leaves a resource out.', [d.arg('cpu', 'string'), d.arg('memory', 'string')]),
      withResourcesRequests(cpu, memory):: { resources+: { requests: withoutNull({ cpu: cpu, memory: memory }) } },
      '#withResourcesLimits':: d.fn('`withResourcesLimits` sets what the container may use; null leaves a resource out.', [d.arg('cpu', 'string'), d.arg('memory', 'string')]),
      withResourcesLimits(cpu, memory):: { resources+: { limits: withoutNull({ cpu: cpu, memory: memory }) } },
    },

    containerPort+: {
      '#new':: d.fn('`new` returns a port.', [d.arg('containerPort', 'number')]),
      new(containerPort):: { containerPort: containerPort },
      '#newNamed':: d.fn('`newNamed` returns a port with a name.', [d.arg('containerPort', 'number'), d.arg('name', 'string')]),
      newNamed(containerPort, name):: { containerPort: containerPort, name: name },
      '#newUDP':: d.fn('`newUDP` returns a port for UDP.', [d.arg('containerPort', 'number')]),
      newUDP(containerPort):: { containerPort: containerPort, protocol: 'UDP' },
      '#newNamedUDP':: d.fn('`newNamedUDP` returns a port for UDP with a name.', [d.arg('containerPort', 'number'), d.arg('name', 'string')]),
      newNamedUDP(containerPort, name):: { containerPort: containerPort, name: name, protocol: 'UDP' },
    },

    envVar+: {
      '#new':: d.fn('`new` returns an environment variable.', [d.arg('name', 'string'), d.arg('value', 'string')]),
      new(name, value):: { name: name, value: value },
      '#fromSecretRef':: d.fn('`fromSecretRef` returns an environment variable whose value is in a Secret.', [d.arg('name', 'string'), d.arg('secretRefName', 'string'), d.arg('secretRefKey', 'string')]),
      fromSecretRef(name, secretRefName, secretRefKey):: {
        name: name,
        valueFrom: { secretKeyRef: { name: secretRefName, key: secretRefKey } },
      },
      '#fromFieldPath':: d.fn('`fromFieldPath` returns an environment variable whose value is a field of the pod.', [d.arg('name', 'string'), d.arg('fieldPath', 'string')]),
      fromFieldPath(name, fieldPath):: { name: name, valueFrom: { fieldRef: { fieldPath: fieldPath } } },
    },

    keyToPath+: {
      '#new':: d.fn('`new` says which file a key becomes.', [d.arg('key', 'string'), d.arg('path', 'string')]),
      new(key, path):: { key: key, path: path },
    },

    list+: {
      '#new':: d.fn('`new` returns a List of objects.', [d.arg('items', 'array')]),
      new(items):: { apiVersion: 'v1', kind: 'List' } + self.withItems(items),
      '#withItems':: d.fn('`withItems` adds objects to a List.', [d.arg('items', 'array')]),
      withItems(items):: { items+: list(items) },
    },

    persistentVolume+: {
      '#new':: d.fn('`new` returns a PersistentVolume, without a name if that is empty.', [d.arg('name', 'string', '')]),
      new(name=''):: if name == '' then { apiVersion: 'v1', kind: 'PersistentVolume' } else super.new(name),
    },

    pod+: containers(function(x) x),

    podTemplate+: containers(function(x) { template+: x }),

    replicationController+: containers(function(x) { spec+: { template+: x } }),

    secret+: {
      '#new':: d.fn('`new` returns a Secret; the values of `data` are in Base64.', [d.arg('name', 'string'), d.arg('data', 'object'), d.arg('type', 'string', 'Opaque')]),
      new(name, data, type='Opaque'):: super.new(name) + { data: data, type: type },
    },

    service+: {
      '#new':: d.fn('`new` returns a Service.', [d.arg('name', 'string'), d.arg('selector', 'object'), d.arg('ports', 'array')]),
      new(name, selector, ports):: super.new(name) + { spec+: { selector: selector, ports: list(ports) } },
      '#newWithoutSelector':: d.fn('`newWithoutSelector` returns a Service that selects no pods.', [d.arg('name', 'string')]),
      newWithoutSelector(name):: super.new(name),
    },

    servicePort+: {
      '#new':: d.fn('`new` returns a port.', [d.arg('port', 'number'), d.arg('targetPort', 'any')]),
      new(port, targetPort):: { port: port, targetPort: targetPort },
      '#newNamed':: d.fn('`newNamed` returns a port with a name.', [d.arg('name', 'string'), d.arg('port', 'number'), d.arg('targetPort', 'any')]),
      newNamed(name, port, targetPort):: { name: name, port: port, targetPort: targetPort },
    },

    volume+: {
      '#fromConfigMap':: d.fn('`fromConfigMap` returns a volume of a ConfigMap, of all its keys if no items are given.', [d.arg('name', 'string'), d.arg('configMapName', 'string'), d.arg('configMapItems', 'array', [])]),
      fromConfigMap(name, configMapName, configMapItems=[]):: {
        name: name,
        configMap: { name: configMapName, [if configMapItems != [] then 'items']: list(configMapItems) },
      },
      '#fromEmptyDir':: d.fn('`fromEmptyDir` returns a volume that begins as an empty directory.', [d.arg('name', 'string'), d.arg('emptyDir', 'object', {})]),
      fromEmptyDir(name, emptyDir={}):: { name: name, emptyDir: emptyDir },
      '#fromPersistentVolumeClaim':: d.fn('`fromPersistentVolumeClaim` returns a volume of a PersistentVolumeClaim. `emptyDir` is an old name for `claimName`.', [d.arg('name', 'string'), d.arg('claimName', 'string', ''), d.arg('emptyDir', 'string', '')]),
      fromPersistentVolumeClaim(name, claimName='', emptyDir=''):: {
        name: name,
        persistentVolumeClaim: {
          claimName: if claimName != '' then claimName else if emptyDir != '' then emptyDir else error 'claimName not set',
        },
      },
      '#fromHostPath':: d.fn("`fromHostPath` returns a volume of the node's `hostPath`.", [d.arg('name', 'string'), d.arg('hostPath', 'string')]),
      fromHostPath(name, hostPath):: { name: name, hostPath: { path: hostPath } },
      '#fromSecret':: d.fn('`fromSecret` returns a volume of a Secret.', [d.arg('name', 'string'), d.arg('secretName', 'string')]),
      fromSecret(name, secretName):: { name: name, secret: { secretName: secretName } },
      '#fromCsi':: d.fn('`fromCsi` returns a read-only volume of a CSI driver.', [d.arg('name', 'string'), d.arg('driver', 'string'), d.arg('volumeAttributes', 'object', {})]),
      fromCsi(name, driver, volumeAttributes={}):: {
        name: name,
        csi: { driver: driver, volumeAttributes: volumeAttributes, readOnly: true },
      },
    },

    volumeMount+: {
      '#new':: d.fn('`new` returns a mount of the volume `name`.', [d.arg('name', 'string'), d.arg('mountPath', 'string'), d.arg('readOnly', 'bool', false)]),
      new(name, mountPath, readOnly=false):: { name: name, mountPath: mountPath, [if readOnly then 'readOnly']: true },
    },
  },
}
