package workspace

import (
	"context"
	"strings"
)

// Begin returns the names of environments, whole or from an element on, that begin with
// text. A broken spec.json does not hide the other environments.
func (s *State) Begin(ctx context.Context, text string) []string {
	found, _ := s.Project.Environments(ctx, ".")
	var names []string
	for _, env := range found {
		for name, more := env.Dir, true; more; _, name, more = strings.Cut(name, "/") {
			if strings.HasPrefix(name, text) {
				names = append(names, name)
				break
			}
		}
	}
	return names
}
