// The functions that make Kubernetes objects, for the project's version of Kubernetes. Libraries of
// others import this file by its name, k.libsonnet.

import 'github.com/jsonnet-libs/k8s-libsonnet/1.29/main.libsonnet'
