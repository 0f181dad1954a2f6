package workspace

import (
	"context"
	"strings"
)

// Begin returns the directories of environments that begin with text, or their parts from
// the first path element on at which text matches. A broken spec.json does not hide the
// other environments.
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
