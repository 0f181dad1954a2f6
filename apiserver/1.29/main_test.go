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

func TestBases(t *testing.T) {
	apiservertest.Bases(t, release(), "1.29")
}

// The verdicts are beside the repository, if at all.
func TestCorpus(t *testing.T) {
	apiservertest.Corpus(t, release(), "../../../shared/corpus/apiserver-1.29-verdicts.jsonl")
}
