package main

import (
	_ "embed"
	"testing"

	"github.com/mop-platform/mop/apiserver/apiservertest"
)

//go:embed testdata/kinds.txt
var kinds string

func TestRelease(t *testing.T) {
	apiservertest.Run(t, release(), kinds)
}

// The release has two rules that earlier ones lack: restartPolicy Never forbids a
// resizePolicy that restarts, and a scaleTargetRef must name a group.
func TestBases(t *testing.T) {
	apiservertest.Bases(t, release(), "1.37", "Job manual-", "HorizontalPodAutoscaler hpa2")
}
