local d = import 'doc.libsonnet';
local binding = {
  '#bindRole':: d.fn('`bindRole` makes `role`, a Role or ClusterRole, the one that is bound.', [d.arg('role', 'object')]),
  bindRole(role):: {
    roleRef+: {
      apiGroup: std.split(role.apiVersion, '/')[0],
      kind: role.kind,
      name: role.metadata.name,
    },
  },
};
{
  v1+: {
    clusterRoleBinding+: binding,
    roleBinding+: binding,

    subject+: {
      '#fromServiceAccount':: d.fn('`fromServiceAccount` returns the subject that a ServiceAccount is.', [d.arg('service_account', 'object')]),
      fromServiceAccount(service_account):: {
        kind: service_account.kind,
        name: service_account.metadata.name,
        namespace: service_account.metadata.namespace,
      },
    },
  },
}
