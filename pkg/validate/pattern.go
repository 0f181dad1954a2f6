package validate

import (
	"regexp"
	"sync"
)

// pattern returns a function that returns a regular expression. It is compiled by the
// first call: to compile all of them takes longer than most commands have use for.
func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
