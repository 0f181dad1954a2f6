// Package version has the versions of the running program and of its parts.
package version

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/google/go-jsonnet"

	"github.com/mop-platform/mop/internal/budget"
)

// Versions are the versions of mop and of its parts.
type Versions struct {
	Mop       string `json:"mop"`
	GoJsonnet string `json:"goJsonnet"`
	Go        string `json:"go"`
	// Memory is the default of --max-memory.
	Memory *Memory `json:"memory,omitempty"`
}

// Memory is the memory that a command may hold.
type Memory struct {
	// Limit is in bytes, 0 for none.
	Limit uint64 `json:"limit"`
	// By says what sets the limit.
	By string `json:"by"`
}

// Read returns the versions of the running program.
func Read() Versions {
	v := Versions{Mop: "(devel)", GoJsonnet: jsonnet.Version(), Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v.Mop = info.Main.Version
	}
	return v
}

// String returns a line for each.
func (v Versions) String() string {
	s := fmt.Sprintf("mop %s\ngo-jsonnet %s\ngo %s\n", v.Mop, v.GoJsonnet, v.Go)
	if m := v.Memory; m != nil && m.Limit > 0 {
		s += fmt.Sprintf("memory %s, %s\n", budget.Bytes(m.Limit), m.By)
	} else if m != nil {
		s += "memory without a limit\n"
	}
	return s
}
