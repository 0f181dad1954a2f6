package main

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/mop-platform/mop/internal/release"
)

// programFiles are programs that each do one kind of work a lot.
//
//go:embed programs
var programFiles embed.FS

// library is the path of the library for Kubernetes' objects below the directory of
// vendored code.
func library() string { return "github.com/jsonnet-libs/k8s-libsonnet/" + release.Default.String() }

// project generates a project with n environments of so many objects each. The functions of
// the library make the objects, with a dozen calls for each or, if plain, two or three. It
// returns the directories of the project and of its environments.
func (b *bench) project(name string, n, objects int, plain bool) (dir string, environments []string, err error) {
	dir = filepath.Join(b.dir, name)
	files := map[string]string{
		"jsonnetfile.json":   "{ \"version\": 1, \"dependencies\": [], \"legacyImports\": true }\n",
		"lib/k.libsonnet":    "import '" + library() + "/main.libsonnet'\n",
		"lib/app.libsonnet":  appLibrary,
		"lib/apps.libsonnet": appsLibrary,
		"lib/site.libsonnet": siteLibrary,
	}
	for i := range n {
		env := fmt.Sprintf("environments/e%03d", i)
		environments = append(environments, filepath.Join(dir, env))
		files[env+"/main.jsonnet"] = environment(i, objects, plain)
		files[env+"/spec.json"] = fmt.Sprintf(`{ "apiVersion": "tanka.dev/v1alpha1", "kind": "Environment",
  "metadata": { "name": "%s" }, "spec": { "apiServer": "https://localhost:6443", "namespace": "team-%d" } }
`, env, i)
	}
	if err := writeFiles(dir, files); err != nil {
		return "", nil, err
	}
	vendor := filepath.Join(dir, "vendor")
	if _, err := os.Stat(vendor); err == nil {
		return dir, environments, nil
	}
	return dir, environments, os.CopyFS(vendor, os.DirFS(b.library))
}

// inline generates a project with one file of n environments, which share their
// configuration. Each has so many plain objects.
func (b *bench) inline(n, objects int) (dir string, err error) {
	dir, _, err = b.project(fmt.Sprintf("inline-%d-%d", n, objects), 0, objects, true)
	if err != nil {
		return "", err
	}
	return dir, writeFiles(dir, map[string]string{"environments/main.jsonnet": fmt.Sprintf(`local apps = import 'apps.libsonnet';
local site = import 'site.libsonnet';
local k = import 'k.libsonnet';

local shared = site { settings+: { limits+: { max_streams: 1000 } } };

local environment(i) = {
  local config = shared { namespace: 'team-%%d' %% i, team: 'team %%d' %% i, replicas: 1 + i %% 5 },
  apiVersion: 'tanka.dev/v1alpha1',
  kind: 'Environment',
  metadata: { name: 'e%%03d' %% i, labels: { shard: '%%d' %% (i %% 8) } },
  spec: { apiServer: 'https://localhost:6443', namespace: config.namespace },
  data: apps(config, %[2]d, plain=true) + {
    ['extra%%d' %% n]: k.core.v1.configMap.new('extra-%%d' %% n, { n: '%%d' %% n })
    for n in std.range(1, %[3]d)
  },
};

[environment(i) for i in std.range(0, %[1]d)]
`, n-1, objects/5, objects%5)})
}

