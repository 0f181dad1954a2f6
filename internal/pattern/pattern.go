// Package pattern compiles a regular expression when it is first used. Most runs of a
// command use few of the expressions of its packages, and compiling all of them would
// noticeably delay its start.
package pattern

import (
	"regexp"
	"sync"
)

// New returns a function for a package variable. Its first call compiles text, and panics
// if text is no regular expression. The function is safe for concurrent use.
func New(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
