// This module names no Kubernetes release: the module of a release, such as
// 1.37, is the main module and does. Here nothing is built or tidied.
module github.com/mop-platform/mop/apiserver

go 1.22
