local d = import 'doc.libsonnet';
local volumes = import 'volumes.libsonnet';
{
  v1+: {
    cronJob+: volumes(function(x) { spec+: { jobTemplate+: { spec+: { template+: x } } } }) + {
      '#new':: d.fn('`new` returns a CronJob whose pods have the label name.', [d.arg('name', 'string'), d.arg('schedule', 'string', ''), d.arg('containers', 'array', [])]),
      new(name, schedule='', containers=[]):: super.new(name) + {
        spec+: {
          schedule: schedule,
          jobTemplate+: {
            spec+: {
              template+: {
                metadata+: { labels: { name: name } },
                spec+: { containers: if std.isArray(containers) then containers else [containers] },
              },
            },
          },
        },
      },
    },

    job+: volumes(function(x) { spec+: { template+: x } }),
  },
}
