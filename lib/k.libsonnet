// The functions that make Kubernetes objects, for the version of Kubernetes that the project works
// with. Libraries of others import this file by its name, k.libsonnet.

import 'github.com/jsonnet-libs/k8s-libsonnet/1.29/main.libsonnet'
