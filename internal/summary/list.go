package summary

import (
	"bytes"
	"fmt"
	"text/tabwriter"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/render"
)

// JSON returns the resources of environments as an array.
func JSON(envs []render.Environment) []byte {
	texts := make([][]byte, len(envs))
	for i, env := range envs {
		texts[i] = env.JSON()
	}
	return fmt.Appendf(nil, "[%s]\n", bytes.Join(texts, []byte(",")))
}

// Names returns the names of environments, each on a line.
func Names(envs []render.Environment) []byte {
	var b bytes.Buffer
	for _, env := range envs {
		fmt.Fprintln(&b, message.Cell(env.Name()))
	}
	return b.Bytes()
}

// Table returns the names, namespaces and servers of environments, in the layout of tk env
// list.
func Table(envs []render.Environment) []byte {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 4, ' ', 0)
	fmt.Fprint(w, "NAME\tNAMESPACE\tSERVER\t\n")
	for _, env := range envs {
		fmt.Fprintf(w, "%s\t%s\t%s\t\n", message.Cell(env.Name()), message.Cell(env.Namespace()), message.Cell(env.Resource.Spec.APIServer))
	}
	// A bytes.Buffer takes everything.
	_ = w.Flush()
	return b.Bytes()
}