func writeFiles(dir string, files map[string]string) error {
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// appLibrary makes five objects for an application.
const appLibrary = `local k = import 'k.libsonnet';
local deployment = k.apps.v1.deployment;
local statefulSet = k.apps.v1.statefulSet;
local daemonSet = k.apps.v1.daemonSet;
local cronJob = k.batch.v1.cronJob;
local container = k.core.v1.container;
local port = k.core.v1.containerPort;
local service = k.core.v1.service;
local servicePort = k.core.v1.servicePort;
local configMap = k.core.v1.configMap;
local serviceAccount = k.core.v1.serviceAccount;
local autoscaler = k.autoscaling.v2.horizontalPodAutoscaler;

{
  new(name, config, settings={}): {
    local app = self,
    local labels = config.labels { 'app.kubernetes.io/name': name },

    container::
      container.new(name, config.registry + '/' + name + ':' + config.version)
      + container.withPorts([port.newNamed(8080, 'http'), port.newNamed(9090, 'metrics')])
      + container.withEnvMap({ LOG_LEVEL: config.logLevel, REGION: config.region, CONFIG: '/etc/%s/config.yaml' % name })
      + container.withEnvMixin([{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }])
      + container.withResourcesRequests('100m', '%dMi' % config.memory)
      + container.withResourcesLimits(null, '%dMi' % (2 * config.memory))
      + container.readinessProbe.httpGet.withPath('/ready')
      + container.readinessProbe.httpGet.withPort('http')
      + container.readinessProbe.withInitialDelaySeconds(5)
      + container.livenessProbe.httpGet.withPath('/healthy')
      + container.livenessProbe.httpGet.withPort('http')
      + container.securityContext.withAllowPrivilegeEscalation(false)
      + container.securityContext.withReadOnlyRootFilesystem(true),

    deployment:
      deployment.new(name, config.replicas, [app.container], labels)
      + deployment.metadata.withNamespace(config.namespace)
      + deployment.metadata.withLabels(labels)
      + deployment.metadata.withAnnotationsMixin({ 'example.com/owner': config.team })
      + deployment.spec.strategy.rollingUpdate.withMaxSurge(1)
      + deployment.spec.strategy.rollingUpdate.withMaxUnavailable(0)
      + deployment.spec.template.metadata.withAnnotations({ 'checksum/config': std.md5(std.manifestJsonMinified(app.configMap.data)) })
      + deployment.spec.template.spec.withServiceAccountName(name)
      + deployment.spec.template.spec.withNodeSelectorMixin({ 'kubernetes.io/os': 'linux' })
      + deployment.spec.template.spec.securityContext.withRunAsNonRoot(true)
      + deployment.spec.template.spec.securityContext.withFsGroup(10001)
      + deployment.configVolumeMount(name, '/etc/' + name),

    service:
      service.new(name, labels, [servicePort.newNamed(p.name, p.containerPort, p.name) for p in app.container.ports])
      + service.metadata.withNamespace(config.namespace)
      + service.metadata.withLabels(labels),

    configMap:
      configMap.new(name, { 'config.yaml': std.manifestYamlDoc(config.settings + settings), region: config.region })
      + configMap.metadata.withNamespace(config.namespace)
      + configMap.metadata.withLabels(labels),

    serviceAccount:
      serviceAccount.new(name)
      + serviceAccount.metadata.withNamespace(config.namespace)
      + serviceAccount.metadata.withLabels(labels)
      + serviceAccount.withAutomountServiceAccountToken(false),

    autoscaler:
      autoscaler.new(name)
      + autoscaler.metadata.withNamespace(config.namespace)
      + autoscaler.metadata.withLabels(labels)
      + autoscaler.spec.withMinReplicas(config.replicas)
      + autoscaler.spec.withMaxReplicas(config.replicas * 4)
      + autoscaler.spec.scaleTargetRef.withApiVersion('apps/v1')
      + autoscaler.spec.scaleTargetRef.withKind('Deployment')
      + autoscaler.spec.scaleTargetRef.withName(name),
  },

  // plain is new with only the required fields. The workload is one of four kinds.
  plain(name, config, kind): {
    local labels = { 'app.kubernetes.io/name': name },
    local containers = [container.new(name, config.registry + '/' + name + ':' + config.version) + container.withPorts([port.newNamed(8080, 'http')])],
    deployment: [
      function() deployment.new(name, config.replicas, containers, labels) + deployment.metadata.withNamespace(config.namespace),
      function() statefulSet.new(name, config.replicas, containers, [], labels) + statefulSet.metadata.withNamespace(config.namespace),
      function() daemonSet.new(name, containers, labels) + daemonSet.metadata.withNamespace(config.namespace),
      function() cronJob.new(name, '0 * * * *', containers) + cronJob.metadata.withNamespace(config.namespace),
    ][kind](),
    service: service.new(name, labels, [servicePort.newNamed('http', 80, 'http')]) + service.metadata.withNamespace(config.namespace),
    configMap: configMap.new(name, { region: config.region, team: config.team }) + configMap.metadata.withNamespace(config.namespace),
    serviceAccount: serviceAccount.new(name) + serviceAccount.metadata.withNamespace(config.namespace),
    autoscaler:
      autoscaler.new(name)
      + autoscaler.metadata.withNamespace(config.namespace)
      + autoscaler.spec.withMaxReplicas(config.replicas * 4)
      + autoscaler.spec.scaleTargetRef.withKind('Deployment')
      + autoscaler.spec.scaleTargetRef.withName(name),
  },
}
`

// siteLibrary is the configuration that the environments share.
const siteLibrary = `{
  registry: 'registry.example.com',
  version: '1.0.0',
  region: 'eu-west-1',
  logLevel: 'info',
  replicas: 2,
  memory: 128,
  team: 'platform',
  namespace: error 'namespace unset',
  labels: { 'app.kubernetes.io/part-of': $.namespace, 'app.kubernetes.io/managed-by': 'mop', 'app.kubernetes.io/version': $.version },
  settings: {
    server: { http_listen_port: 8080, grpc_listen_port: 9095, log_level: $.logLevel },
    storage: { bucket: 'data-' + $.namespace, region: $.region, retention_days: 30 },
    limits: { ingestion_rate_mb: 4 * $.replicas, max_streams: 10000 },
  },
}
`

// appsLibrary makes the objects of n applications. All environments use it.
const appsLibrary = `local app = import 'app.libsonnet';
local k = import 'k.libsonnet';

function(config, n, plain) {
  ['app%d' % i]: if plain then app.plain('app-%d' % i, config, i % 4) else app.new('app-%d' % i, config, { shard: i % 13 }) {
    deployment+: k.apps.v1.deployment.spec.withReplicas(config.replicas + i % 3)
      + k.apps.v1.deployment.spec.template.spec.withTolerationsMixin([{ key: 'pool', operator: 'Equal', value: 'p%d' % (i % 4) }]),
    service+: k.core.v1.service.metadata.withAnnotationsMixin({ 'example.com/index': '%d' % i }),
  }
  for i in std.range(0, n - 1)
}
`

// environment returns the text of the entrypoint of the environment with number i.
func environment(i, objects int, plain bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, `local apps = import 'apps.libsonnet';
local site = import 'site.libsonnet';
local k = import 'k.libsonnet';

local config = site {
  namespace: 'team-%[1]d',
  team: 'team %[1]d',
  version: '1.%[2]d.%[3]d',
  replicas: %[4]d,
  settings+: { limits+: { max_streams: %[5]d } },
};

apps(config, %[6]d, plain=%[7]t) {
  namespace: k.core.v1.namespace.new(config.namespace) + k.core.v1.namespace.metadata.withLabels(config.labels),
  app0+: { deployment+: k.apps.v1.deployment.spec.withMinReadySeconds(%[1]d) },
`, i, i%7, i%11, 1+i%5, 1000*(1+i%9), (objects-1)/5, plain)
	for n := range (objects - 1) % 5 {
		fmt.Fprintf(&b, "\n  extra%[1]d: k.core.v1.configMap.new('extra-%[1]d', { n: '%[1]d' }),\n", n)
	}
	return b.String() + "}\n"
}

