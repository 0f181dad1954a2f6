package main

import (
	"strings"

	"github.com/mop-platform/mop/pkg/release"
)

// releasesDoc is a help text that names releases of Kubernetes: <default>, <other> and
// the programs for the <exact> ones.
type releasesDoc string

func (d releasesDoc) String() string {
	var programs []string
	for _, minor := range release.Exact() {
		programs = append(programs, "mop-apiserver-"+minor.String())
	}
	other := (release.Oldest + release.Newest) / 2
	return strings.NewReplacer("<default>", release.Default.String(), "<other>", other.String(), "<exact>", strings.Join(programs, " and ")).Replace(string(d))
}
