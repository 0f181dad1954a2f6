local labels = import 'labels.libsonnet';

{
  instance: {
    'is mop and the environment': { actual: labels.instance({ name: 'dev' }), expected: 'mop-dev' },
  },

  component: {
    'has the version and role of the component': {
      actual: labels.component('tempo', 'mop-dev'),
      expected: {
        'app.kubernetes.io/name': 'tempo',
        'app.kubernetes.io/instance': 'mop-dev',
        'app.kubernetes.io/version': '2.10.8',
        'app.kubernetes.io/component': 'tracing',
        'app.kubernetes.io/part-of': 'mop',
        'app.kubernetes.io/managed-by': 'mop',
      },
    },
    'roles are': {
      actual: {
        [name]: labels.component(name, 'mop-dev')['app.kubernetes.io/component']
        for name in ['obi', 'alloy', 'tempo', 'mimir', 'loki', 'grafana']
      },
      expected: {
        obi: 'collector',
        alloy: 'collector',
        tempo: 'tracing',
        mimir: 'metrics',
        loki: 'logging',
        grafana: 'visualization',
      },
    },
  },

  foundation: {
    'has the name and version of mop': {
      actual: labels.foundation('network', 'mop-dev'),
      expected: {
        'app.kubernetes.io/name': 'mop',
        'app.kubernetes.io/instance': 'mop-dev',
        'app.kubernetes.io/version': '0.1.0',
        'app.kubernetes.io/component': 'network',
        'app.kubernetes.io/part-of': 'mop',
        'app.kubernetes.io/managed-by': 'mop',
      },
    },
  },

  selector: {
    'is name and instance, not the version': {
      actual: labels.selector('tempo', 'mop-dev'),
      expected: { 'app.kubernetes.io/name': 'tempo', 'app.kubernetes.io/instance': 'mop-dev' },
    },
    'selects what the component labels': {
      actual: labels.component('loki', 'mop-dev') + labels.selector('loki', 'mop-dev'),
      expected: labels.component('loki', 'mop-dev'),
    },
  },
}