// mixins generates n different libraries of alerts, rules and dashboards, each of several
// files, and returns their entrypoints.
func (b *bench) mixins(n int) (dir string, entrypoints []string, err error) {
	dir = filepath.Join(b.dir, "mixins")
	files := map[string]string{"lib/dashboard.libsonnet": dashboardLibrary}
	for i := range n {
		g := mixin{rand.New(rand.NewPCG(uint64(i), 0)), fmt.Sprintf("mixin%02d", i)}
		for name, text := range g.files() {
			files[filepath.Join(g.name, name)] = text
		}
		entrypoints = append(entrypoints, filepath.Join(dir, g.name, "main.jsonnet"))
	}
	return dir, entrypoints, writeFiles(dir, files)
}

const dashboardLibrary = `{
  dashboard:: {
    new(title, uid, tags=[]): {
      title: title, uid: uid, tags: tags, schemaVersion: 36, rows: [],
      templating: { list: [] }, time: { from: 'now-1h', to: 'now' },
      addRow(row):: self { rows+: [row] },
      addTemplate(t):: self { templating+: { list+: [t] } },
    },
  },
  row:: {
    new(title): { title: title, panels: [], addPanel(p):: self { panels+: [p] } },
  },
  panel:: {
    new(title, unit='short'): {
      title: title, type: 'timeseries', targets: [],
      fieldConfig: { defaults: { unit: unit, custom: { fillOpacity: 10, lineWidth: 1 } }, overrides: [] },
      addTarget(t):: self { targets+: [t] },
    },
  },
  target:: {
    new(expr, legend=''): { expr: expr, legendFormat: legend, intervalFactor: 2 },
  },
}
`

