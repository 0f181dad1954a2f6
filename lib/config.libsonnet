// Every knob of the platform, for each environment. The shape that an environment must have is in
// environment.libsonnet.

local components = import 'components.libsonnet';

// RFC 1918: the addresses of private networks.
local privateCidrs = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

// size returns the resources of a container: its requests and its limits.
local size(cpu, memory, maxCpu, maxMemory) = {
  requests: { cpu: cpu, memory: memory },
  limits: { cpu: maxCpu, memory: maxMemory },
};

// base has the knobs that are equal in all environments.
local base = {
  components: {
    [name]: {
      // The annotations of the service account, which give its pods a cloud identity: on EKS
      // eks.amazonaws.com/role-arn, for access to S3 (Loki documentation, Configure storage), on
      // GKE iam.gke.io/gcp-service-account, on AKS azure.workload.identity/client-id.
      serviceAccountAnnotations: {},
    }
    for name in std.objectFields(components)
  } + {
    obi+: {
      // Whether OBI's pods use the network of their node. OBI needs it to observe the network and
      // to propagate trace contexts, but not to observe applications. On most networks its packets
      // then have the node's address, and policies see the node (Kubernetes documentation, Network
      // Policies, hostNetwork pods). So Alloy admits the nodes too.
      hostNetwork: false,
    },
    alloy+: {
      // Whether Alloy may read the Prometheus operator's resources, for its prometheus.operator
      // components. The permission does no harm if the operator is not installed.
      prometheusOperator: true,
    },
    loki+: {
      // Whether a sidecar loads rules from ConfigMaps. It needs access to the API. The pod must
      // mount the token by automountServiceAccountToken, as the service account does not mount it.
      sidecar: false,
    },
    grafana+: {
      // Whether a sidecar loads dashboards and data sources from ConfigMaps, as for Loki.
      sidecar: false,
    },
  },

  // The peers outside the namespace. Policies select pods by label and others by CIDR. Make CIDRs
  // as narrow as the cluster's network allows. A CIDR list that a policy needs must not be empty.
  network: {
    // The API server. It runs on the nodes or outside the cluster, so no selector selects it.
    apiServerCidrs: ['0.0.0.0/0'],
    // The nodes: their kubelets, and pods with host networking. The range of RFC 6598 is added to
    // the private ranges, because clouds give its addresses to nodes too.
    nodeCidrs: privateCidrs + ['100.64.0.0/10'],
    // Name servers besides the kube-dns pods: the usual address of NodeLocal DNSCache. Set
    // 169.254.169.254/32 for Cloud DNS (GKE), 169.254.10.10/32 and .11/32 for LocalDNS (AKS). May
    // be empty.
    nodeLocalDnsCidrs: ['169.254.20.10/32'],
    // The object storage, if storage.backend is s3. It has no fixed address; give the CIDRs of its
    // private endpoint if it has one.
    objectStorageCidrs: ['0.0.0.0/0'],
    // The database (PostgreSQL) of Grafana, if Grafana has several replicas.
    databaseCidrs: privateCidrs,
    databasePort: 5432,
    // The namespace of the ingress controller, through which users reach Grafana.
    ingressNamespace: 'ingress-nginx',
    // The ports that Alloy may scrape on the pods of all namespaces: 'all', or a list of ports.
    scrapePorts: 'all',
  },
};

