package message

import (
	"fmt"
	"strings"
)

// mostAlternatives is how many values a message lists.
const mostAlternatives = 50

// Alternatives returns values in quotes for a message: "a", "b" or "c". Of many values it
// names the first and counts the others.
func Alternatives(values []string) string {
	others := len(values) - mostAlternatives
	quoted := make([]string, min(len(values), mostAlternatives))
	for i := range quoted {
		quoted[i] = Quote(values[i])
	}
	if others > 0 {
		return fmt.Sprintf("%s or %s others", strings.Join(quoted, ", "), Count(others))
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