// mixin generates one library.
type mixin struct {
	*rand.Rand
	name string
}

func (g mixin) files() map[string]string {
	files := map[string]string{
		"main.jsonnet": `local mixin = import 'mixin.libsonnet';
local withConfig = mixin { _config+:: { selector: 'job="own"', cluster: true } };
{
  alerts: withConfig.prometheusAlerts,
  rules: withConfig.prometheusRules,
  dashboards: { [name]: withConfig.grafanaDashboards[name] for name in std.objectFields(withConfig.grafanaDashboards) },
  text: std.manifestYamlDoc(withConfig.prometheusAlerts),
}
`,
		"config.libsonnet": "{\n  _config+:: {\n    selector: 'job=\"" + g.name + "\"', cluster: false, dashboardTags: ['" + g.name +
			"'],\n    clusterLabel: 'cluster', window: '5m',\n    by(labels):: std.join(', ', (if self.cluster then [self.clusterLabel] else []) + labels),\n  },\n}\n",
		"alerts/alerts.libsonnet": g.alerts(40 + g.IntN(120)),
		"rules/rules.libsonnet":   g.rules(30 + g.IntN(100)),
	}
	parts := "(import 'config.libsonnet') + (import 'alerts/alerts.libsonnet') + (import 'rules/rules.libsonnet')"
	for i := range 2 + g.IntN(6) {
		name := fmt.Sprintf("dashboards/d%d.libsonnet", i)
		files[name] = g.dashboard(i, 3+g.IntN(6))
		parts += "\n+ (import '" + name + "')"
	}
	files["mixin.libsonnet"] = parts + "\n"
	return files
}

func (g mixin) metric() string {
	return fmt.Sprintf("%s_%s_%s", g.name, []string{"request", "queue", "cache", "disk", "node", "pod"}[g.IntN(6)],
		[]string{"total", "seconds_bucket", "bytes", "errors_total", "size"}[g.IntN(5)])
}