{
  // version is the version of MOP itself.
  version: '0.1.0',

  // components has the values that are equal in all environments.
  components: components,

  // environments has the values of each environment:
  //
  //   name                   its name, which is a part of the names of cluster-scoped objects
  //   namespace              the namespace that all six components share
  //   platform               where the cluster runs: gke, eks, aks, or local (kind, k3s)
  //   replicationFactor      how many replicas of Tempo, Mimir and Loki keep each piece of data
  //   storage.backend        where these three keep blocks and chunks: filesystem, or s3
  //   storage.class          the StorageClass of all volumes
  //   storage.reclaimPolicy  what happens to a volume whose claim is deleted: Delete, or Retain
  //
  // and of each component:
  //
  //   replicas    the number of pods; OBI has one on each node. Several of Grafana share a database
  //   retention   how long data is kept, in hours, the unit that all three databases read
  //   volumeSize  the size of each replica's volume; none if Grafana uses a shared database
  //   resources   the requests and limits of the container; limits.cpu may be left out
  environments: {
    // For up to 50k series, 5 GB of logs a day and 1 MB of traces a second.
    dev: base + {
      name: 'dev',
      namespace: 'observability-dev',
      platform: 'local',
      replicationFactor: 1,
      // The backend filesystem supports a single replica.
      storage: { backend: 'filesystem', class: 'mop-standard', reclaimPolicy: 'Delete' },
      components+: {
        obi+: {
          resources: size(cpu='50m', memory='128Mi', maxCpu='200m', maxMemory='256Mi'),
        },
        alloy+: {
          replicas: 1,
          resources: size(cpu='100m', memory='256Mi', maxCpu='500m', maxMemory='512Mi'),
        },
        tempo+: {
          replicas: 1,
          retention: '48h',
          volumeSize: '10Gi',
          resources: size(cpu='100m', memory='512Mi', maxCpu='1', maxMemory='2Gi'),
        },
        mimir+: {
          replicas: 1,
          retention: '168h',
          volumeSize: '20Gi',
          resources: size(cpu='200m', memory='1Gi', maxCpu='1', maxMemory='3Gi'),
        },
        loki+: {
          replicas: 1,
          retention: '168h',
          volumeSize: '20Gi',
          resources: size(cpu='100m', memory='512Mi', maxCpu='1', maxMemory='2Gi'),
        },
        grafana+: {
          replicas: 1,
          volumeSize: '5Gi',
          resources: size(cpu='50m', memory='256Mi', maxCpu='500m', maxMemory='512Mi'),
        },
      },
    },

    // For about 250k series, 20 GB of logs a day and 3 MB of traces a second.
    staging: base + {
      name: 'staging',
      namespace: 'observability-staging',
      platform: 'eks',
      // Three copies on three replicas. A write needs two of three copies: with two replicas, the
      // loss of one would stop all writes.
      replicationFactor: 3,
      storage: { backend: 's3', class: 'mop-standard', reclaimPolicy: 'Delete' },
      components+: {
        obi+: {
          resources: size(cpu='100m', memory='128Mi', maxCpu='500m', maxMemory='512Mi'),
        },
        alloy+: {
          replicas: 2,
          resources: size(cpu='500m', memory='1Gi', maxCpu='2', maxMemory='2Gi'),
        },
        tempo+: {
          replicas: 3,
          retention: '168h',
          volumeSize: '20Gi',
          resources: size(cpu='500m', memory='2Gi', maxCpu='2', maxMemory='4Gi'),
        },
        mimir+: {
          replicas: 3,
          retention: '720h',
          volumeSize: '50Gi',
          resources: size(cpu='1', memory='4Gi', maxCpu='4', maxMemory='8Gi'),
        },
        loki+: {
          replicas: 3,
          retention: '336h',
          volumeSize: '30Gi',
          resources: size(cpu='500m', memory='2Gi', maxCpu='2', maxMemory='4Gi'),
        },
        grafana+: {
          replicas: 2,
          resources: size(cpu='100m', memory='256Mi', maxCpu='500m', maxMemory='512Mi'),
        },
      },
    },

    // For about 1M series, 100 GB of logs a day and 10 MB of traces a second.
    production: base + {
      name: 'production',
      namespace: 'observability',
      platform: 'eks',
      replicationFactor: 3,
      storage: { backend: 's3', class: 'mop-fast-ssd', reclaimPolicy: 'Retain' },
      components+: {
        obi+: {
          resources: size(cpu='100m', memory='256Mi', maxCpu='1', maxMemory='1Gi'),
        },
        // One million series take about 11 GiB, shared by the replicas (Alloy documentation,
        // Estimate resource usage).
        alloy+: {
          replicas: 3,
          resources: size(cpu='1', memory='4Gi', maxCpu='4', maxMemory='8Gi'),
        },
        tempo+: {
          replicas: 3,
          retention: '720h',
          volumeSize: '50Gi',
          resources: size(cpu='2', memory='4Gi', maxCpu='4', maxMemory='12Gi'),
        },
        // Three copies of one million series: about 16 CPU and 34 GB for all replicas, and half as
        // much memory again to spare (Mimir documentation, Planning capacity).
        mimir+: {
          replicas: 3,
          retention: '8760h',
          volumeSize: '150Gi',
          resources: size(cpu='4', memory='12Gi', maxCpu='8', maxMemory='20Gi'),
        },
        loki+: {
          replicas: 3,
          retention: '720h',
          volumeSize: '50Gi',
          resources: size(cpu='2', memory='4Gi', maxCpu='4', maxMemory='8Gi'),
        },
        grafana+: {
          replicas: 3,
          resources: size(cpu='500m', memory='512Mi', maxCpu='1', maxMemory='1Gi'),
        },
      },
    },
  },
}
