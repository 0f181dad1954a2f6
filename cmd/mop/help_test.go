package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The script help.txtar pins the help of every command.
func TestHelpIsPinned(t *testing.T) {
	script, err := os.ReadFile("testdata/script/help.txtar")
	require.NoError(t, err)
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		name := cmd.CommandPath()
		file := strings.ReplaceAll(name, " ", "_")
		assert.Contains(t, string(script), "\n"+name+" --help\ncmp stdout "+file+"\n")
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(newRootCommand(&app{}))
}