func (g mixin) alerts(n int) string {
	var b strings.Builder
	b.WriteString("{\n  prometheusAlerts+:: {\n    groups+: [\n")
	for i := 0; i < n; {
		fmt.Fprintf(&b, "      {\n        name: '%s.group%d',\n        rules: [\n", g.name, i)
		for range 3 + g.IntN(8) {
			fmt.Fprintf(&b, `          {
            alert: '%[1]sAlert%[2]d',
            expr: |||
              sum by (%%(by)s) (
                rate(%[3]s{%%(selector)s,code=~"5.."}[%%(window)s])
              )
              /
              sum by (%%(by)s) (
                rate(%[4]s{%%(selector)s}[%%(window)s])
              ) > %.2[5]f
            ||| %% ($._config { by: $._config.by(['namespace', 'job']) }),
            'for': '%[6]dm',
            labels: { severity: '%[7]s' },
            annotations: {
              summary: 'Too many errors of %[1]s.',
              description: '{{ $labels.job }} has {{ printf "%%.2f" $value }} errors: ' + |||
                look at the dashboard of %[1]s, alert %[2]d.
              |||,
            },
          },
`, g.name, i, g.metric(), g.metric(), g.Float64(), 5+g.IntN(30), []string{"critical", "warning", "info"}[g.IntN(3)])
			i++
		}
		b.WriteString("        ],\n      },\n")
	}
	return b.String() + "    ],\n  },\n}\n"
}

func (g mixin) rules(n int) string {
	var b strings.Builder
	b.WriteString("local rule(name, expr, labels={}) = { record: name, expr: expr, [if labels != {} then 'labels']: labels };\n\n")
	b.WriteString("{\n  prometheusRules+:: {\n    groups+: [{\n      name: '" + g.name + ".rules',\n      rules: [\n")
	for i := range n {
		switch g.IntN(3) {
		case 0:
			fmt.Fprintf(&b, "        rule('%s:%d', 'histogram_quantile(0.%d, sum by (le, %%s) (rate(%s{%%s}[5m])))' %% [$._config.by(['job']), $._config.selector]),\n", g.metric(), i, 50+g.IntN(49), g.metric())
		case 1:
			fmt.Fprintf(&b, "        rule('%s:%d', 'sum(' + '%s' + '{' + $._config.selector + '})', { level: '%d' }),\n", g.metric(), i, g.metric(), g.IntN(9))
		default:
			fmt.Fprintf(&b, "        { record: '%s:%d', expr: 'avg without (instance) (%s{%%(selector)s})' %% $._config },\n", g.metric(), i, g.metric())
		}
	}
	return b.String() + "      ],\n    }],\n  },\n}\n"
}

func (g mixin) dashboard(number, rows int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `local g = import 'dashboard.libsonnet';
local dashboard = g.dashboard, row = g.row, panel = g.panel, target = g.target;

{
  grafanaDashboards+:: {
    '%[1]s-%[2]d.json':
      local selector = $._config.selector;
      dashboard.new('%[1]s / %[2]d', std.md5('%[1]s-%[2]d.json'), $._config.dashboardTags)
      .addTemplate({ name: 'datasource', type: 'datasource', query: 'prometheus' })
      .addTemplate({ name: 'cluster', type: 'query', query: 'label_values(up{%%s}, %%s)' %% [selector, $._config.clusterLabel] })
`, g.name, number)
	for r := range rows {
		fmt.Fprintf(&b, "      .addRow(\n        row.new('row %d')\n", r)
		for p := range 2 + g.IntN(4) {
			fmt.Fprintf(&b, "        .addPanel(\n          panel.new('panel %d.%d', '%s')\n", r, p, []string{"short", "s", "bytes", "percentunit"}[g.IntN(4)])
			for range 1 + g.IntN(3) {
				fmt.Fprintf(&b, "          .addTarget(target.new('sum by (%%s) (rate(%s{%%s}[$__rate_interval]))' %% [$._config.by(['%s']), selector], '{{ %s }}'))\n",
					g.metric(), []string{"pod", "job", "namespace"}[g.IntN(3)], []string{"pod", "job", "namespace"}[g.IntN(3)])
			}
			b.WriteString("        )\n")
		}
		b.WriteString("      )\n")
	}
	return b.String() + "      { refresh: '10s' },\n  },\n}\n"
}
