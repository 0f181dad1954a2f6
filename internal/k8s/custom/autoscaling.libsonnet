local d = import 'doc.libsonnet';
local version = {
  crossVersionObjectReference+: {
    '#withApiVersion':: d.fn('`withApiVersion` sets the API version of the object referred to.', [d.arg('apiversion', 'string')]),
    withApiVersion(apiversion):: { apiVersion: apiversion },
  },

  horizontalPodAutoscaler+: {
    spec+: {
      '#withScaleTargetRef':: d.fn('`withScaleTargetRef` makes `object` the one that is scaled.', [d.arg('object', 'object')]),
      withScaleTargetRef(object):: {
        spec+: {
          scaleTargetRef+: {
            apiVersion: object.apiVersion,
            kind: object.kind,
            name: object.metadata.name,
          },
        },
      },
    },
  },
};
{
  v1+: version,
  v2+: version,
}
