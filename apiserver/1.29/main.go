// Command mop-apiserver-1.29 writes the verdicts of the kube-apiserver of Kubernetes 1.29
// on manifests: see package command.
package main

import "github.com/mop-platform/mop/apiserver/command"

func main() {
	command.Main(release())
}
