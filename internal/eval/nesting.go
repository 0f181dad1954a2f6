package eval

import (
	"path"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// checkNesting returns an error if a Jsonnet file, judged by its name, is nested too deeply
// for an engine's parser.
func checkNesting(name string, text []byte) error {
	switch path.Ext(name) {
	case ".jsonnet", ".libsonnet", ".json":
		return jsonnet.CheckNesting(name, string(text))
	}
	return nil
}
