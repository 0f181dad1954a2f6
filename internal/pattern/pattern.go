// Package pattern compiles regular expressions where they are used first. Most runs
// of a command use few of those that its packages have, and compiling all of them
// is a part of its start that can be felt.
package pattern

import (
	"regexp"
	"sync"
)

// New returns what compiles text once, and panics there if it is no regular
// expression. It is for package variables, and safe for concurrent use.
func New(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
