// The table of all connections. The policies of both sides of a connection come from it.

local components = import 'components.libsonnet';

local tcp(ports) = [{ port: port, protocol: 'TCP' } for port in ports];
local udp(ports) = [{ port: port, protocol: 'UDP' } for port in ports];

local dns = 53;
local https = 443;
// The Service kubernetes translates 443 to the port on which the server itself listens: 6443 on
// kubeadm, kind and k3s. On some networks policies see the former, on others the latter.
local apiServer = [443, 6443];
local kubelet = 10250;

local ports = { [name]: components[name].ports for name in std.objectFields(components) };

{
  // of returns the flows of an environment, as an array of { from, to, ports }: each component or
  // outside peer in from may open connections to the peer named to, on any of ports, which are
  // NetworkPolicyPorts. peers.libsonnet has the peers. config is the environment's configuration.
  of(config):
    local network = config.network;
    local hostNetwork = config.components.obi.hostNetwork;
    local replicated(name) = config.components[name].replicas > 1;
    local usesS3 = config.storage.backend == 's3';
    local sidecars = [name for name in ['loki', 'grafana'] if config.components[name].sidecar];

    // A flow with when: false is left out.
    local table = [
      // Alloy receives telemetry from OBI, and from applications that are instrumented themselves.
      {
        from: ['obi', 'pods'] + (if hostNetwork then ['nodes'] else []),
        to: 'alloy',
        ports: tcp([ports.alloy.otlpGrpc, ports.alloy.otlpHttp]),
      },

      // Alloy passes telemetry on, Grafana queries it, and Alloy scrapes all http ports. Tempo
      // derives metrics from traces.
      { from: ['alloy'], to: 'tempo', ports: tcp([ports.tempo.otlpGrpc]) },
      { from: ['alloy', 'grafana'], to: 'tempo', ports: tcp([ports.tempo.http]) },
      { from: ['alloy', 'grafana', 'tempo'], to: 'mimir', ports: tcp([ports.mimir.http]) },
      { from: ['alloy', 'grafana'], to: 'loki', ports: tcp([ports.loki.http]) },
      { from: ['alloy', 'ingressController'], to: 'grafana', ports: tcp([ports.grafana.http]) },
      { from: ['alloy'], to: 'obi', ports: tcp([ports.obi.metrics]) },

      // Alloy scrapes the cluster.
      {
        from: ['alloy'],
        to: 'pods',
        ports: if network.scrapePorts == 'all'
        then [{ protocol: 'TCP' }]
        else tcp(network.scrapePorts),
      },
      {
        from: ['alloy'],
        to: 'nodes',
        ports: tcp([kubelet] + (if hostNetwork then [ports.obi.metrics] else [])),
      },

      // Replicas find each other. The databases gossip over TCP alone (dskit, memberlist
      // TCPTransport); Grafana's alerting uses both (Grafana documentation, Alerting high
      // availability).
      {
        from: ['alloy'],
        to: 'alloy',
        ports: tcp([ports.alloy.http]),
        when: replicated('alloy'),
      },
      {
        from: ['grafana'],
        to: 'grafana',
        ports: tcp([ports.grafana.gossip]) + udp([ports.grafana.gossip]),
        when: replicated('grafana'),
      },
    ] + [
      {
        from: [name],
        to: name,
        ports: tcp([ports[name].gossip, ports[name].grpc]),
        when: replicated(name),
      }
      for name in ['tempo', 'mimir', 'loki']
    ] + [
      // All need DNS, and some need peers outside the cluster.
      {
        from: std.objectFields(components),
        to: 'clusterDns',
        ports: udp([dns]) + tcp([dns]),
      },
      { from: ['obi', 'alloy'] + sidecars, to: 'apiServer', ports: tcp(apiServer) },
      { from: ['tempo', 'mimir', 'loki'], to: 'objectStorage', ports: tcp([https]), when: usesS3 },
      // The replicas of Grafana share a database.
      {
        from: ['grafana'],
        to: 'database',
        ports: tcp([network.databasePort]),
        when: replicated('grafana'),
      },
    ];
    [flow for flow in table if std.get(flow, 'when', true)],
}
