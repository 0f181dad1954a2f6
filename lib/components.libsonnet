// The six components, with the values that are equal in every environment.
//
//   version         the version, which is also the tag of the image
//   role            what the component is for: the label app.kubernetes.io/component
//   serviceAccount  the service account of its pods
//   ports           the ports that its pods listen on: policies match these, not a Service's

{
  // OpenTelemetry eBPF Instrumentation, one pod on each node.
  // Not otel/opentelemetry-ebpf, which is another project.
  obi: {
    version: 'v1.0.0',
    image: 'ghcr.io/open-telemetry/opentelemetry-ebpf-instrumentation/ebpf-instrument:'
           + self.version,
    role: 'collector',
    serviceAccount: 'obi-collector',
    // Off unless OBI is configured with prometheus_export.port; its Helm chart sets 9090.
    ports: { metrics: 9090 },
  },

  alloy: {
    version: 'v1.18.1',
    image: 'docker.io/grafana/alloy:' + self.version,
    role: 'collector',
    serviceAccount: 'alloy',
    // The replicas of a cluster also gossip over http.
    ports: { http: 12345, otlpGrpc: 4317, otlpHttp: 4318 },
  },

  // Not 3: its replicas share work only through Kafka, and without Kafka it supports a single
  // replica. 2.10 scales without Kafka, and is maintained until April 2027
  // (Tempo documentation, Deployment modes and Recommended versions).
  tempo: {
    version: '2.10.8',
    image: 'docker.io/grafana/tempo:' + self.version,
    role: 'tracing',
    serviceAccount: 'tempo',
    ports: { http: 3200, grpc: 9095, gossip: 7946, otlpGrpc: 4317 },
  },

  mimir: {
    version: '3.2.1',
    image: 'docker.io/grafana/mimir:' + self.version,
    role: 'metrics',
    serviceAccount: 'mimir',
    // 8080 is the default of the binary; demos and old documentation say 9009.
    ports: { http: 8080, grpc: 9095, gossip: 7946 },
  },

  loki: {
    version: '3.7.6',
    image: 'docker.io/grafana/loki:' + self.version,
    role: 'logging',
    serviceAccount: 'loki',
    ports: { http: 3100, grpc: 9095, gossip: 7946 },
  },

  grafana: {
    version: '13.2.0',
    image: 'docker.io/grafana/grafana:' + self.version,
    role: 'visualization',
    serviceAccount: 'grafana',
    // Over gossip, replicas tell each other which alerts they have sent.
    ports: { http: 3000, gossip: 9094 },
  },
}
