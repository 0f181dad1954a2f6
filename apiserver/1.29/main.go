// Command mop-apiserver-1.29 gives the verdict of the kube-apiserver of Kubernetes
// 1.29 on manifests: see package command.
package main

import "github.com/mop-platform/mop/apiserver/command"

func main() {
	command.Main(release())
}
