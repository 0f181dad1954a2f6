package main

import (
	"embed"
	"strings"

	"github.com/mop-platform/mop/internal/release"
)

//go:embed help
var helpTexts embed.FS

// help returns the long help of a command from help/NAME.txt. It replaces <default> and
// <other> by releases of Kubernetes, and <exact> by the names of the programs for --exact.
func help(name string) string {
	// The test of all help texts finds a missing file.
	data, _ := helpTexts.ReadFile("help/" + name + ".txt")
	text := strings.TrimSuffix(string(data), "\n")
	if !strings.Contains(text, "<default>") && !strings.Contains(text, "<other>") {
		return text
	}
	var programs []string
	for _, minor := range release.Exact() {
		programs = append(programs, "mop-apiserver-"+minor.String())
	}
	other := (release.Oldest + release.Newest) / 2
	return strings.NewReplacer("<default>", release.Default.String(), "<other>", other.String(), "<exact>", strings.Join(programs, " and ")).Replace(text)
}
