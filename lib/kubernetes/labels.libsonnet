// The labels of every object: the recommended ones (Kubernetes documentation, Recommended Labels).

local config = import 'config.libsonnet';

local recommended(name, instance, version, component) = {
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/instance': instance,
  'app.kubernetes.io/version': version,
  'app.kubernetes.io/component': component,
  'app.kubernetes.io/part-of': 'mop',
  'app.kubernetes.io/managed-by': 'mop',
};

{
  // instance returns the instance label of an environment, which also begins the names of its
  // cluster-scoped objects; environment is its configuration.
  instance(environment): 'mop-' + environment.name,

  // component returns the labels of an object that belongs to the component with this name, as part
  // of instance.
  component(name, instance):
    local facts = config.components[name];
    recommended(name, instance, facts.version, facts.role),

  // foundation returns the labels of an object for all components, as part of instance. role is the
  // purpose of the object: namespace, network or storage.
  foundation(role, instance): recommended('mop', instance, config.version, role),

  // selector returns the labels that select the pods of the component with this name, as part of
  // instance. Pods must have them, or no policy lets them communicate. The version is not among
  // them, because it changes.
  selector(name, instance): {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/instance': instance,
  },
}
